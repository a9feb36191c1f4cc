"""What the row of a body must keep to: its place, kinds, other bodies, posts, grids.

Pure. Each check yields what is wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from shared.bodies import Body, Kind
from shared.divisions import Division, Divisions, covers
from shared.region_checks import Wrong, of_days
from shared.region_files import Line

DIVISIONS = "divisions.csv"
_DIGITS = {"grid": 12, "village": 12, "town": 9}
_GRID_DIGITS = 15


class Around(NamedTuple):
    """What a body may refer to: ids of bodies, divisions, kinds of dispute."""

    ids: Collection[str]
    divisions: Divisions
    kinds: Mapping[str, Kind]


def of_body(line: Line, body: Body, around: Around) -> Wrong:
    yield from _of_place(line, body, around.divisions)
    for column, other in (("host", body.host), ("parent", body.parent)):
        if other and other not in around.ids:
            yield line.refuse(
                f"{column} {other} is no body",
                "add it, or correct it",
                "no-body",
                column,
                name=other,
            )
    if unknown := sorted(body.fields - around.kinds.keys()):
        yield line.refuse(
            f"field {unknown[0]} is no kind of dispute",
            "use the kinds of region.toml",
            "no-kind",
            "fields",
            name=", ".join(unknown),
        )
    yield from of_days(line, body)
    yield from _of_grids(line, body, around.divisions)


def _of_place(line: Line, body: Body, divisions: Divisions) -> Wrong:
    if not (place := divisions.named(body.place)):
        yield line.refuse(
            f"place {body.place} is unknown",
            f"add it to {DIVISIONS}",
            "no-place",
            "place",
            name=body.place,
        )
        return
    if len(body.place) != (digits := _DIGITS.get(body.tier, 6)):
        yield line.refuse(
            f"a body of tier {body.tier} cannot have place {body.place}",
            f"give the code of {digits} digits, or correct the tier",
            "tier-place",
            "place",
            name=body.place,
            digits=str(digits),
        )
    yield from _outlives(line, body, place, divisions)


def _outlives(line: Line, body: Body, place: Division, divisions: Divisions) -> Wrong:
    """A body counts only while its place, or what it took over, is in force."""
    last, until = body.valid_to, place.valid_to
    if until and (last is None or until < last):
        yield line.refuse(
            f"its place {place.code} ends on {until}, the body does not",
            f"end it on that day, or move it to {place.successor or 'another place'}",
            "outlives-place",
            "place",
            name=place.code,
            until=str(until),
            successor=place.successor or "—",
        )
    if body.valid_from < place.valid_from and not divisions.took_over(place.code):
        yield line.refuse(
            f"it begins before its place {place.code} does, on {place.valid_from}",
            "correct valid_from of one of the two",
            "before-place",
            "valid_from",
            name=place.code,
            since=str(place.valid_from),
        )


def _of_grids(line: Line, body: Body, divisions: Divisions) -> Wrong:
    for grid in sorted(body.grids):
        village = grid[:12]
        if len(grid) != _GRID_DIGITS or not grid.isdigit():
            continue
        if village not in divisions or not covers(body.place, village):
            yield line.refuse(
                f"grid {grid} lies in no village of {body.place}",
                "begin it with the code of a village that the body serves",
                "no-grid",
                "grids",
                name=grid,
            )
