"""Looks through a sheet of a workbook before it is loaded: formulas, far-off cells.

XML from somebody else's machine is read in bounded pieces, without expanding entities,
so that what is loaded afterwards is known to be small. Knows nothing of referrals.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat
from zipfile import ZipFile

from services.intake.file_refusals import FileRefusedError

MOST_ROWS = 100_000
MOST_COLUMNS = 200
MOST_CELLS = 4_000_000
_SPARE_ROWS = 100
_PIECE = 1024 * 1024

_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_CELL = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})", re.ASCII)
_CONTENT = re.compile(rb"<(?:[\w.-]+:)?(?:v|is|f)[\s/>]")


@dataclass
class SheetFaults:
    """Cells, as row and column from 1, that hold what must not be taken as content."""

    formulas: set[tuple[int, int]] = field(default_factory=set)
    errors: set[tuple[int, int]] = field(default_factory=set)


def faults_of(archive: ZipFile, sheet: str) -> SheetFaults:
    """What is wrong within a sheet, by its name. Raises `FileRefusedError`."""
    with archive.open(_part_of(archive, sheet)) as part:
        return _Look().through(part)


def cell_name(row: int, column: int) -> str:
    """A cell as a spreadsheet names it, such as F7; rows and columns from 1."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


class _Look:
    """One way through a sheet's XML, counting what has content."""

    def __init__(self) -> None:
        self._faults = SheetFaults()
        self._row = self._column = 0
        self._first: tuple[int, int] | None = None
        self._last = (0, 0)
        self._parser = _parser(self._on_start)

    def through(self, part: IO[bytes]) -> SheetFaults:
        while piece := part.read(_PIECE):
            if self._row > MOST_ROWS + _SPARE_ROWS:
                self._only_emptiness(piece, part)
                break
            _feed(self._parser, piece)
        self._check_spread()
        return self._faults

    def _on_start(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "row":
                number = attributes.get("r", "")
                known = number.isascii() and number.isdigit() and len(number) < 8
                self._row = int(number) if known else self._row + 1
                self._column = 0
            case "c":
                self._on_cell(attributes)
            case "f":
                self._faults.formulas.add((self._row, self._column))
                self._has_content()
            case "v" | "is":
                self._has_content()

    def _on_cell(self, attributes: dict[str, str]) -> None:
        if found := _CELL.fullmatch(attributes.get("r", "")):
            self._row, self._column = int(found[2]), _number(found[1])
        else:
            self._column += 1
        if attributes.get("t") == "e":
            self._faults.errors.add((self._row, self._column))

    def _has_content(self) -> None:
        if self._row > MOST_ROWS + _SPARE_ROWS:
            raise FileRefusedError("too-many-rows", limit=MOST_ROWS)
        if self._column > MOST_COLUMNS:
            self._refuse_spread(self._row, self._column)
        row, column = self._first or (self._row, self._column)
        self._first = min(row, self._row), min(column, self._column)
        self._last = max(self._last[0], self._row), max(self._last[1], self._column)

    def _check_spread(self) -> None:
        if not self._first:
            return
        height = self._last[0] - self._first[0] + 1
        width = self._last[1] - self._first[1] + 1
        if height * width > MOST_CELLS:
            self._refuse_spread(*self._last)

    def _refuse_spread(self, row: int, column: int) -> None:
        raise FileRefusedError("spread-out", cell=cell_name(row, column))

    def _only_emptiness(self, piece: bytes, part: IO[bytes]) -> None:
        """Beyond the last row that could be taken nothing may stand; see so quickly."""
        before = b""
        while piece:
            if _CONTENT.search(before + piece):
                raise FileRefusedError("too-many-rows", limit=MOST_ROWS)
            before, piece = piece[-64:], part.read(_PIECE)


def _parser(on_start: Callable[[str, dict[str, str]], None]) -> expat.XMLParserType:
    """Reads UTF-8 only, and no document type: so there are no entities to expand."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = on_start
    parser.XmlDeclHandler = _check_encoding
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _check_encoding(version: str, encoding: str | None, standalone: int) -> None:
    if (encoding or "utf-8").lower() != "utf-8":
        raise FileRefusedError("unsafe-xml")


def _refuse_doctype(*_: object) -> None:
    raise FileRefusedError("unsafe-xml")


def _feed(parser: expat.XMLParserType, piece: bytes) -> None:
    if b"\0" in piece:  # another encoding than the pieces are searched in
        raise FileRefusedError("unsafe-xml")
    try:
        parser.Parse(piece)
    except expat.ExpatError:
        raise FileRefusedError("broken-workbook") from None


def _part_of(archive: ZipFile, sheet: str) -> str:
    """Where in the archive a sheet lies, by the workbook and its relations."""
    if not {_WORKBOOK, _RELATIONS} <= set(archive.namelist()):
        raise FileRefusedError("broken-workbook")
    ids: dict[str, str] = {}
    targets: dict[str, str] = {}

    def on_sheet(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "sheet":
            relation = next((v for k, v in attributes.items() if k.endswith(":id")), "")
            ids[attributes.get("name", "")] = relation

    def on_relation(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    _feed(_parser(on_sheet), archive.read(_WORKBOOK))
    _feed(_parser(on_relation), archive.read(_RELATIONS))
    target = targets.get(ids.get(sheet, ""), "")
    part = target[1:] if target.startswith("/") else f"xl/{target}"
    if part not in archive.namelist():
        raise FileRefusedError("broken-workbook")
    return part


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
