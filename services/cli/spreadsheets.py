"""Tables that a person names on the command line, as grids of cells.

Workbooks are read with the bounded reader that ledgers are read with.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

from services.intake.file_refusals import FileRefusedError
from services.intake.file_rows import LARGEST_FILE
from services.intake.sheet import lines_of
from services.intake.tables import Cell as SheetCell
from services.intake.workbook import Book, book_of
from services.intake.zipped import opened
from services.routing.importing.csv_file import csv_grid
from services.routing.importing.grids import Cell, Grid, Line


def grids_of(path: Path) -> list[Grid]:
    """The sheets of a workbook, or the one table of a CSV file.

    Raises `FileRefusedError` and `RegionRefusedError`.
    """
    try:
        match path.suffix.lower():
            case ".csv":
                return [csv_grid(path)]
            case ".xlsx":
                return _sheets(path)
            case _:
                raise FileRefusedError("unknown-format")
    except FileRefusedError as error:
        error.facts["file"] = path.name
        raise


def _sheets(path: Path) -> list[Grid]:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise FileRefusedError("too-large", limit=LARGEST_FILE)
        with opened(path) as archive:
            book = book_of(archive)
            return [
                Grid(f"{path.name}#{name}", _lines(archive, part, book), name)
                for name, part in zip(book.names, book.sheets, strict=True)
            ]
    except OSError:
        raise FileRefusedError("no-such-file") from None


def _lines(archive: ZipFile, part: str, book: Book) -> list[Line]:
    return [Line(at, _cells(found)) for at, found in lines_of(archive, part, book)]


def _cells(found: Sequence[SheetCell]) -> list[Cell]:
    return [Cell(cell.text, cell.fault) for cell in found]
