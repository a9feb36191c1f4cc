"""What bodies, kinds, places and rule rows are called in a region, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from services.audit.messages import Text
from shared.bodies import Words
from shared.divisions import Division
from shared.region import Region


class RuleWords(NamedTuple):
    """What rule rows say to people, by table and id, and the rules that are in force."""

    version: str = ""
    rows: Mapping[tuple[str, str], Words] = {}


NO_RULES = RuleWords()


class Names(Protocol):
    """A code that nobody here knows is its own name; a row that is gone has no words.

    `rules` names the content of the rules that are in force.
    """

    rules: str

    def body(self, id: str) -> Text: ...
    def kind(self, code: str) -> Text: ...
    def place(self, code: str) -> Text: ...
    def row(self, table: str, id: str) -> Text | None: ...


class RegionNames:
    """The names in one region. Codes that have ended keep the names they had."""

    def __init__(self, region: Region, rules: RuleWords = NO_RULES) -> None:
        self.rules = rules.version.rpartition("@")[2]
        bodies, kinds, rows = region.bodies, region.kinds, rules.rows
        self._bodies = {i: Text(zh=b.name, en=b.name_en) for i, b in bodies.items()}
        self._kinds = {code: Text(zh=k.zh, en=k.en) for code, k in kinds.items()}
        self._rows = {id: Text(zh=row.zh, en=row.en) for id, row in rows.items()}
        self._divisions = {division.code: division for division in region.divisions}
        self._above = region.divisions.ancestors
        self._places: dict[str, Text] = {}

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

    def row(self, table: str, id: str) -> Text | None:
        return self._rows.get((table, id))


def _written(chain: Sequence[Division]) -> Text:
    near = [d for d in chain if len(d.code) > 6 or not d.code.endswith("00")]
    shown = near or chain[:1]
    return Text(
        zh="".join(division.name for division in reversed(shown)),
        en=", ".join(division.name_en for division in shown),
    )
