"""What columns and words of a directory may be called in a table, from `titles.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from shared.bodies import Acceptor, Body, Member
from shared.divisions import Division
from shared.region_acceptors import ACCEPTORS, MEMBERS
from shared.region_rows import BODIES, CHANNELS, DIVISIONS, SENDERS

NOTE = "note"
NOTES = frozenset({NOTE, "备注", "说明"})
_WORDS_OF = {
    "dispatcher": "yes_no",
    "public": "yes_no",
    "mediates": "yes_no",
    "linkage": "yes_no",
    "tier": "tier",
    "source": "source",
}
_KEYS = {
    DIVISIONS: ("code",),
    BODIES: ("id",),
    CHANNELS: ("body", "kind", "address"),
    SENDERS: ("body", "source"),
    ACCEPTORS: ("body", "acceptor", "away_from", "away_to"),
    MEMBERS: ("organisation", "member_of", "valid_from"),
}


class Form(NamedTuple):
    """A table of a directory: its file, its columns, how clerks call them.

    `needed` columns must be there, `key` columns tell its rows apart.
    """

    file: str
    sheet: str
    titles: Mapping[str, tuple[str, ...]]
    needed: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.titles)

    def column(self, title: str) -> str | None:
        """The column that is called so, in either language."""
        if title in NOTES:
            return NOTE
        if title in self.titles:
            return title
        found = (name for name, said in self.titles.items() if title in said)
        return next(found, None)

    def word(self, column: str, cell: str) -> str:
        """A cell in the words of the files."""
        return self.words(column).get(cell, cell)

    def key_of(self, cells: Mapping[str, str | None]) -> tuple[str, ...]:
        """What tells a row apart from the others."""
        return tuple((cells.get(name) or "").strip() for name in self.key)

    def words(self, column: str) -> Mapping[str, str]:
        """What a cell may say in Chinese, and what that is in the files."""
        table = _WORDS_OF.get(column)
        if column == "kind":
            table = "channel" if self.file == CHANNELS else "kind"
        found: Mapping[str, str] = _titles()["words"].get(table, {})
        return found


@cache
def forms() -> tuple[Form, ...]:
    needed = {
        DIVISIONS: _needed(Division),
        BODIES: _needed(Body),
        CHANNELS: _KEYS[CHANNELS],
        SENDERS: _KEYS[SENDERS],
        ACCEPTORS: ("body", *_needed(Acceptor)),
        MEMBERS: _needed(Member),
    }
    return tuple(_form(file, needed[file]) for file in needed)


def _form(file: str, needed: tuple[str, ...]) -> Form:
    told = _titles()[file]
    titles = {name: tuple(said) for name, said in told["columns"].items()}
    return Form(file, told["sheet"], titles, needed, _KEYS[file])


def _needed(model: type[Division | Body | Acceptor | Member]) -> tuple[str, ...]:
    fields = model.model_fields.items()
    return tuple(name for name, field in fields if field.is_required())


@cache
def _titles() -> dict[str, Any]:
    file = resources.files("services.routing.importing") / "titles.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
