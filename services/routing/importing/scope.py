"""Whoever imports for a place may change what lies in it, and nothing else. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from services.routing.importing.grids import Table
from shared.divisions import covers
from shared.region_faults import RegionRefusedError
from shared.region_rows import BODIES, DIVISIONS


def lies_in(
    at: str | None,
    file: str,
    cells: Mapping[str, str | None],
    bodies: Mapping[str, str],
) -> bool:
    """Whether a row of a file is about the place; `bodies` are the places of bodies."""
    _, places = _places(file, cells, bodies, {})
    return not at or any(covers(at, place) for place in places)


def outside(
    table: Table, at: str, before: Mapping[str, str], after: Mapping[str, str]
) -> Iterator[RegionRefusedError]:
    """Rows about places elsewhere; `before` and `after` are the places of bodies."""
    for row in table.rows:
        column, places = _places(table.form.file, row.cells, before, after)
        if elsewhere := [place for place in places if not covers(at, place)]:
            yield RegionRefusedError(
                row.came_from,
                f"row {row.number}",
                f"{elsewhere[0]} does not lie in {at}",
                "delete the row, or import it for its own place",
                why="not-inside",
                column=column,
                name=elsewhere[0],
                at=at,
            )


def _places(
    file: str,
    cells: Mapping[str, str | None],
    before: Mapping[str, str],
    after: Mapping[str, str],
) -> tuple[str, list[str]]:
    """What a row is about, and in which column that stands."""
    if file == DIVISIONS:
        return "code", [cells.get("code") or ""]
    column = "id" if file == BODIES else "body"
    body = cells.get(column) or ""
    return column, [where[body] for where in (before, after) if body in where]
