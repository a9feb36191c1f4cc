"""Puts imported tables into the files of a directory: a candidate, beside what is.

A row with the key of one that is there replaces its cells, all others are added. What
is not mentioned stays. The candidate is checked as a whole before anything is changed.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO

from services.routing.importing.doubles import doubles, key_of
from services.routing.importing.grids import Table
from services.routing.importing.left_out import LeftOut, left_out
from services.routing.importing.scope import outside
from services.routing.importing.titles import NOTE, Form, forms
from shared.region_faults import Faults, RegionRefusedError
from shared.region_files import Folder, read_text
from shared.region_rows import BODIES, COLUMNS


@dataclass(frozen=True)
class Merged:
    """Files as they would be, and where each imported row stands in them.

    `origins` map file and row to what the person who sent the table sees; `left_out` are
    rows that stay although the table does not have them.
    """

    files: dict[str, str] = field(default_factory=dict)
    origins: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    added: dict[str, int] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    changed: dict[str, int] = field(default_factory=dict)

    def as_sent(self, fault: RegionRefusedError) -> RegionRefusedError:
        """A fault at its place in the table that was sent, if it comes from there."""
        if (origin := self.origins.get((fault.file, fault.row))) is None:
            return fault
        before = self.origins.get((fault.file, str(fault.facts.get("before", ""))))
        moved = fault.moved_to(*origin, before=before[1] if before else None)
        form = next(form for form in forms() if form.file == fault.file)
        if fault.why == "value-choice" and (words := form.words(fault.column)):
            moved.facts["known"] = ", ".join(words)  # as the table may say it
        return moved


def merged(
    folder: Folder, tables: Sequence[Table], at: str | None, faults: Faults
) -> Merged:
    """The files of a folder with these tables put in.

    With `at` no row may lie outside of that division.
    """
    found = Merged()
    for table in tables:
        faults.found.extend(doubles(table))
        _merge(folder, table, found)
    former = _text(folder, BODIES)
    places = _places(former), _places(found.files.get(BODIES, former))
    found.left_out.extend(_left_out(folder, tables, at, places[0]))
    if at:
        for table in tables:
            faults.found.extend(outside(table, at, *places))
    return found


def _left_out(
    folder: Folder, tables: Sequence[Table], at: str | None, places: Mapping[str, str]
) -> Iterator[LeftOut]:
    for form in dict.fromkeys(table.form.file for table in tables):
        sent = [table for table in tables if table.form.file == form]
        given = [row.cells for table in sent for row in table.rows]
        rows = csv.DictReader(StringIO(_text(folder, form), newline=""))
        if found := left_out(sent[0].form, rows, given, at, places):
            yield found


def _places(bodies: str) -> dict[str, str]:
    rows = csv.DictReader(StringIO(bodies, newline=""))
    return {
        (row.get("id") or "").strip(): (row.get("place") or "").strip() for row in rows
    }


def _merge(folder: Folder, table: Table, found: Merged) -> None:
    form = table.form
    before = found.files.get(form.file) or _text(folder, form.file)
    reader = csv.DictReader(StringIO(before, newline=""))
    rows = {form.key_of(row): dict(row) for row in reader}
    given = {key_of(form, row): row for row in table.rows}
    for key, row in given.items():
        counted = found.changed if key in rows else found.added
        former = rows.get(key, {})
        changes = any(former.get(name, "") != cell for name, cell in row.cells.items())
        counted[form.file] = counted.get(form.file, 0) + changes
        rows[key] = {**former, **row.cells}
    if not found.added.get(form.file) and not found.changed.get(form.file):
        return
    columns = _columns(form, reader.fieldnames or (), rows.values())
    found.files[form.file] = _written(columns, rows.values())
    for number, key in enumerate(rows, start=2):
        if sent_row := given.get(key):
            sent = (sent_row.came_from, f"row {sent_row.number}")
            found.origins[form.file, f"row {number}"] = sent


def _text(folder: Folder, file: str) -> str:
    return read_text(folder, file) if (folder / file).is_file() else ""


def _columns(
    form: Form, before: Iterable[str], rows: Iterable[Mapping[str, str]]
) -> list[str]:
    """As the file has them; behind them those that are new and used."""
    used = {name for row in rows for name, cell in row.items() if cell}
    always = COLUMNS.get(form.file, form.columns)
    known = dict.fromkeys([*before, *always])
    later = (name for name in (*form.columns, NOTE) if name in used)
    return list(dict.fromkeys([*known, *later]))


def _written(columns: list[str], rows: Iterable[Mapping[str, str]]) -> str:
    text = StringIO(newline="")
    writer = csv.DictWriter(text, columns, "", "ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
