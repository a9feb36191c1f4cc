"""The rows of a region's directory: what each must be, and what they say of each other.

Faults are refused with file, row, column, reason and remedy, those of a file together.
With `faults` given they are kept there instead, and what can be read is. Nothing is
guessed or mended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from shared.bodies import Body, Kind, Member
from shared.divisions import Division, Divisions, is_division_code
from shared.region_acceptors import (
    ACCEPTORS,
    MEMBERS,
    Posts,
    members_of,
    read_acceptors,
    read_members,
)
from shared.region_body_checks import Around, of_body
from shared.region_checks import circles, doubles, of_division
from shared.region_faults import Faults, RegionRefusedError, Row, collecting
from shared.region_files import Folder, Line, read_csv
from shared.region_ways import (
    CHANNELS,
    SENDER_COLUMNS,
    SENDERS,
    WAY_COLUMNS,
    read_channels,
    read_senders,
)

__all__ = [
    "ACCEPTORS",
    "BODIES",
    "CHANNELS",
    "COLUMNS",
    "DIVISIONS",
    "HEAD",
    "LATER",
    "MEMBERS",
    "SENDERS",
    "directory_files",
    "read_bodies",
    "read_channels",
    "read_divisions",
    "read_senders",
]

HEAD = "region.toml"
DIVISIONS, BODIES = "divisions.csv", "bodies.csv"
LATER = ("linkage", "hours", "capacity", "chambers", "grids")
"""Columns of bodies that a file need not have."""

_LISTS = ("fields", "chambers", "grids")
_FROM_OTHER_FILES = ("acceptors", "members")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    DIVISIONS: tuple(Division.model_fields),
    BODIES: tuple(
        name for name in Body.model_fields if name not in (*LATER, *_FROM_OTHER_FILES)
    ),
    CHANNELS: WAY_COLUMNS,
    SENDERS: SENDER_COLUMNS,
}


def directory_files(folder: Folder) -> tuple[str, ...]:
    """The files of the directory that a folder has; their digest names its version."""
    later = (name for name in (ACCEPTORS, MEMBERS) if (folder / name).is_file())
    return (*COLUMNS, *later)


def read_divisions(folder: Folder, faults: Faults | None = None) -> list[Division]:
    found: list[tuple[Line, Division]] = []
    with collecting(faults) as kept:
        lines = read_csv(folder, DIVISIONS, COLUMNS[DIVISIONS], faults=kept)
        known: dict[str, Division | None] = {}
        for line in lines:
            known.setdefault(line.cells.get("code", ""), None)
            with kept.reading((DIVISIONS, line.cells.get("code", ""))):
                found.append((line, line.as_a(Division)))
        known |= {division.code: division for _, division in found}
        for line, division in found:
            kept.found.extend(of_division(line, division, known))
            if not is_division_code(division.code):
                kept.left_out.append((DIVISIONS, ""))
        kept.found.extend(doubles(lines, "code"))
        kept.found.extend(circles(lines, "code", "successor"))
        _in_order(kept, lines)
        _needs_a_county(kept, found)
    return [division for _, division in found]


def _needs_a_county(kept: Faults, found: Iterable[tuple[Line, Division]]) -> None:
    standing = (d for _, d in found if d.valid_to is None)
    if not Divisions("", standing).counties:
        fault = RegionRefusedError(
            DIVISIONS,
            "the file",
            "no county is in force",
            "add the row of a county, a district or a county-level city",
            why="no-county",
            column="code",
        )
        kept.found.append(fault)


def read_bodies(
    folder: Folder,
    divisions: Divisions,
    kinds: Mapping[str, Kind],
    faults: Faults | None = None,
) -> dict[str, Body]:
    """The bodies with their posts and members. Raises `RegionRefusedError`."""
    bodies: dict[str, Body] = {}
    posts: Posts = {}
    members: list[Member] = []
    with collecting(faults) as kept:
        lines = read_csv(folder, BODIES, COLUMNS[BODIES], LATER, kept)
        around = Around({x.cells.get("id", "") for x in lines}, divisions, kinds)
        for line in lines:
            with kept.reading(*_said_by(line)):
                body = line.as_a(Body, **_listed(line))
                kept.found.extend(of_body(line, body, around))
                bodies.setdefault(body.id, body)
        kept.found.extend(doubles(lines, "id"))
        for above in ("host", "parent"):
            kept.found.extend(circles(lines, "id", above))
        _in_order(kept, lines)
        posts = read_acceptors(folder, around.ids, kept)
        members = read_members(folder, bodies.values(), kept)
    return {
        id: body.model_copy(
            update={
                "acceptors": posts.get(id, ()),
                "members": members_of(body, members),
            }
        )
        for id, body in bodies.items()
    }


def _said_by(line: Line) -> Iterator[Row]:
    """What nobody can be blamed for naming if this row cannot be read."""
    yield BODIES, line.cells.get("id", "")
    for codes in (line.cells.get("chambers", ""), line.cells.get("grids", "")):
        yield from ((MEMBERS, code) for code in codes.split())


def _listed(line: Line) -> dict[str, frozenset[str]]:
    """Cells that hold several codes with spaces between them."""
    return {name: frozenset(line.cells.get(name, "").split()) for name in _LISTS}


def _in_order(kept: Faults, lines: Iterable[Line]) -> None:
    """As a person goes through the file, from the top."""
    rows = {line.row: number for number, line in enumerate(lines)}
    kept.found.sort(key=lambda fault: rows.get(fault.row, -1))
