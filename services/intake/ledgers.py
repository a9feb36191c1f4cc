"""An .xlsx ledger as lines of cells: the one visible sheet that is in a source's form.

Notes and lists on other sheets do not matter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from zipfile import ZipFile

from services.intake.file_refusals import FileRefusedError
from services.intake.profiles import SourceProfile
from services.intake.sheet import lines_of
from services.intake.tables import HEADER_WITHIN, Line, form_of
from services.intake.workbook import Book, book_of
from services.intake.zipped import opened


def lines_of_ledger(path: Path, profiles: Collection[SourceProfile]) -> Iterator[Line]:
    """The lines of the sheet in one of these forms; none if there is no such sheet.

    Raises `FileRefusedError`.
    """
    with opened(path) as archive:
        book = book_of(archive)
        fitting = [s for s in book.sheets if _fits(archive, s, book, profiles)]
        if len(fitting) > 1:
            raise FileRefusedError("several-sheets", count=len(fitting))
        for sheet in fitting:
            yield from lines_of(archive, sheet, book)


def _fits(
    archive: ZipFile, sheet: str, book: Book, profiles: Collection[SourceProfile]
) -> bool:
    first = islice(lines_of(archive, sheet, book), HEADER_WITHIN)
    return any(form_of(cells, profiles) for _, cells in first)
