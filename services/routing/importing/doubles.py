"""Rows of a table that say the same thing twice. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from services.routing.importing.grids import Row, Table
from services.routing.importing.titles import Form
from shared.region_faults import RegionRefusedError

Key = tuple[str, ...]


def key_of(form: Form, row: Row) -> Key:
    """The key of a row that was sent; one without a name is like no other."""
    key = form.key_of(row.cells)
    return key if key[0] else (*key, row.came_from, str(row.number))


def doubles(table: Table) -> Iterator[RegionRefusedError]:
    first: dict[Key, Row] = {}
    for row in table.rows:
        before = first.setdefault(key_of(table.form, row), row)
        if before is not row:
            name = " ".join(filter(None, table.form.key_of(row.cells)))
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
