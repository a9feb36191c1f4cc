"""A directory as a workbook with Chinese titles, to be filled in and imported again."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from services.routing.dmn.workbook import Sheet
from services.routing.dmn.workbook_write import Page, write_workbook
from services.routing.importing.titles import NOTE, Form, forms
from shared.region_files import Folder, read_text


def exported(folder: Folder) -> bytes:
    """All tables, those too that have no rows yet. The same files give the same bytes."""
    return write_workbook([Page(_sheet(folder, form), 1) for form in forms()])


def _sheet(folder: Folder, form: Form) -> Sheet:
    titles = [said[0] for said in form.titles.values()]
    return Sheet(form.sheet, [[*titles, "备注"], *_rows(folder, form)])


def _rows(folder: Folder, form: Form) -> Iterator[list[str]]:
    if (folder / form.file).is_file():
        text = StringIO(read_text(folder, form.file), newline="")
        for row in csv.DictReader(text):
            yield [row.get(name) or "" for name in (*form.columns, NOTE)]
