"""A sheet of a workbook as lines of cells, one at a time, whatever its size.

Cells that must not be taken as content carry the reason: formulas, errors, merged
cells, numbers that lost digits. Knows nothing of referrals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, NamedTuple
from zipfile import ZipFile

from services.intake import cells
from services.intake.file_refusals import FileRefusedError
from services.intake.tables import MOST_ROWS, Cell, Line
from services.intake.workbook import Book, plain
from services.intake.xml_pieces import PIECE, Elements, pieces

MOST_COLUMNS = 200
MOST_MERGED = 20_000
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_SPARE_ROWS = 100
_SEAM = 64
_SEAM_OF_MERGED = 400

_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})", re.ASCII)
_MERGED = re.compile(
    rb"<(?:[\w.-]+:)?mergeCell\s[^>]{0,200}?"
    rb"ref\s*=\s*[\"']([A-Z]{1,3}[1-9]\d{0,6}):([A-Z]{1,3}[1-9]\d{0,6})[\"']"
)
_END_OF_ROWS = b"sheetData>"
_CONTENT = re.compile(rb"<(?:[\w.-]+:)?(?:v|is|f)[\s/>]")


class Merged(NamedTuple):
    """A range of merged cells; rows and columns from 1."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def name(self) -> str:
        first, last = (
            cells.place(self.top, self.left),
            cells.place(self.bottom, self.right),
        )
        return f"{first}:{last}"


def lines_of(archive: ZipFile, part: str, book: Book) -> Iterator[Line]:
    """The lines of a sheet that hold anything. Raises `FileRefusedError`."""
    with archive.open(part) as stream:
        merged = _merged(stream)
    with archive.open(part) as stream:
        yield from _Lines(book, merged).read(stream)


class _Lines:
    def __init__(self, book: Book, merged: list[Merged]) -> None:
        self._book = book
        self._waiting = sorted(merged, reverse=True)
        self._merged: list[Merged] = []
        self._done: list[Line] = []
        self._row = self._column = 0
        self._cells: dict[int, Cell] = {}
        self._kind = self._style = ""
        self._formula = self._taking = False
        self._aside = 0
        self._text: list[str] = []
        self._elements = Elements(self._on_start, self._on_end, self._on_text)

    def read(self, stream: IO[bytes]) -> Iterator[Line]:
        before = b""
        for piece in pieces(stream):
            if self._row > MOST_ROWS + _SPARE_ROWS:
                _refuse_content(before + piece, stream)
                return
            self._elements.feed(piece)
            before = piece[-_SEAM:]
            yield from self._done
            self._done.clear()

    def _on_start(self, name: str, attributes: dict[str, str]) -> None:
        match name:
            case "row":
                self._open_row(attributes.get("r"))
            case "c":
                self._open_cell(attributes)
            case "v" | "t":
                self._taking = not self._aside
            case "f":
                self._formula = True
            case "rPh":
                self._aside += 1

    def _on_text(self, text: str) -> None:
        if self._taking:
            self._text.append(text)

    def _on_end(self, name: str) -> None:
        match name:
            case "v" | "t":
                self._taking = False
            case "rPh":
                self._aside -= 1
            case "c":
                self._close_cell()
            case "row":
                self._close_row()

    def _open_row(self, told: str | None) -> None:
        row = self._row + 1 if told is None else _whole(told, LAST_ROW)
        if row <= self._row:
            raise FileRefusedError("broken-workbook")
        self._row, self._column, self._cells = row, 0, {}

    def _open_cell(self, attributes: dict[str, str]) -> None:
        self._column += 1
        if told := attributes.get("r"):
            row, self._column = _place(told)
            if row != self._row:
                raise FileRefusedError("broken-workbook")
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._formula, self._text = False, []

    def _close_cell(self) -> None:
        cell = self._cell("".join(self._text))
        if not (cell.text or cell.fault):
            return
        if self._row > MOST_ROWS + _SPARE_ROWS:
            raise FileRefusedError("too-many-rows", limit=MOST_ROWS)
        if self._column > MOST_COLUMNS:
            where = cells.place(self._row, self._column)
            raise FileRefusedError("spread-out", cell=where)
        self._cells[self._column] = cell

    def _cell(self, written: str) -> Cell:
        if self._kind == "e":
            return Cell("", "cell-error")
        found, lost = self._shown(written)
        if self._formula:
            return Cell(found, "formula")
        return Cell(found, "number-lost-digits" if lost else None)

    def _shown(self, written: str) -> tuple[str, bool]:
        """What the cell shows, and whether digits of it are lost."""
        match self._kind:
            case "s":
                return self._shared(written), False
            case "b":
                return "是" if written.strip() == "1" else "否", False
            case "n":
                return self._number(written)
            case _:
                return plain(written).strip(), False

    def _shared(self, written: str) -> str:
        number = _whole(written.strip(), len(self._book.texts) - 1, least=0)
        return self._book.texts[number].strip()

    def _number(self, written: str) -> tuple[str, bool]:
        found = cells.number(written)
        if found is None:
            return written.strip(), False
        if self._style.isdigit() and int(self._style[:9]) in self._book.dates:
            return cells.moment(found, since_1904=self._book.since_1904), False
        return cells.digits(found), abs(found) >= cells.KEPT_DIGITS

    def _close_row(self) -> None:
        if not self._cells:
            return
        for merged in self._merged_here():
            for column in range(merged.left, min(merged.right, MOST_COLUMNS) + 1):
                text = self._cells.get(column, Cell("")).text
                self._cells[column] = Cell(text, "merged", {"range": merged.name})
        width = max(self._cells) + 1
        nothing = Cell("")
        line = [self._cells.get(column, nothing) for column in range(1, width)]
        self._done.append((self._row, line))

    def _merged_here(self) -> list[Merged]:
        while self._waiting and self._waiting[-1].top <= self._row:
            self._merged.append(self._waiting.pop())
        self._merged = [m for m in self._merged if m.bottom >= self._row]
        if len(self._merged) > MOST_COLUMNS:  # so many can only lie over each other
            raise FileRefusedError("broken-workbook")
        return self._merged


def _merged(stream: IO[bytes]) -> list[Merged]:
    """The merged cells of a sheet. They stand behind its rows, and are needed before."""
    found: set[Merged] = set()
    before = b""
    for piece in pieces(stream):
        for first, last in _MERGED.findall(before + piece):
            top, left = _place(first.decode())
            bottom, right = _place(last.decode())
            found.add(Merged(top, bottom, left, right))
        if len(found) > MOST_MERGED:
            raise FileRefusedError("broken-workbook")
        before = piece[-_SEAM_OF_MERGED:]
    return list(found)


def _refuse_content(piece: bytes, stream: IO[bytes]) -> None:
    """Beyond the last row that could be taken nothing may stand; see so quickly."""
    end = -1
    while piece and end < 0:
        end = piece.find(_END_OF_ROWS)
        if _CONTENT.search(piece[:end] if end >= 0 else piece):
            raise FileRefusedError("too-many-rows", limit=MOST_ROWS)
        following = stream.read(PIECE)
        piece = piece[-_SEAM:] + following if following else b""


def _place(told: str) -> tuple[int, int]:
    """The row and column of a cell's name."""
    if not (found := _PLACE.fullmatch(told)):
        raise FileRefusedError("broken-workbook")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    if int(found[2]) > LAST_ROW or column > LAST_COLUMN:
        raise FileRefusedError("broken-workbook")
    return int(found[2]), column


def _whole(told: str, most: int, least: int = 1) -> int:
    if (
        told.isascii()
        and told.isdigit()
        and len(told) < 9
        and least <= int(told) <= most
    ):
        return int(told)
    raise FileRefusedError("broken-workbook")
