"""What a region calls its bodies, places and kinds; unknown ones keep their code."""

from __future__ import annotations

from services.notifications.messages import Text
from shared.region import Region


class RegionNames:
    """The names of a region in both languages."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._places = {d.code: d for d in region.divisions}
        self._bodies: dict[str, Text] = {}

    def body(self, id: str) -> Text:
        if not (known := self._bodies.get(id)):
            if not (found := self._region.bodies.get(id)):
                return _as_it_is(id)
            known = self._bodies[id] = Text(zh=found.name, en=found.name_en)
        return known

    def kind(self, code: str) -> Text:
        found = self._region.kinds.get(code)
        return Text(zh=found.zh, en=found.en) if found else _as_it_is(code)

    def place(self, code: str) -> Text:
        if not (found := self._places.get(code)):
            return _as_it_is(code)
        return Text(zh=f"{found.name}（{code}）", en=f"{found.name_en} ({code})")


def _as_it_is(code: str) -> Text:
    return Text(zh=code, en=code)
