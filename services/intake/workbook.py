"""An .xlsx ledger as lines of cells: values only, nothing is calculated.

Loaded only after `sheet_xml` has found it small and safe. Exactly one visible sheet may
hold the source's form; notes and lists on others do not matter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice, product
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from services.intake.file_refusals import FileRefusedError
from services.intake.profiles import SourceProfile
from services.intake.sheet_xml import SheetFaults, cell_name, faults_of
from services.intake.tables import HEADER_WITHIN, Cell, Line, form_of
from services.intake.zipped import opened

KEPT_DIGITS = Decimal(10) ** 15
"""Larger whole numbers have lost digits in a spreadsheet."""

MOST_MERGED = 1_000_000


def lines_of_workbook(
    path: Path, profiles: Collection[SourceProfile]
) -> Iterator[Line]:
    """The lines of the sheet with the source's form. Raises `FileRefusedError`."""
    try:
        with opened(path) as archive, CalamineWorkbook.from_path(path) as workbook:
            found = _sheet(workbook, archive, profiles)
            yield from found
    except CalamineError:
        raise FileRefusedError("broken-workbook") from None


def _sheet(
    workbook: CalamineWorkbook,
    archive: ZipFile,
    profiles: Collection[SourceProfile],
) -> Iterator[Line]:
    fitting = []
    for about in workbook.sheets_metadata:
        if about.visible != SheetVisibleEnum.Visible:
            continue
        if about.typ != SheetTypeEnum.WorkSheet:
            continue
        faults = faults_of(archive, about.name)
        sheet = workbook.get_sheet_by_name(about.name)
        if _fits(sheet, faults, profiles):
            fitting.append((sheet, faults))
    if len(fitting) > 1:
        raise FileRefusedError("several-sheets", count=len(fitting))
    return _lines(*fitting[0]) if fitting else iter(())


def _fits(
    sheet: CalamineSheet, faults: SheetFaults, profiles: Collection[SourceProfile]
) -> bool:
    filled = (cells for _, cells in _lines(sheet, faults) if any(c.text for c in cells))
    return any(form_of(cells, profiles) for cells in islice(filled, HEADER_WITHIN))


def _lines(sheet: CalamineSheet, faults: SheetFaults) -> Iterator[Line]:
    merged = _merged(sheet)
    before = sheet.start[1] if sheet.start else 0  # rows come from 1, columns do not
    for number, values in enumerate(sheet.iter_rows(), start=1):
        yield (
            number,
            [
                *[Cell("")] * before,
                *_cells(number, before, values, faults, merged),
            ],
        )


def _cells(
    row: int,
    before: int,
    values: Sequence[Any],
    faults: SheetFaults,
    merged: dict[tuple[int, int], str],
) -> Iterator[Cell]:
    for column, value in enumerate(values, start=before + 1):
        place = row, column
        if place in merged:
            yield Cell(_text(value), "merged", {"range": merged[place]})
        elif place in faults.formulas:
            yield Cell(_text(value), "formula")
        elif place in faults.errors:
            yield Cell(_text(value), "cell-error")
        elif isinstance(value, int | float) and abs(value) >= KEPT_DIGITS:
            yield Cell(_text(value), "number-lost-digits")
        else:
            yield Cell(_text(value))


def _merged(sheet: CalamineSheet) -> dict[tuple[int, int], str]:
    """The cells that are merged with others, from 1, and the range of each."""
    found: dict[tuple[int, int], str] = {}
    last = sheet.end or (0, 0)
    seen = 0
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        name = f"{cell_name(top + 1, left + 1)}:{cell_name(bottom + 1, right + 1)}"
        rows = range(top + 1, min(bottom, last[0]) + 2)
        columns = range(left + 1, min(right, last[1]) + 2)
        seen += 1 + len(rows) * len(columns)
        if seen > MOST_MERGED:
            raise FileRefusedError("spread-out", cell=name)
        found |= dict.fromkeys(product(rows, columns), name)
    return found


def _text(value: Any) -> str:
    match value:
        case bool():
            return "是" if value else "否"
        case int() | float():
            return _digits(Decimal(repr(value)))
        case datetime():
            whole = value + timedelta(milliseconds=500)
            return whole.replace(microsecond=0).isoformat()
        case date() | time():
            return value.isoformat()
        case _:
            return str(value).strip()


def _digits(number: Decimal) -> str:
    whole = number.to_integral_value()
    return f"{whole:f}" if number == whole else f"{number:f}"
