"""Workbooks as plain grids of text: a small reader and writer of .xlsx, both bounded.

What would be guessing is refused: formulas, errors, dates in cells, hidden sheets.
Written cells have the format of texts, so that Excel makes no date of a 1-2.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile

from services.routing.dmn.faults import Faults, Place, Why, refused
from services.routing.dmn.safe_xml import MOST_BYTES, Element, plain, tree
from services.routing.dmn.workbook_styles import date_styles

MOST_PARTS = 1_000
MOST_ROWS = 30_000
MOST_COLUMNS = 256
_BROKEN = (
    BadZipFile,
    LookupError,
    ValueError,
    ArithmeticError,
    RuntimeError,  # an encrypted part, or an unknown way of packing
    StopIteration,
    EOFError,
    OSError,
    zlib.error,
)
_BOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class Sheet(NamedTuple):
    """A sheet by name; its rows are as long as what is in them."""

    name: str
    rows: list[list[str]]


def read_workbook(data: bytes, file: str) -> list[Sheet]:
    """The sheets in order. Raises `DmnRefusedError`."""
    place = Place(file)
    if len(data) > MOST_BYTES:
        raise refused(Why.TOO_LARGE, place, limit=MOST_BYTES)
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            return _Reader(archive, place).sheets()
    except _BROKEN:
        raise refused(Why.BROKEN_WORKBOOK, place) from None


def letters(column: int) -> str:
    """The letters of a column, from 0."""
    found, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


class _Reader:
    def __init__(self, archive: ZipFile, place: Place) -> None:
        self._archive, self._place = archive, place
        self._faults = Faults()
        infos = archive.infolist()
        if len(infos) > MOST_PARTS:
            raise refused(Why.TOO_MANY, place, limit=MOST_PARTS)
        if sum(info.file_size for info in infos) > MOST_BYTES:
            raise refused(Why.TOO_LARGE, place, limit=MOST_BYTES)

    def sheets(self) -> list[Sheet]:
        targets = self._targets()
        self._texts = self._shared(targets)
        self._dates = date_styles(self._part_of(targets, "styles"))
        found = [self._sheet(one, targets) for one in self._listed()]
        self._faults.stop()
        return found

    def _listed(self) -> list[Element]:
        book = self._tree(_BOOK)
        settings, listed = book.child("workbookPr"), book.child("sheets")
        if settings and settings.attributes.get("date1904") in ("1", "true"):
            raise refused(Why.DATE_CELL, self._place, text="1904")
        return listed.children if listed else []

    def _sheet(self, found: Element, targets: dict[str, str]) -> Sheet:
        name = found.attributes.get("name", "")
        if found.attributes.get("state", "visible") != "visible":
            self._faults.add(Why.HIDDEN_SHEET, self._place, name=name)
            return Sheet(name, [])
        part = targets[_relation(found)]
        place = self._place._replace(decision=name)
        data = self._tree(part).child("sheetData")
        rows: list[list[str]] = []
        for row in data.children if data else []:
            self._row(row, rows, place)
        return Sheet(name, rows)

    def _row(self, row: Element, rows: list[list[str]], place: Place) -> None:
        number = int(row.attributes.get("r", len(rows) + 1))
        if not len(rows) < number <= MOST_ROWS:
            raise refused(Why.TOO_MANY, place, limit=MOST_ROWS)
        rows.extend([] for _ in range(number - len(rows)))
        for cell in row.all("c"):
            column = self._column(cell, len(rows[-1]), place)
            here = place._replace(row=str(number), column=letters(column))
            rows[-1].extend([""] * (column - len(rows[-1])))
            rows[-1].append(self._text(cell, here))

    def _column(self, cell: Element, following: int, place: Place) -> int:
        if not (found := _REFERENCE.fullmatch(cell.attributes.get("r", ""))):
            return following
        number = 0
        for letter in found[1]:
            number = number * 26 + ord(letter) - 64
        if not following < number <= MOST_COLUMNS:
            raise refused(Why.TOO_MANY, place, limit=MOST_COLUMNS)
        return number - 1

    def _text(self, cell: Element, place: Place) -> str:
        if cell.child("f"):
            self._faults.add(Why.FORMULA, place)
            return ""
        kind, value = cell.attributes.get("t", "n"), cell.child("v")
        if kind == "inlineStr":
            return self._plain(_string(cell.child("is")), place)
        text = value.text if value else ""
        if not text:
            return ""
        match kind:
            case "s":
                return self._plain(self._texts[int(text)], place)
            case "str":
                return self._plain(text, place)
            case "b":
                return "true" if text == "1" else "false"
            case "n" if cell.attributes.get("s", "0") not in self._dates:
                return format(Decimal(repr(float(text))).normalize(), "f")
        why = Why.ERROR_CELL if kind == "e" else Why.DATE_CELL
        self._faults.add(why, place, text=text)
        return ""

    def _plain(self, text: str, place: Place) -> str:
        found = plain(_ESCAPED.sub(lambda one: chr(int(one[1], 16)), text))
        if control := _CONTROL.search(found):
            self._faults.add(Why.CHARACTER, place, sign=f"U+{ord(control[0]):04X}")
        return found

    def _shared(self, targets: dict[str, str]) -> list[str]:
        part = self._part_of(targets, "sharedStrings")
        return [_string(one) for one in part.all("si")] if part else []

    def _part_of(self, targets: dict[str, str], kind: str) -> Element | None:
        return self._tree(targets[kind]) if kind in targets else None

    def _targets(self) -> dict[str, str]:
        """The parts of the workbook, by their id and by what they are."""
        found: dict[str, str] = {}
        for one in self._tree(_RELATIONS).children:
            target = one.attributes["Target"]
            part = target[1:] if target.startswith("/") else f"xl/{target}"
            found[one.attributes["Type"].rpartition("/")[2]] = part
            found[one.attributes["Id"]] = part
        return found

    def _tree(self, part: str) -> Element:
        info = self._archive.getinfo(part)
        return tree(self._archive.read(info), self._place.file)


def _relation(sheet: Element) -> str:
    """The id of the part that holds a sheet; its attribute is of another namespace."""
    return next(v for k, v in sheet.attributes.items() if k.endswith(" id"))


def _string(found: Element | None) -> str:
    """A text with its runs; reading aids beside it are left out."""
    return "".join(_pieces(found)) if found else ""


def _pieces(found: Element) -> Iterator[str]:
    for child in found.children:
        if child.name == "t":
            yield "".join(child.pieces)
        elif child.name == "r":
            yield from _pieces(child)


def as_columns(rows: Sequence[Sequence[str]]) -> int:
    """How many columns are in use."""
    return max((len(row) for row in rows), default=0)
