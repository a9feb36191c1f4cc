"""Past decisions in columns: a file beside the data, caught up from the histories.

It holds nothing that the histories do not hold: it may be deleted at any time, and is
made anew. Only one process at a time may have it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from pydantic_core import to_json

from services.routing.backtest.columns import BY_HAND, FORMAT, INSERT, ROUTED, TABLES
from shared.events.base import event_classes
from shared.events.errors import RefusedError
from shared.events.older import READERS, upgraded
from shared.events.wire import Told, opened

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PAGE = 20_000
Stored = tuple[int, UUID, int, str, bytes]


class Histories(Protocol):
    """What a service has stored; see `shared.events.histories`."""

    @property
    def store_id(self) -> UUID: ...

    def after(
        self, position: int, names: Collection[str], limit: int
    ) -> list[Stored]: ...


class Past:
    """The table `past` has a row for every routing decision; see `columns`."""

    def __init__(self, path: Path | None = None) -> None:
        self.database = _opened(path)
        if not self._is_of_this_format():
            if path:
                self.database.close()
                path.unlink()
                self.database = _opened(path)
            self.database.execute(TABLES)
            self.database.execute("INSERT INTO format VALUES (?)", [FORMAT])

    def close(self) -> None:
        self.database.close()

    def catch_up(self, routing: Histories, escalation: Histories | None = None) -> int:
        """Take in what was stored since; how many decisions there are now."""
        self._follow(ROUTED, "past", routing)
        if escalation:
            self._follow(BY_HAND, "by_hand", escalation)
        return int(self.one("SELECT count(*) FROM past"))

    def one(self, query: str, *given: object) -> Any:
        row = self.database.execute(query, [*given]).fetchone()
        return row[0] if row else None

    def _follow(self, event: str, table: str, histories: Histories) -> None:
        store = histories.store_id
        if self.one("SELECT store FROM caught WHERE speaker = ?", event) != store:
            self.database.execute(f"DELETE FROM {table}")
            row = [event, store, 0]
            self.database.execute("INSERT OR REPLACE INTO caught VALUES (?, ?, ?)", row)
        position = self.one("SELECT position FROM caught WHERE speaker = ?", event)
        names = names_of(event)
        while page := histories.after(position, names, PAGE):
            position = page[-1][0]
            self._add(event, page, position)

    def _add(self, event: str, page: Iterable[Stored], position: int) -> None:
        with NamedTemporaryFile(suffix=".jsonl") as file:
            file.writelines(map(_line, page))
            file.flush()
            self.database.begin()
            self.database.execute(INSERT[event], [file.name])
            done = "UPDATE caught SET position = ? WHERE speaker = ?"
            self.database.execute(done, [position, event])
            self.database.commit()

    def _is_of_this_format(self) -> bool:
        known = "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'format'"
        if not self.one(known):
            return False
        return bool(self.one("SELECT number FROM format") == FORMAT)


def _opened(path: Path | None) -> DuckDBPyConnection:
    """Raises `RefusedError`. The engine is large: it is loaded where it is needed."""
    import duckdb

    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
    no_downloads: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    try:
        return duckdb.connect(str(path or ":memory:"), config=no_downloads)
    except duckdb.Error as error:
        raise _refused(path, "lock" in str(error)) from None


def _refused(path: Path | None, locked: bool) -> RefusedError:
    if locked:
        words = f"{path} is in use: another backtest runs; try again when it has ended"
        return RefusedError("backtest-busy", words, path=path)
    words = f"{path} cannot be read; remove it, it is made anew from the histories"
    return RefusedError("backtest-unreadable", words, path=path)


@cache
def names_of(event: str) -> list[str]:
    """Every name under which an event is or was stored."""
    current = [c.stored_name for c in event_classes() if c.event_name == event]
    older = [name for name in READERS if name.rpartition(".")[0] == event]
    return sorted({*current, *older})


@cache
def _newest(name: str) -> str:
    return max(c.stored_name for c in event_classes() if c.event_name == name)


def _line(stored: Stored) -> bytes:
    """An event as a line of JSON, in the newest shape."""
    position, dispute, version, name, body = stored
    if name != _newest(name.rpartition(".")[0]):
        told = opened(Told("", dispute, position, dispute, version, name, body))
        body = to_json({**told, "data": upgraded(name, told["data"])[1]})
    return b'{"position":%d,"dispute":"%s","body":%s}\n' % (
        position,
        str(dispute).encode(),
        body,
    )
