"""Rows of a sheet or CSV file under their column names, as the records of a source.

Finds the row with the column names below any title, and gives every row below it as
the JSON that the sender could have sent instead. What a cell holds is not judged here,
only whether it can be taken as content.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from services.intake import cells as naming
from services.intake.file_refusals import FileRefusedError
from services.intake.profiles import SourceProfile
from services.intake.refusals import FieldProblem

MOST_ROWS = 100_000
HEADER_WITHIN = 10
FEWEST_NAMES = 3


class Row(NamedTuple):
    """A row of a file: its number there, what it says as JSON, what is wrong in it."""

    number: int
    body: bytes
    problems: tuple[FieldProblem, ...] = ()


class Cell(NamedTuple):
    """What a cell shows, and why that cannot be taken, if so."""

    text: str
    fault: str | None = None
    facts: Mapping[str, object] = MappingProxyType({})


Line = tuple[int, Sequence[Cell]]


def records(
    lines: Iterable[Line], profiles: Collection[SourceProfile]
) -> Iterator[Row]:
    """The rows below the column names of one of these forms.

    Rows of nothing but formulas count if others follow; below the last they are filler.

    Raises `FileRefusedError`.
    """
    lines = iter(lines)
    names, profile = _names(lines, profiles)
    found = 0
    silent: list[Row] = []
    for number, cells in lines:
        row = _row(number, cells, names, profile)
        if not _says_something(cells, names, profile):
            silent += [row] if row.problems and len(silent) < MOST_ROWS else []
            continue
        for each in (*silent, row):
            found += 1
            if found > MOST_ROWS:
                raise FileRefusedError("too-many-rows", limit=MOST_ROWS)
            yield each
        silent.clear()


def form_of(
    cells: Sequence[Cell], profiles: Collection[SourceProfile]
) -> SourceProfile | None:
    """The profile whose column names these cells are, if there is one."""
    names = {_heading(cell) for cell in cells}
    for profile in profiles:
        fitting = len(names & profile.known) >= FEWEST_NAMES
        if fitting and profile.own_name("reference") in names:
            return profile
    return None


def _names(
    lines: Iterator[Line], profiles: Collection[SourceProfile]
) -> tuple[dict[int, str], SourceProfile]:
    """The names of the columns, by their number from 0, and whose form they are."""
    looked = 0
    for number, cells in lines:
        if profile := form_of(cells, profiles):
            return _checked_names(number, cells, profile), profile
        looked += any(cell.text for cell in cells)
        if looked == HEADER_WITHIN:
            break
    needed = [str(p.own_name("reference")) for p in profiles]
    raise FileRefusedError("no-header", rows=HEADER_WITHIN, needed=" / ".join(needed))


def _checked_names(
    number: int, cells: Sequence[Cell], profile: SourceProfile
) -> dict[int, str]:
    names: dict[int, str] = {}
    for column, name in enumerate(map(_heading, cells)):
        if not name:
            continue
        if name not in profile.known:
            cell = naming.place(number, column + 1)
            known = sorted(profile.columns)
            raise FileRefusedError("unknown-column", cell=cell, known=known)
        if name in names.values():
            raise FileRefusedError("column-twice", column=name)
        names[column] = name
    return names


def _heading(cell: Cell) -> str:
    return "".join(cell.text.split())


def _says_something(
    cells: Sequence[Cell], names: Mapping[int, str], profile: SourceProfile
) -> bool:
    """Whether a row is more than numbering and formulas filled down below the table."""
    read = [c for n, c in enumerate(cells) if names.get(n) not in profile.ignored]
    return any(cell.text for cell in read)


def _row(
    number: int, cells: Sequence[Cell], names: Mapping[int, str], profile: SourceProfile
) -> Row:
    said: dict[str, str] = {}
    problems = []
    for column, cell in enumerate(cells):
        name = names.get(column)
        if name in profile.ignored or not (cell.text or (name and cell.fault)):
            continue
        fault = cell.fault if name else "no-heading"
        if fault:
            where = naming.place(number, column + 1)
            problems.append(FieldProblem(name or "", fault, cell.facts, where))
        if name:
            said[name] = cell.text
    body = json.dumps(said, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return Row(number, body, tuple(problems))
