"""What bodies, kinds and places are called in a region, in both languages."""

from __future__ import annotations

from typing import Protocol

from services.audit.messages import Text
from shared.region import Region


class Names(Protocol):
    """A code that nobody here knows is its own name."""

    def body(self, id: str) -> Text: ...
    def kind(self, code: str) -> Text: ...
    def place(self, code: str) -> Text: ...


class RegionNames:
    """The names in one region. Codes that have ended keep the names they had."""

    def __init__(self, region: Region) -> None:
        self._bodies, self._kinds = region.bodies, region.kinds
        self._above = region.divisions.ancestors
        self._places = {division.code: division for division in region.divisions}

    def body(self, id: str) -> Text:
        found = self._bodies.get(id)
        return Text(zh=found.name, en=found.name_en) if found else Text(zh=id, en=id)

    def kind(self, code: str) -> Text:
        found = self._kinds.get(code)
        return Text(zh=found.zh, en=found.en) if found else Text(zh=code, en=code)

    def place(self, code: str) -> Text:
        """From the county down, as addresses are written in each language."""
        if code not in self._places:
            return Text(zh=code, en=code)
        chain = [self._places[code], *self._above(code)]
        near = [d for d in chain if len(d.code) > 6 or not d.code.endswith("00")]
        shown = near or chain[:1]
        return Text(
            zh="".join(division.name for division in reversed(shown)),
            en=", ".join(division.name_en for division in shown),
        )
