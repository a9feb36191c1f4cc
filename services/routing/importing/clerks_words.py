"""Faults at the place where a clerk looks: the sheet, and the column by its own title."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.routing.importing.grids import Grid, Table
from services.routing.importing.titles import Form, forms
from shared.region_faults import RegionRefusedError


def in_clerks_words(
    faults: Iterable[RegionRefusedError],
    grids: Sequence[Grid],
    tables: Sequence[Table],
) -> None:
    """Adds `sheet` and `title` to the facts of each, where it has them.

    A fault of the files, of what the table did not say, is at the sheet and column where
    the table would say it.
    """
    sheets = {grid.name: grid.sheet for grid in grids if grid.sheet}
    titles = {table.came_from: table.titles for table in tables}
    files = {form.file: form for form in forms()}
    forms_sent = {table.came_from: table.form for table in tables}
    for fault in faults:
        form = forms_sent.get(fault.file) or files.get(fault.file)
        if fault.file in files and sheets:
            sheets[fault.file] = files[fault.file].sheet
        if sheet := sheets.get(fault.file):
            fault.facts["sheet"] = sheet
        if title := titles.get(fault.file, {}).get(fault.column) or _usual(form, fault):
            fault.facts["title"] = title


def _usual(form: Form | None, fault: RegionRefusedError) -> str | None:
    """What the column is called in what is exported."""
    return next(iter(form.titles.get(fault.column, ())), None) if form else None
