"""Whether the places that a pack names lie in the region that it is for. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from services.routing.dmn import DmnRefusedError, Fault
from services.routing.dmn.columns import Column
from services.routing.dmn.extents import Extent, everything
from services.routing.packs.faults import PackFault, Wrong
from services.routing.packs.pack import Pack
from shared.region import Region

_DIGITS = {"county": 6, "township": 9}


def check_places(pack: Pack, region: Region) -> None:
    """Raises `DmnRefusedError` for rows that are for places outside."""
    codes = [division.code for division in region.divisions]
    if faults := [*_faults(pack, codes)]:
        raise DmnRefusedError(*faults)


def _faults(pack: Pack, codes: list[str]) -> Iterator[Fault]:
    for table in pack.tables.values():
        for number, column in enumerate(table.columns):
            if (digits := _DIGITS.get(column.text)) is None:
                continue
            known = {code[:digits] for code in codes if len(code) >= digits}
            for row in table.rows:
                if _is_outside(row.conditions[number], column, known):
                    place = table.place(row.told, column.name)
                    yield PackFault(Wrong.UNKNOWN_PLACE, place, {"region": pack.region})


def _is_outside(places: Extent, column: Column, known: set[str]) -> bool:
    if places == everything(column.kind):
        return False
    return not any(code in places for code in known)
