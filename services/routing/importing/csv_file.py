"""A table as CSV, in UTF-8 or as Chinese Excel saves it."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

from services.routing.importing.grids import Cell, Grid, Line
from shared.region_bytes import read_bytes
from shared.region_faults import RegionRefusedError

ENCODINGS = ("utf-8-sig", "gb18030")


def csv_grid(path: Path) -> Grid:
    """Raises `RegionRefusedError`."""
    text = _decoded(path.name, read_bytes(path.parent, path.name))
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    lines: list[Line] = []
    try:
        for cells in reader:
            lines.append(Line(reader.line_num, [Cell(cell.strip()) for cell in cells]))
    except csv.Error as error:
        raise RegionRefusedError(
            path.name,
            f"row {reader.line_num + 1}",
            f"not CSV: {error}",
            "save it as CSV again",
            why="not-csv",
        ) from None
    return Grid(path.name, lines)


def _decoded(name: str, content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RegionRefusedError(
        name, "the file", "it is not UTF-8", "save it as CSV UTF-8", why="not-utf8"
    )
