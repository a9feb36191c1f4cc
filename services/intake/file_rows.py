"""A file of referrals, row by row: JSON lines, CSV, or an Excel workbook.

Every row comes as JSON bytes, so that files, topics and repairs are read by one reader.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator
from pathlib import Path

from services.intake.file_refusals import FileRefusedError
from services.intake.ledgers import lines_of_ledger
from services.intake.profiles import SourceProfile
from services.intake.tables import MOST_ROWS, Cell, Line, Row, records

LARGEST_FILE = 64 * 1024 * 1024
ENCODINGS = ("utf-8-sig", "gb18030")


def rows_of(path: Path, profiles: Collection[SourceProfile]) -> Iterator[Row]:
    """The rows of a file, in one of these forms.

    Raises `FileRefusedError`, perhaps only after some rows.
    """
    form = path.suffix.lower()
    if form not in (".jsonl", ".csv", ".xlsx"):
        raise FileRefusedError("unknown-format")
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise FileRefusedError("too-large", limit=LARGEST_FILE)
        match form:
            case ".jsonl":
                yield from _json_lines(path)
            case ".csv":
                yield from records(_csv_lines(path), profiles)
            case _:
                yield from records(lines_of_ledger(path, profiles), profiles)
    except OSError:
        raise FileRefusedError("no-such-file") from None


def _json_lines(path: Path) -> Iterator[Row]:
    found = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            found += 1
            if found > MOST_ROWS:
                raise FileRefusedError("too-many-rows", limit=MOST_ROWS)
            yield Row(number, line.rstrip(b"\r\n"))


def _csv_lines(path: Path) -> Iterator[Line]:
    reader = csv.reader(
        io.StringIO(_decoded(path.read_bytes()), newline=""), strict=True
    )
    try:
        for cells in reader:
            yield reader.line_num, [Cell(cell.strip()) for cell in cells]
    except csv.Error:
        raise FileRefusedError("not-csv", row=reader.line_num) from None


def _decoded(content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileRefusedError("not-text")
