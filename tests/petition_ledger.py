"""Makes `samples/petition-zhuji.xlsx`, as a petition office would keep its ledger.

`python -m tests.petition_ledger` writes it anew from the rows in the `.csv` beside this
file; the same bytes each time.
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

WRITTEN = Path(__file__).with_suffix(".csv")
SAMPLE = Path(__file__).parents[1] / "samples" / "petition-zhuji.xlsx"

TITLE = "诸暨市样例信访局信访事项登记台账"


def rows() -> list[list[object]]:
    """The column names and the rows, as the office would type them."""
    with WRITTEN.open(encoding="utf-8", newline="") as file:
        return [[_typed(cell) for cell in line] for line in csv.reader(file)]


def _typed(cell: str) -> object:
    """What a person's typing becomes in a spreadsheet: dates and numbers are such."""
    if cell.isdigit() and len(cell) < 6:
        return int(cell)
    if len(cell) == 10 and cell.startswith("2026-"):
        return date.fromisoformat(cell)
    return cell or None


def content() -> bytes:
    """The workbook: a merged title, the column names, twelve rows."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "2026年2月"
    _fill(sheet)
    book.properties.created = datetime(2026, 3, 2, tzinfo=UTC).replace(tzinfo=None)
    raw = io.BytesIO()
    book.save(raw)
    return _without_times(raw)


def _fill(sheet: Worksheet) -> None:
    sheet.append([TITLE])
    sheet.merge_cells("A1:T1")
    sheet["A1"].font = Font(bold=True, size=14)
    sheet["A1"].alignment = Alignment(horizontal="center")
    for row in rows():
        sheet.append(row)
    for cell in sheet["C"][2:]:
        cell.number_format = "yyyy/m/d"
    sheet.freeze_panes = "C3"


def _without_times(raw: io.BytesIO) -> bytes:
    """The same archive, whose bytes do not depend on when or where it was made."""
    made = io.BytesIO()
    with ZipFile(raw) as old, ZipFile(made, "w", ZIP_STORED) as new:
        for part in sorted(old.namelist()):
            body = old.read(part)
            if part == "docProps/core.xml":
                body = _at_fixed_time(body)
            new.writestr(ZipInfo(part), body)
    return made.getvalue()


def _at_fixed_time(body: bytes) -> bytes:
    before, opening, rest = body.partition(b"<dcterms:modified")
    head, mark, tail = rest.partition(b">")
    _, closing, end = tail.partition(b"</dcterms:modified>")
    return b"".join(
        (before, opening, head, mark, b"2026-03-02T00:00:00Z", closing, end)
    )


if __name__ == "__main__":
    SAMPLE.write_bytes(content())
