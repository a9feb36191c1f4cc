"""Reads the files of a region and turns every fault into a place and a remedy.

Knows the formats, TOML and CSV, and what a row must look like on its own; what rows
say of each other is checked in `region.py`.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources.abc import Traversable
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from shared.events.errors import FengqiaoError

Folder = Traversable | Path
Model = TypeVar("Model", bound=BaseModel)
LARGEST = 64 * 1024 * 1024


class RegionRefusedError(FengqiaoError):
    """A region's files cannot be used, so none of them is.

    `row` is the line in a CSV file as a spreadsheet counts it, or a key in a TOML file.
    """

    code = "region-refused"

    def __init__(self, file: str, row: str, reason: str, remedy: str) -> None:
        self.file, self.row, self.reason, self.remedy = file, row, reason, remedy
        super().__init__(
            f"cannot use {file}, {row}: {reason}; {remedy}",
            file=file,
            row=row,
            reason=reason,
            remedy=remedy,
        )


class Line(NamedTuple):
    """A row of a CSV file: where it stands, and its cells that are not empty."""

    file: str
    row: str
    cells: Mapping[str, str]

    def as_a(self, model: type[Model], **more: Any) -> Model:
        return checked(model, {**self.cells, **more}, self.file, self.row)

    def refuse(self, reason: str, remedy: str) -> RegionRefusedError:
        return RegionRefusedError(self.file, self.row, reason, remedy)


def read_csv(folder: Folder, name: str, columns: tuple[str, ...]) -> list[Line]:
    """The rows of a file whose header names exactly these columns; `note` is free."""
    reader = csv.DictReader(StringIO(read_text(folder, name), newline=""), strict=True)
    try:
        found = tuple(reader.fieldnames or ())
        if set(found) - {"note"} != set(columns) or len(set(found)) != len(found):
            raise RegionRefusedError(
                name,
                "header",
                f"columns are {', '.join(found) or 'missing'}",
                f"name exactly {', '.join(columns)} (and note, if you like)",
            )
        return [
            _line(name, reader.line_num, row) for row in reader if any(row.values())
        ]
    except csv.Error as error:
        raise RegionRefusedError(
            name,
            f"row {reader.line_num + 1}",
            f"not CSV: {error}",
            "save it as CSV again",
        ) from None


def _line(name: str, number: int, row: dict[Any, Any]) -> Line:
    where = f"row {number}"
    if None in row or None in row.values():
        raise RegionRefusedError(
            name,
            where,
            "it has more or fewer cells than the header",
            "quote cells that contain a comma",
        )
    cells = {key: text.strip() for key, text in row.items() if key != "note"}
    return Line(name, where, {key: text for key, text in cells.items() if text})


def read_toml(folder: Folder, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(folder, name))
    except tomllib.TOMLDecodeError as error:
        raise RegionRefusedError(
            name, "the file", f"not TOML: {error}", "correct the place named"
        ) from None


def read_text(folder: Folder, name: str) -> str:
    """The text of a file, with or without the mark that Excel puts in front."""
    try:
        return read_bytes(folder, name).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RegionRefusedError(
            name, "the file", "it is not UTF-8", "save it as CSV UTF-8"
        ) from None


def read_bytes(folder: Folder, name: str) -> bytes:
    try:
        with (folder / name).open("rb") as file:
            content = bytes(file.read(LARGEST + 1))
    except OSError as error:
        raise RegionRefusedError(
            name, "the file", error.strerror or "it cannot be read", "put it there"
        ) from None
    if len(content) > LARGEST:
        raise RegionRefusedError(
            name, "the file", f"it is larger than {LARGEST} bytes", "split the region"
        )
    return content


def digest_of(folder: Folder, *names: str) -> str:
    """Names the content of files: any change of a byte is another digest."""
    total = sha256()
    for name in sorted(names):
        content = read_bytes(folder, name)
        total.update(f"{name} {len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()[:12]


def checked(model: type[Model], data: Any, file: str, row: str) -> Model:
    """Data as a model, or a refusal that names what is wrong with which field."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise RegionRefusedError(
            file, row, reasons(error), "correct it and load the region again"
        ) from None


def reasons(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, found['loc']))} "
        f"{found['msg'].removeprefix('Value error, ')}".strip()
        for found in error.errors(include_url=False)
    )
