"""Rows of a directory that a table does not have: they stay, and people are told so.

Silence would look like a deletion to whoever took a row out of the table. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from services.routing.importing.scope import lies_in
from services.routing.importing.titles import Form

Cells = Mapping[str, str | None]


class LeftOut(NamedTuple):
    """Rows by their names, as people know them; `ends` if such a row can have an end."""

    file: str
    sheet: str
    rows: tuple[str, ...]
    ends: bool


def left_out(
    form: Form,
    rows: Iterable[Cells],
    given: Iterable[Cells],
    at: str | None,
    places: Mapping[str, str],
) -> LeftOut | None:
    """The rows of a file that are not among those given; with `at` only those there.

    `places` are those of the bodies by their ids.
    """
    sent = {form.key_of(cells) for cells in given}
    kept = tuple(
        named(form, cells)
        for cells in rows
        if form.key_of(cells) not in sent and lies_in(at, form.file, cells, places)
    )
    return (
        LeftOut(form.file, form.sheet, kept, "valid_to" in form.titles)
        if kept
        else None
    )


def named(form: Form, cells: Cells) -> str:
    """The key of a row, and its name if it has one."""
    names = (*form.key_of(cells), (cells.get("name") or "").strip())
    return " ".join(filter(None, names))
