"""Reads the files of a region and turns every fault into a place and a remedy.

Knows the formats, TOML and CSV, and what a row must look like on its own; what rows
say of each other is checked in `region_rows.py`.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from io import StringIO
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from shared.region_bytes import Folder, digest_of, read_bytes, read_text
from shared.region_faults import Faults, RegionRefusedError

__all__ = [
    "Folder",
    "Line",
    "RegionRefusedError",
    "checked",
    "digest_of",
    "read_bytes",
    "read_csv",
    "read_text",
    "read_toml",
    "reasons",
]

Model = TypeVar("Model", bound=BaseModel)


class Line(NamedTuple):
    """A row of a CSV file: where it stands, and its cells that are not empty."""

    file: str
    row: str
    cells: Mapping[str, str]

    def as_a(self, model: type[Model], **more: Any) -> Model:
        return checked(model, {**self.cells, **more}, self.file, self.row)

    def refuse(
        self,
        reason: str,
        remedy: str,
        why: str = "fault",
        column: str = "",
        **facts: str,
    ) -> RegionRefusedError:
        return RegionRefusedError(
            self.file, self.row, reason, remedy, why=why, column=column, **facts
        )


def read_csv(
    folder: Folder,
    name: str,
    columns: tuple[str, ...],
    optional: tuple[str, ...] = (),
    faults: Faults | None = None,
) -> list[Line]:
    """The rows of a file whose header names these columns; `note` is free.

    Rows that are no rows are refused, or left out and kept in `faults`.
    """
    reader = csv.DictReader(StringIO(read_text(folder, name), newline=""), strict=True)
    kept = Faults() if faults is None else faults
    lines: list[Line] = []
    try:
        _check_header(name, tuple(reader.fieldnames or ()), columns, optional)
        for row in reader:
            if any(row.values()):
                with kept.caught():
                    lines.append(_line(name, reader.line_num, row))
    except csv.Error as error:
        raise RegionRefusedError(
            name,
            f"row {reader.line_num + 1}",
            f"not CSV: {error}",
            "save it as CSV again",
            why="not-csv",
        ) from None
    if faults is None:
        kept.stop()
    return lines


def _check_header(
    name: str,
    found: tuple[str, ...],
    columns: tuple[str, ...],
    optional: tuple[str, ...],
) -> None:
    known = {*columns, *optional, "note"}
    if set(columns) <= set(found) <= known and len(set(found)) == len(found):
        return
    raise RegionRefusedError(
        name,
        "header",
        f"columns are {', '.join(found) or 'missing'}",
        f"name exactly {', '.join(columns)} (and {', '.join((*optional, 'note'))}, "
        "if you like)",
        why="header",
        columns=", ".join(found) or "—",
        wanted=", ".join(columns),
    )


def _line(name: str, number: int, row: dict[Any, Any]) -> Line:
    where = f"row {number}"
    if None in row or None in row.values():
        raise RegionRefusedError(
            name,
            where,
            "it has more or fewer cells than the header",
            "quote cells that contain a comma",
            why="cells",
        )
    cells = {key: text.strip() for key, text in row.items() if key != "note"}
    return Line(name, where, {key: text for key, text in cells.items() if text})


def read_toml(folder: Folder, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(folder, name))
    except tomllib.TOMLDecodeError as error:
        raise RegionRefusedError(
            name,
            "the file",
            f"not TOML: {error}",
            "correct the place named",
            why="not-toml",
            error=str(error),
        ) from None


def checked(model: type[Model], data: Any, file: str, row: str) -> Model:
    """Data as a model, or a refusal that names what is wrong with which field."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise RegionRefusedError(
            file,
            row,
            reasons(error),
            "correct it and load the region again",
            why="value",
            column=".".join(map(str, error.errors()[0]["loc"])),
        ) from None


def reasons(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, found['loc']))} "
        f"{found['msg'].removeprefix('Value error, ')}".strip()
        for found in error.errors(include_url=False)
    )
