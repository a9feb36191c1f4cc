"""A profile per source: how its own forms say what a referral says, as data.

`profiles/<source>.toml` maps the names of columns or fields, and the words in them, to
the canonical referral. Nothing is read from a referral here.
"""

from __future__ import annotations

import tomllib
from functools import cache, cached_property
from importlib import resources
from typing import NamedTuple, Self

from pydantic import Field, model_validator

from services.intake.referral import PartyTold, Referral
from shared.events.base import Value
from shared.events.intake import Side
from shared.events.vocabulary import Flag, HandoffKind, Source

WORDS = "words"
_SAID = ("kind", "flag", "asked", "return")
_SCALARS = frozenset(Referral.model_fields) - {"sender", "source", "parties", "flags"}


class Saying(NamedTuple):
    """What a word says: of the kind, a flag, the handoff asked for, or a return."""

    what: str
    value: str


class SourceProfile(Value):
    """How one source names things.

    `columns` maps an own name to where it belongs: a field of the referral; `applicant`
    or `respondent` for a list of parties, `applicant.name` for a cell about them;
    `willing` for every party; `flag=…` for a yes or no; or `words`, if each word in it
    has a meaning of its own, given in `words`. `party` has the own names within a
    listed party. `ignored` may be there and is not read.
    """

    source: Source
    columns: dict[str, str]
    party: dict[str, str] = Field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    words: dict[str, dict[str, str]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        for own, target in self.columns.items():
            if not _is_target(target):
                raise ValueError(f"{own} leads to {target}, which is nothing")
            if target == WORDS and own not in self.words:
                raise ValueError(f"{own} has no words")
        for own, field in self.party.items():
            if field not in PartyTold.model_fields:
                raise ValueError(f"party field {own} leads to {field}")
        for own, words in self.words.items():
            for word in words:
                self.sayings(own, word)
        return self

    def sayings(self, own: str, word: str) -> list[Saying] | None:
        """What a word in this column says; None if the column does not know it."""
        if (said := self.words[own].get(word)) is None:
            return None
        return [_saying(part) for part in said.split()]

    def own_name(self, field: str) -> str | None:
        """What the source calls a field of the referral."""
        return self._own_names.get(field)

    @cached_property
    def _own_names(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for own, target in self.columns.items():
            names.setdefault(target, own)
        for own, words in self.words.items():
            for part in " ".join(words.values()).split():
                names.setdefault(_saying(part).what, own)
        return names

    @cached_property
    def known(self) -> frozenset[str]:
        """Every name that may stand over a column."""
        return self.ignored | self.columns.keys()


@cache
def profile_of(source: Source) -> SourceProfile:
    """The profile that is shipped for a source."""
    file = resources.files("services.intake") / "profiles" / f"{source}.toml"
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    return SourceProfile.model_validate({"source": source, **data})


def _is_target(target: str) -> bool:
    if target in _SCALARS or target in {WORDS, "willing", *Side}:
        return True
    if target.startswith("flag="):
        return target.removeprefix("flag=") in set(Flag)
    side, _, field = target.partition(".")
    return side in set(Side) and field in PartyTold.model_fields.keys() - {"side"}


def _saying(said: str) -> Saying:
    what, _, value = said.partition("=")
    if what not in _SAID or not value:
        raise ValueError(f"{said} says nothing")
    if what == "flag":
        return Saying(what, Flag(value))
    return Saying(what, HandoffKind(value) if what == "asked" else value)
