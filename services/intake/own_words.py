"""A record in a source's own words, brought to the canonical referral by its profile.

Judges only what the profile needs to know; whether the referral may be registered is
for the referral's own checks. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from services.intake import wordings
from services.intake.profiles import WORDS, SourceProfile
from services.intake.refusals import FieldProblem, shown
from shared.events.intake import Side
from shared.region import Region

_YES_OR_NO = frozenset({"willing", "minor", "organisation"})
_BY_ORDER = frozenset({"contact", "identity"})


@dataclass
class Told:
    """What a record says in our terms, and what each thing was called there.

    `names` maps a path in `data` to the sender's own name for it. `returned` is the
    reason for which such a matter goes back to its sender.
    """

    data: dict[str, Any] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    returned: str | None = None
    problems: list[FieldProblem] = field(default_factory=list)


def told(record: Mapping[str, Any], profile: SourceProfile, region: Region) -> Told:
    """What a record says. Its faults are collected, not raised."""
    return _Reader(profile, region).read(record)


class _Reader:
    def __init__(self, profile: SourceProfile, region: Region) -> None:
        self._profile, self._region = profile, region
        self._found = Told()
        self._flags: list[str] = []
        self._parties: list[dict[str, Any]] = []
        self._cells: dict[Side, dict[str, tuple[str, Any]]] = {s: {} for s in Side}
        self._willing: bool | None = None

    def read(self, record: Mapping[str, Any]) -> Told:
        for own, value in record.items():
            if own not in self._profile.known:
                self._problem(shown(own), "unknown-column")
            elif own in self._profile.columns and not _is_empty(value):
                self._take(own, self._profile.columns[own], value)
        for side in Side:
            self._take_cells(side)
        self._finish()
        return self._found

    def _finish(self) -> None:
        found = self._found
        if self._willing is not None:
            for party in self._parties:
                party.setdefault("willing", self._willing)
        found.data["parties"] = self._parties
        found.data["flags"] = self._flags
        if found.returned and self._flags:
            self._problem(found.names["return"], "flagged-but-returned")
            found.returned = None

    def _take(self, own: str, target: str, value: Any) -> None:
        side, _, of_party = target.partition(".")
        if target in set(Side):
            self._take_list(own, Side(target), value)
        elif isinstance(value, dict | list):
            self._problem(own, "wrong-type", expected="string")
        elif target == WORDS:
            self._take_word(own, str(value).strip())
        elif target.startswith("flag="):
            if self._yes(own, value):
                self._flags.append(target.removeprefix("flag="))
        elif target == "willing":
            self._willing = self._yes(own, value)
        elif of_party:
            self._cells[Side(side)][of_party] = own, value
        else:
            self._say(target, own, self._worded(target, value))

    def _worded(self, target: str, value: Any) -> Any:
        match target:
            case "occurred_at":
                return wordings.time(value)
            case "amount":
                return wordings.money(value)
            case "place":
                return wordings.place(value, self._region)
            case "prior_failed":
                return wordings.bodies(value, self._region)
            case _:
                return _as_text(value)

    def _take_word(self, own: str, word: str) -> None:
        sayings = self._profile.sayings(own, word)
        if sayings is None:
            known = list(self._profile.words[own])
            self._problem(own, "unknown-word", known=known)
            return
        for what, value in sayings:
            if what == "flag":
                self._flags.append(value)
            elif what == "return":
                self._found.returned = value
                self._found.names["return"] = own
            else:
                self._say(what, own, value)

    def _take_list(self, own: str, side: Side, value: Any) -> None:
        """Parties as a list of objects in own words, or of plain names."""
        for number, entry in enumerate(value if isinstance(value, list) else [value]):
            name = f"{own}[{number + 1}]"
            told = entry if isinstance(entry, dict) else {"name": entry}
            party: dict[str, Any] = {"side": side}
            place = f"parties.{len(self._parties)}"
            self._found.names[place] = name
            for inner, what in told.items():
                field = self._profile.party.get(inner, inner)
                own_name = self._found.names[f"{place}.{field}"] = (
                    f"{name}.{shown(inner)}"
                )
                if not _is_empty(what):
                    party[field] = self._of_party(own_name, field, what)
            self._parties.append(party)

    def _take_cells(self, side: Side) -> None:
        """Parties in cells: several names in one, and what is told of each."""
        cells = self._cells[side]
        if "name" not in cells:
            for own, _ in cells.values():
                self._problem(own, "nobody-named")
            return
        own, told = cells.pop("name")
        names = wordings.several(told)
        self._check_shares(cells, len(names))
        for number, name in enumerate(names):
            place = f"parties.{len(self._parties)}"
            party: dict[str, Any] = {"side": side, "name": name}
            self._found.names[place] = self._found.names[f"{place}.name"] = own
            for about, (column, value) in cells.items():
                self._found.names[f"{place}.{about}"] = column
                each = self._share(about, value, number, len(names))
                if each is not None:
                    party[about] = self._of_party(column, about, each)
            self._parties.append(party)

    def _check_shares(self, cells: Mapping[str, tuple[str, Any]], count: int) -> None:
        for own, value in (cells[about] for about in _BY_ORDER & cells.keys()):
            if count > 1 and len(wordings.several(value)) > count:
                self._problem(own, "more-than-named", count=count)

    def _share(self, about: str, value: Any, number: int, count: int) -> Any:
        """What a cell says of one of the parties named together.

        Contacts and identity numbers go by order; a single one belongs to the first.
        """
        if count == 1 or about not in _BY_ORDER:
            return value
        each = wordings.several(value)
        return each[number] if number < len(each) else None

    def _of_party(self, own: str, field: str, value: Any) -> Any:
        return self._yes(own, value) if field in _YES_OR_NO else _as_text(value)

    def _yes(self, own: str, value: Any) -> bool | None:
        if isinstance(value, bool):
            return value
        meant = wordings.yes_or_no(value)
        if meant is None:
            self._problem(own, "neither-yes-nor-no")
        return meant

    def _say(self, field: str, own: str, value: Any) -> None:
        self._found.data[field] = value
        self._found.names[field] = own

    def _problem(self, own: str, reason: str, **facts: object) -> None:
        self._found.problems.append(FieldProblem(own, reason, facts))


def _is_empty(value: Any) -> bool:
    return (
        value is None or value == [] or (isinstance(value, str) and not value.strip())
    )


def _as_text(value: Any) -> Any:
    """Numbers as the text they stand for: many systems write numbers of things so."""
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return str(value) if is_number else value
