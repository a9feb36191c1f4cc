"""Puts imported tables into the files of a directory: a candidate, beside what is.

A row with the key of one that is there replaces its cells, all others are added. What
is not mentioned stays. The candidate is checked as a whole before anything is changed.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO

from services.routing.importing.grids import Row, Table
from services.routing.importing.scope import outside
from services.routing.importing.titles import NOTE, Form
from shared.region_faults import Faults, RegionRefusedError
from shared.region_files import Folder, read_text
from shared.region_rows import BODIES, COLUMNS

Key = tuple[str, ...]


@dataclass(frozen=True)
class Merged:
    """Files as they would be, and where each imported row stands in them.

    `origins` map file and row to what the person who sent the table sees.
    """

    files: dict[str, str] = field(default_factory=dict)
    origins: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    added: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)

    def as_sent(self, fault: RegionRefusedError) -> RegionRefusedError:
        """A fault at its place in the table that was sent, if it comes from there."""
        if (origin := self.origins.get((fault.file, fault.row))) is None:
            return fault
        before = self.origins.get((fault.file, str(fault.facts.get("before", ""))))
        return fault.moved_to(*origin, before=before[1] if before else None)


def merged(
    folder: Folder, tables: Sequence[Table], at: str | None, faults: Faults
) -> Merged:
    """The files of a folder with these tables put in.

    With `at` no row may lie outside of that division.
    """
    found = Merged()
    for table in tables:
        faults.found.extend(_doubles(table))
        _merge(folder, table, found)
    if at:
        former = _text(folder, BODIES)
        places = _places(former), _places(found.files.get(BODIES, former))
        for table in tables:
            faults.found.extend(outside(table, at, *places))
    return found


def _places(bodies: str) -> dict[str, str]:
    rows = csv.DictReader(StringIO(bodies, newline=""))
    return {row["id"].strip(): row["place"].strip() for row in rows}


def _merge(folder: Folder, table: Table, found: Merged) -> None:
    form = table.form
    before = found.files.get(form.file) or _text(folder, form.file)
    reader = csv.DictReader(StringIO(before, newline=""))
    rows = {_key(form, row): dict(row) for row in reader}
    given = {_key(form, row.cells): row for row in table.rows}
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


def _key(form: Form, cells: Mapping[str, str | None]) -> Key:
    return tuple((cells.get(name) or "").strip() for name in form.key)


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


def _doubles(table: Table) -> Iterator[RegionRefusedError]:
    first: dict[Key, Row] = {}
    for row in table.rows:
        before = first.setdefault(_key(table.form, row.cells), row)
        if before is not row:
            name = " ".join(filter(None, _key(table.form, row.cells)))
            yield RegionRefusedError(
                row.came_from,
                f"row {row.number}",
                f"{name} already stands in row {before.number}",
                "keep one of them",
                why="double",
                column=table.form.key[0],
                name=name,
                before=f"row {before.number}",
            )
