"""A table as somebody sends it: lines of cells, and what they say as rows of a file.

Which file it is shows in the names of its columns. Nothing is guessed: a column that
nobody knows is a fault, and so is a cell that cannot be taken as content.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from services.routing.importing.table_faults import (
    no_table,
    too_wide,
    twice,
    unfit,
    unknown,
)
from services.routing.importing.titles import Form, forms
from shared.region_faults import Faults

HEADER_WITHIN = 10
_SEPARATORS = str.maketrans("、，,;；", "     ")
_SEVERAL = frozenset({"fields", "chambers", "grids"})


class Cell(NamedTuple):
    """What a cell shows, and why that cannot be taken, if so."""

    text: str
    fault: str | None = None


class Line(NamedTuple):
    """A line with its number as a spreadsheet counts it."""

    number: int
    cells: Sequence[Cell]


class Grid(NamedTuple):
    """A sheet or a CSV file. `name` says which; `sheet` is what a sheet is called."""

    name: str
    lines: Sequence[Line]
    sheet: str = ""


class Row(NamedTuple):
    """A row for a file of the directory, and where it came from."""

    came_from: str
    number: int
    cells: Mapping[str, str]


class Table(NamedTuple):
    """The rows for one file; `titles` are what it calls its columns."""

    form: Form
    rows: Sequence[Row]
    came_from: str
    titles: Mapping[str, str]


def tables(
    grids: Sequence[Grid], kinds: Mapping[str, str], faults: Faults
) -> list[Table]:
    """The tables of a directory among these grids; others are left alone.

    `kinds` are the codes of the kinds of dispute by their Chinese names.
    """
    found = [t for grid in grids if (t := _table(grid, kinds, faults))]
    if not found:
        fault = no_table(grids[0].name if grids else "—")
        faults.found.append(fault)
    return found


def _table(grid: Grid, kinds: Mapping[str, str], faults: Faults) -> Table | None:
    for at, line in enumerate(islice(grid.lines, HEADER_WITHIN)):
        titles = [cell.text.strip() for cell in line.cells]
        if form := _form_of(titles):
            columns = list(_columns(grid, line.number, titles, form, faults))
            reading = _Reading(grid.name, form, columns, kinds, faults)
            rows = [row for each in grid.lines[at + 1 :] if (row := reading.row(each))]
            said = {c: title for c, title in zip(columns, titles, strict=True) if c}
            return Table(form, rows, grid.name, said)
    return None


def _form_of(titles: Sequence[str]) -> Form | None:
    """The form whose needed columns are all there; the one with the most of them."""
    fitting = [
        form
        for form in forms()
        if {*form.needed} <= {form.column(title) for title in titles}
    ]
    return max(fitting, key=lambda form: len(form.needed), default=None)


def _columns(
    grid: Grid, number: int, titles: Sequence[str], form: Form, faults: Faults
) -> Iterator[str | None]:
    taken: set[str] = set()
    for title in titles:
        column = form.column(title) if title else None
        if title and column is None:
            faults.found.append(unknown(grid.name, number, title, form))
        elif column in taken:
            faults.found.append(twice(grid.name, number, title))
        taken |= {column} if column else set()
        yield column


class _Reading(NamedTuple):
    source: str
    form: Form
    columns: Sequence[str | None]
    kinds: Mapping[str, str]
    faults: Faults

    def row(self, line: Line) -> Row | None:
        cells: dict[str, str] = {}
        for column, cell in zip(self.columns, line.cells, strict=False):
            if column and cell.fault:
                fault = unfit(self.source, line.number, column, cell.fault)
                self.faults.found.append(fault)
            if column:
                cells[column] = self._word(column, cell.text)
        if any(cell.text.strip() for cell in line.cells[len(self.columns) :]):
            self.faults.found.append(too_wide(self.source, line.number))
        if not any(cells.values()):
            return None
        return Row(self.source, line.number, cells)

    def _word(self, column: str, text: str) -> str:
        text = text.strip()
        if column not in _SEVERAL:
            return self.form.word(column, text)
        codes = text.translate(_SEPARATORS).split()
        return " ".join(self.kinds.get(code, code) for code in codes)
