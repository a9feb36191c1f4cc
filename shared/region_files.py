"""Reads the files of a region and turns every fault into a place and a remedy.

Knows CSV, and what a row must look like on its own; what rows say of each other is
checked in `region_rows.py`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from io import StringIO
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from shared.region_bytes import Folder, digest_of, read_bytes, read_text
from shared.region_faults import EVERYTHING, Faults, RegionRefusedError
from shared.region_toml import read_toml
from shared.region_values import Wrong, wrong_in

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
]

Model = TypeVar("Model", bound=BaseModel)


class Line(NamedTuple):
    """A row of a CSV file: where it stands, and its cells that are not empty."""

    file: str
    row: str
    cells: Mapping[str, str]

    def as_a(
        self, model: type[Model], names: Mapping[str, str] | None = None, /, **more: Any
    ) -> Model:
        """The row as a model; `names` are columns that it calls otherwise."""
        return checked(model, {**self.cells, **more}, self.file, self.row, names)

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
    kept = Faults() if faults is None else faults
    lines: list[Line] = []
    try:
        text = StringIO(read_text(folder, name), newline="")
        reader = csv.DictReader(text, strict=True)
        _check_header(name, tuple(reader.fieldnames or ()), columns, optional)
        for row in reader:
            if any(row.values()):
                with kept.reading((name, "")):
                    lines.append(_line(name, reader.line_num, row))
    except RegionRefusedError:
        kept.left_out.append((name, EVERYTHING))
        raise
    except csv.Error as error:
        kept.left_out.append((name, EVERYTHING))
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


def checked(
    model: type[Model],
    data: Any,
    file: str,
    row: str,
    names: Mapping[str, str] | None = None,
) -> Model:
    """Data as a model, or a refusal that tells every field that does not fit.

    `names` are the columns of fields that are called otherwise there.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = wrong_in(error, data)
    first, *_ = faults = [_refused(wrong, file, row, names or {}) for wrong in found]
    first.all = tuple(faults)
    raise first


def _refused(
    wrong: Wrong, file: str, row: str, names: Mapping[str, str]
) -> RegionRefusedError:
    return RegionRefusedError(
        file,
        row,
        wrong.reason,
        wrong.remedy,
        why=wrong.why,
        column=names.get(wrong.column, wrong.column),
        **wrong.facts,
    )
