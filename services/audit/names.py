"""What bodies, kinds, places and rule rows are called in a region, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import NamedTuple, Protocol, Self

from services.audit.messages import Text
from shared.bodies import Words
from shared.divisions import Division
from shared.region import Region


class RuleWords(NamedTuple):
    """What rule rows say to people, by table and id.

    `rows` are the newest words of every row, `versions` those of each version.
    """

    rows: Mapping[tuple[str, str], Words] = {}
    versions: Mapping[str, Mapping[tuple[str, str], Words]] = {}


NO_RULES = RuleWords()


def no_rules() -> RuleWords:
    """Where nobody tells what rows say."""
    return NO_RULES


class Names(Protocol):
    """A code that nobody here knows is its own name; a row that is gone has no words."""

    def body(self, id: str) -> Text: ...
    def kind(self, code: str) -> Text: ...
    def place(self, code: str) -> Text: ...
    def row(self, table: str, id: str, version: str = "") -> Text | None: ...
    def has_rules(self, version: str) -> bool: ...
    def under(self, rules: RuleWords) -> Self: ...


class RegionNames:
    """The names in one region. Codes that have ended keep the names they had."""

    def __init__(self, region: Region, rules: RuleWords = NO_RULES) -> None:
        self._rules = rules
        bodies, kinds = region.bodies, region.kinds
        self._bodies = {i: Text(zh=b.name, en=b.name_en) for i, b in bodies.items()}
        self._kinds = {code: Text(zh=k.zh, en=k.en) for code, k in kinds.items()}
        self._divisions = {division.code: division for division in region.divisions}
        self._above = region.divisions.ancestors
        self._places: dict[str, Text] = {}

    def under(self, rules: RuleWords) -> Self:
        """The same names, with what the rows of these rules say."""
        found = copy(self)
        found._rules = rules
        return found

    def body(self, id: str) -> Text:
        return self._bodies.get(id) or Text(zh=id, en=id)

    def kind(self, code: str) -> Text:
        return self._kinds.get(code) or Text(zh=code, en=code)

    def place(self, code: str) -> Text:
        """From the county down, as addresses are written in each language."""
        if code not in self._divisions:
            return Text(zh=code, en=code)
        if code not in self._places:
            chain = self._divisions[code], *self._above(code)
            self._places[code] = _written(chain)
        return self._places[code]

    def row(self, table: str, id: str, version: str = "") -> Text | None:
        """As the rules of that version say it, else as the newest that have the row."""
        then = self._rules.versions.get(version, {})
        found = then.get((table, id)) or self._rules.rows.get((table, id))
        return Text(zh=found.zh, en=found.en) if found else None

    def has_rules(self, version: str) -> bool:
        """Whether it is known what the rows of that version said."""
        return version in self._rules.versions


def _written(chain: Sequence[Division]) -> Text:
    near = [d for d in chain if len(d.code) > 6 or not d.code.endswith("00")]
    shown = near or chain[:1]
    return Text(
        zh="".join(division.name for division in reversed(shown)),
        en=", ".join(division.name_en for division in shown),
    )
