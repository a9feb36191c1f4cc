"""The keys of parties, each under the master key, in a database schema of their own.

Back this schema up apart from everything else and for a short time only: an old copy
brings destroyed keys back. A destroyed key leaves the table at once; PostgreSQL may
keep its wrapped bytes in free pages and in its log for a while, of use only to somebody
who also has the master key. Seals nothing and decides nothing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from shared.events import watch
from shared.events.database import Connection, away_by
from shared.events.errors import DatabaseAwayError, DatabaseFullError, FengqiaoError
from shared.keycache import KeyCache
from shared.masterkey import MasterKey, MasterKeyError
from shared.sealing import ALGORITHM, KEY_BYTES, Key

__all__ = ["KeyMissingError", "KeyStore", "KeyStoreAwayError", "MasterKey"]

CACHED_KEYS = 10_000
CACHED_FOR = 60.0

_MIGRATION = Path(__file__).with_name("keystore.sql").read_text(encoding="utf-8")
_LOCK_MIGRATION = "select pg_advisory_xact_lock(hashtext('fengqiao key store'))"
_CLAIM = "insert into keys.master (id) values (%s) on conflict do nothing"
_OWNER = "select id from keys.master"
_CREATE = """
    insert into keys.party_keys (key, wrapped, algorithm)
    select key, wrapped, %s from unnest(%s::uuid[], %s::bytea[]) as new (key, wrapped)
    on conflict (key) do nothing
"""
_FIND = "select key, wrapped, state from keys.party_keys where key = any(%s)"
_DESTROY = """
    insert into keys.party_keys (key, algorithm, state, destroyed_at)
    values (%s, %s, 'destroyed', now())
    on conflict (key) do update
    set wrapped = null, state = 'destroyed', destroyed_at = now()
    where party_keys.state <> 'destroyed'
"""
_ADVICE = {
    "unknown": "it was never made in this key store; check that it is the right one",
    "sealed": "its data is closed and opens only with the approval of two persons",
    "destroyed": "its data was erased by law and cannot be read again",
}
_CONNECTION: dict[str, Any] = {
    "autocommit": True,
    "application_name": "fengqiao-keys",
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "options": "-c statement_timeout=10s -c lock_timeout=5s",
}
_POOL: dict[str, Any] = {
    "min_size": 1,
    "max_size": 2,
    "num_workers": 1,
    "timeout": 10.0,
    "max_waiting": 100,
    "max_idle": 600.0,
    "max_lifetime": 3600.0,
    "reconnect_timeout": 60.0,
}


class KeyMissingError(FengqiaoError):
    """There is no usable key: `state` is unknown, sealed or destroyed."""

    code = "key-missing"

    def __init__(self, key: UUID, state: str) -> None:
        self.key, self.state = key, state
        words = f"key {key} is {state}: {_ADVICE[state]}"
        super().__init__(words, key=key, state=state)


class KeyStoreAwayError(DatabaseAwayError):
    """The database of the key store does not answer. Worth trying again."""

    code = "key-store-away"


class KeyStore:
    """Makes, finds and destroys keys. Threads may share it; close it at the end.

    A key destroyed by another process is forgotten here within `CACHED_FOR` seconds.
    """

    def __init__(
        self,
        conninfo: str,
        master: MasterKey,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._master = master
        self._cache = KeyCache(CACHED_KEYS, CACHED_FOR, clock)
        check = ConnectionPool.check_connection
        self._pool = ConnectionPool(
            conninfo,
            connection_class=Connection,
            kwargs=_CONNECTION,
            check=check,
            name="keys",
            open=True,
            **_POOL,
        )

    def close(self) -> None:
        self._pool.close()

    @property
    def index_key(self) -> bytes:
        """For digests that must be comparable across parties."""
        return self._master.index_key

    def migrate(self) -> None:
        """Make missing tables. Refuses a store of another master key."""
        with self._connection() as connection, connection.transaction():
            connection.execute(_LOCK_MIGRATION)
            connection.execute(_MIGRATION)
            connection.execute(_CLAIM, [self._master.id])
            owner = connection.execute(_OWNER).fetchone()
        if owner != (self._master.id,):
            raise MasterKeyError(
                "this key store was made with another master key: "
                "restore the file of that key from its backup"
            )

    def keys_for(self, ids: Sequence[UUID]) -> dict[UUID, Key]:
        """The keys of these parties, made where there were none.

        Processes that ask at once get the same keys. Raises `KeyMissingError` if one of
        them was sealed or destroyed: a second key is never made.
        """
        found = self._cache.find(ids)
        missing = sorted(set(ids) - set(found))  # one order for all, or they deadlock
        if missing:
            found |= self._opened(missing, self._find_or_create(missing))
        return found

    def get(self, key: UUID) -> Key:
        """The key of a party. Raises `KeyMissingError`, never makes one."""
        if found := self._cache.find([key]):
            return found[key]
        with self._connection() as connection:
            rows = _find(connection, [key])
        return self._opened([key], rows)[key]

    def have_at_hand(self, ids: Collection[UUID]) -> None:
        """Find many keys with one question, so that `get` need not ask for each."""
        missing = list(set(ids) - self._cache.find(ids).keys())
        if missing:
            with self._connection() as connection:
                rows = _find(connection, missing)
            live = [row for row in rows if row.wrapped and row.state == "live"]
            self._opened([row.key for row in live], live)

    def destroy(self, key: UUID) -> None:
        """Make everything sealed with this key unreadable for ever (销毁密钥).

        Safe to repeat, also in a restored copy and before a key was ever made.
        """
        with self._connection() as connection:
            connection.execute(_DESTROY, [key, ALGORITHM])
        self._cache.forget(key)

    def _find_or_create(self, ids: list[UUID]) -> list[_Row]:
        fresh = [self._master.wrap(Key(key, os.urandom(KEY_BYTES))) for key in ids]
        with self._connection() as connection, connection.pipeline():
            connection.execute(_CREATE, [ALGORITHM, ids, fresh])
            return _find(connection, ids)

    def _opened(self, ids: list[UUID], rows: list[_Row]) -> dict[UUID, Key]:
        by_id = {row.key: row for row in rows}
        keys = {key: self._unwrap(key, by_id.get(key)) for key in ids}
        self._cache.keep(keys.values())
        return keys

    def _unwrap(self, key: UUID, row: _Row | None) -> Key:
        state = row.state if row else "unknown"
        if row is None or row.wrapped is None or state != "live":
            raise KeyMissingError(key, state)
        return self._master.unwrap(key, row.wrapped)

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        try:
            with self._pool.connection() as connection:
                yield connection
        except psycopg.Error as error:  # the pool's own errors are such too
            watch.database_error(error)
            if (away := away_by(error)) is None or isinstance(away, DatabaseFullError):
                raise away or error from error
            raise KeyStoreAwayError(type(error).__name__) from error


class _Row(NamedTuple):
    key: UUID
    wrapped: bytes | None
    state: str


def _find(connection: psycopg.Connection[Any], ids: list[UUID]) -> list[_Row]:
    with connection.cursor(row_factory=class_row(_Row)) as cursor:
        return cursor.execute(_FIND, [ids]).fetchall()
