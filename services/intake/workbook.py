"""What an .xlsx workbook says of itself: its sheets, its texts, which styles are dates.

Read without the usual libraries: they keep a whole sheet in memory as a rectangle, or
end the process, when a file is made to do harm.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from zipfile import ZipFile

from services.intake.file_refusals import FileRefusedError
from services.intake.xml_pieces import Elements

WORKBOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
MOST_TEXT = 32 * 1024 * 1024

_BUILT_IN_DATES = frozenset(
    {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
)
_NO_DATE = re.compile(
    r'"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|General', re.IGNORECASE
)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass
class Book:
    """A workbook's own description. `sheets` are the visible ones, in order: their parts;
    `names` are what people call them.

    `texts` are shared by all sheets; `dates` are the styles that show a number as a
    date; `since_1904` tells from when days are counted.
    """

    sheets: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    dates: frozenset[int] = frozenset()
    since_1904: bool = False


def book_of(archive: ZipFile) -> Book:
    """Raises `FileRefusedError`."""
    if not {WORKBOOK, RELATIONS} <= set(archive.namelist()):
        raise FileRefusedError("broken-workbook")
    targets, kinds = _relations(archive)
    book = Book()
    _read_workbook(archive, book, targets)
    if texts := kinds.get("sharedStrings"):
        book.texts = _texts(archive, texts)
    if styles := kinds.get("styles"):
        book.dates = _dates(archive, styles)
    return book


def plain(text: str) -> str:
    """A text of a cell, with the signs that a workbook writes as _xHHHH_."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _relations(archive: ZipFile) -> tuple[dict[str, str], dict[str, str]]:
    """The parts of the workbook by their id, and by what kind of part they are."""
    by_id: dict[str, str] = {}
    by_kind: dict[str, str] = {}
    there = set(archive.namelist())

    def on_start(name: str, attributes: dict[str, str]) -> None:
        target = attributes.get("Target", "")
        part = target[1:] if target.startswith("/") else f"xl/{target}"
        if name == "Relationship" and part in there:
            by_id[attributes.get("Id", "")] = part
            by_kind[attributes.get("Type", "").rpartition("/")[2]] = part

    _read(archive, RELATIONS, Elements(on_start))
    return by_id, by_kind


def _read_workbook(archive: ZipFile, book: Book, targets: dict[str, str]) -> None:
    def on_start(name: str, attributes: dict[str, str]) -> None:
        if name == "workbookPr":
            book.since_1904 = attributes.get("date1904") in ("1", "true")
        elif name == "sheet" and attributes.get("state", "visible") == "visible":
            relation = next((v for k, v in attributes.items() if k.endswith(":id")), "")
            if "/worksheets/" in (part := targets.get(relation, "")):
                book.sheets.append(part)
                book.names.append(plain(attributes.get("name", "")))

    _read(archive, WORKBOOK, Elements(on_start))
    if not book.sheets:
        raise FileRefusedError("broken-workbook")


def _texts(archive: ZipFile, part: str) -> list[str]:
    """The shared texts. What is written beside them as a reading aid is left out."""
    if archive.getinfo(part).file_size > MOST_TEXT:
        raise FileRefusedError("unpacks-too-large", limit=MOST_TEXT)
    found: list[str] = []
    within: list[str] = []
    pieces: list[str] = []

    def on_start(name: str, _: dict[str, str]) -> None:
        within.append(name)
        if name == "si":
            pieces.clear()

    def on_end(name: str) -> None:
        within.pop()
        if name == "si":
            found.append(plain("".join(pieces)))

    def on_text(text: str) -> None:
        if within[-1] == "t" and "rPh" not in within:
            pieces.append(text)

    _read(archive, part, Elements(on_start, on_end, on_text))
    return found


def _dates(archive: ZipFile, part: str) -> frozenset[int]:
    """The styles, by number, in which a number is a date or a time."""
    formats: dict[str, str] = {}
    styles: list[str] = []
    within: list[str] = []

    def on_start(name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "xf" and within[-1:] == ["cellXfs"]:
            styles.append(attributes.get("numFmtId", "0"))
        within.append(name)

    def on_end(_: str) -> None:
        within.pop()

    _read(archive, part, Elements(on_start, on_end))
    return frozenset(n for n, style in enumerate(styles) if _is_date(style, formats))


def _is_date(style: str, formats: dict[str, str]) -> bool:
    if style in formats:
        return bool(
            re.search("[ymdhs]", _NO_DATE.sub("", formats[style]), re.IGNORECASE)
        )
    return style.isdigit() and int(style[:4]) in _BUILT_IN_DATES


def _read(archive: ZipFile, part: str, elements: Elements) -> None:
    with archive.open(part) as stream:
        elements.read(stream)
