"""One process's way to the database: connections, the time, migrations.

Every service keeps to a schema of its own. Time is the database's clock, so that all
processes agree; for samples and tests it can be moved or stopped by command.
"""

from __future__ import annotations

import hashlib
import select
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.resources.abc import Traversable
from typing import Any, LiteralString, cast

import psycopg
from psycopg.sql import SQL, Composed, Identifier
from psycopg_pool import ConnectionPool

from shared.events import watch
from shared.events.errors import (
    DatabaseAwayError,
    DatabaseFullError,
    DatabaseLockedError,
    RefusedError,
    StoreError,
)

_WORLD = """
CREATE SCHEMA IF NOT EXISTS fengqiao;
CREATE TABLE IF NOT EXISTS fengqiao.world_time (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    movable  boolean NOT NULL DEFAULT false,
    shift    interval NOT NULL DEFAULT '0',
    frozen   timestamptz
);
INSERT INTO fengqiao.world_time DEFAULT VALUES ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS fengqiao.migration (
    schema_name text, file text, digest text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (schema_name, file)
);
CREATE TABLE IF NOT EXISTS fengqiao.carrier (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    kind text NOT NULL
);
"""
_NOW = "SELECT coalesce(frozen, clock_timestamp() + shift) FROM fengqiao.world_time"
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext(%s))"


FARTHEST = timedelta(days=400)
"""How far a sample's time may be moved at once."""

FULL, READ_ONLY, LOCKED = "53100", "25006", "55P03"
"""SQLSTATE of a disk without room, of a server that only serves readers (another has
taken its place), and of a lock that was not had in time."""

WRITERS = {"md.c", "xlog.c"}
"""Where the server writes tables and its log."""

ANSWER_WITHIN = 15.0

Query = LiteralString | SQL | Composed


class Connection(psycopg.Connection[Any]):
    """A connection that does not wait for ever for a server that says nothing.

    A firewall that drops and a server that is frozen look the same: no error, no end.
    """

    within: float | None = ANSWER_WITHIN

    def wait(
        self, gen: Any, interval: float = 0.1, timeout: float | None = None
    ) -> Any:
        if timeout is not None or self.within is None:
            return super().wait(gen, interval, timeout)
        until = time.monotonic() + self.within
        try:
            return super().wait(gen, interval, self.within)
        except psycopg.OperationalError:
            if time.monotonic() >= until:
                self.close()
            raise


CONNECTION: dict[str, Any] = {
    "autocommit": True,
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""A server whose machine is gone is noticed within half a minute."""


class Database:
    """Connections for reading, the time that all processes share, and migrations.

    The pool is small and bounded: when it is used up, callers wait five seconds and are
    then refused, rather than queue without end.
    """

    def __init__(self, conninfo: str, size: int = 4) -> None:
        self.conninfo = conninfo
        self.pool = new_pool(conninfo, size)

    def open(self) -> None:
        self.pool.open(wait=False)

    def close(self) -> None:
        self.pool.close()

    def now(self) -> datetime:
        """The time that holds for everybody, aware, in UTC."""
        found: datetime = self.read(_NOW)[0][0]
        return found.astimezone(UTC)

    def read(self, sql: Query, values: Sequence[object] = ()) -> list[Any]:
        """The rows of one query. Raises `DatabaseAwayError`.

        A connection may have been cut since it was last used: so it is asked twice.
        """
        try:
            return self._rows(sql, values)
        except DatabaseAwayError:
            return self._rows(sql, values)

    def _rows(self, sql: Query, values: Sequence[object]) -> list[Any]:
        with self._connection() as connection:
            return connection.execute(sql, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Cursor[Any]]:
        """A transaction that is committed at the end. Raises `DatabaseAwayError`."""
        with self._connection() as connection, connection.transaction():
            yield connection.cursor()

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[Any]]:
        try:
            with self.pool.connection() as connection:
                yield connection
        except psycopg.Error as error:
            if away := away_by(error):
                watch.database_error(error)
                raise away from error
            raise

    def migrate(self, schema: str, scripts: Sequence[Traversable]) -> list[str]:
        """Run the scripts of a schema that have not run yet, each exactly once.

        Raises `StoreError` if a script that has run was changed since. Returns the names
        of those that ran now.
        """
        with self._patiently() as cursor:
            cursor.execute(_ONE_AT_A_TIME, ["fengqiao/migration"])
            cursor.execute(_WORLD)
            name = Identifier(schema)
            cursor.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(name))
            cursor.execute(SQL("SET LOCAL search_path TO {}").format(name))
            return [s.name for s in scripts if _run_once(cursor, schema, s)]

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Do something that no other process may do at the same time."""
        with self._patiently() as cursor:
            cursor.execute(_ONE_AT_A_TIME, [f"fengqiao/{what}"])
            yield

    @contextmanager
    def _patiently(self) -> Iterator[psycopg.Cursor[Any]]:
        """A transaction that may wait for others, or take as long as a migration does."""
        with self.transaction() as cursor:
            connection = cast(Connection, cursor.connection)
            connection.within = None
            try:
                yield cursor
            finally:
                connection.within = ANSWER_WITHIN

    def claim_carrier(self, kind: str) -> None:
        """Bind this database to one way of carrying events, embedded or Kafka.

        Positions of one cannot be read by the other. Raises `StoreError` if the database
        belongs to the other.
        """
        with self.transaction() as cursor:
            cursor.execute(
                "INSERT INTO fengqiao.carrier (kind) VALUES (%s) ON CONFLICT DO NOTHING",
                (kind,),
            )
            cursor.execute("SELECT kind FROM fengqiao.carrier")
            row = cursor.fetchone()
        if row and row[0] != kind:
            raise StoreError(
                f"cannot carry events by {kind}: this database has been carried by "
                f"{row[0]}, whose positions mean something else; use another database",
                kind=kind,
                found=row[0],
            )

    def let_time_move(self) -> None:
        """Mark the data as a sample: from now on its time may be moved by command."""
        self._set_time("movable = true")

    def freeze(self, at: datetime | None = None) -> None:
        """Stop the time, at `at` or now."""
        self._set_time("frozen = %s", at or self.now())

    def run_on(self) -> None:
        """Let a stopped time run on from where it stands."""
        self._set_time(
            "shift = coalesce(frozen - clock_timestamp(), shift), frozen = NULL"
        )

    def advance(self, by: timedelta) -> datetime:
        """Move the time forward. Raises `RefusedError` outside of samples and tests."""
        if by < timedelta(0):
            raise RefusedError("time-backwards", "time can only be moved forward")
        if by > FARTHEST:
            raise RefusedError(
                "time-too-far",
                f"time can be moved {FARTHEST.days} days at once at most",
            )
        self._set_time("frozen = frozen + %s, shift = shift + %s", by, by)
        return self.now()

    def time_moved(self) -> bool:
        """Whether the time differs from the real one by command."""
        (moved,) = self.read(
            "SELECT frozen IS NOT NULL OR shift <> '0' FROM fengqiao.world_time"
        )[0]
        return bool(moved)

    def _set_time(self, change: LiteralString, *values: object) -> None:
        condition: LiteralString = (
            "" if change.startswith("movable") else " WHERE movable"
        )
        with self.transaction() as cursor:
            cursor.execute(
                SQL("UPDATE fengqiao.world_time SET " + change + condition), values
            )
            if cursor.rowcount != 1:
                raise RefusedError(
                    "time-not-movable",
                    "the time of real data cannot be moved; only a sample's can",
                )


def new_pool(conninfo: str, size: int, **told: Any) -> ConnectionPool[Connection]:
    """At most so many connections, which are found out when they are cut."""
    return ConnectionPool(
        conninfo,
        connection_class=Connection,
        kwargs={**CONNECTION, **told},
        min_size=1,
        max_size=size,
        max_waiting=200,
        timeout=5.0,
        reconnect_timeout=30.0,
        configure=_configure,
        check=_check,
        open=False,
    )


def _configure(connection: Connection) -> None:
    connection.execute("SET idle_in_transaction_session_timeout = '30s'")


def _check(connection: Connection) -> None:
    """Ask only where something has come unasked: a server that went away has hung up."""
    unasked = select.poll()
    unasked.register(connection.pgconn.socket, select.POLLIN)
    if unasked.poll(0):
        ConnectionPool.check_connection(connection)


def away_by(error: BaseException | None) -> DatabaseAwayError | None:
    """What a driver's error says of the database; None if it says something else.

    A full disk has a code of its own. A used-up quota has none: it shows in the files of
    the server's source that could not write.
    """
    if not isinstance(error, psycopg.Error):
        return None
    if error.sqlstate == FULL or (
        isinstance(error, psycopg.InternalError) and error.diag.source_file in WRITERS
    ):
        return DatabaseFullError(error)
    if error.sqlstate == LOCKED:
        return DatabaseLockedError(error)
    gone = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return DatabaseAwayError(error) if gone or error.sqlstate == READ_ONLY else None


def _run_once(cursor: psycopg.Cursor[Any], schema: str, script: Traversable) -> bool:
    text = script.read_text(encoding="utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()
    known = cursor.execute(
        "SELECT digest FROM fengqiao.migration WHERE schema_name = %s AND file = %s",
        (schema, script.name),
    ).fetchone()
    if known is None:
        cursor.execute(text.encode())
        cursor.execute(
            "INSERT INTO fengqiao.migration (schema_name, file, digest) VALUES (%s, %s, %s)",
            (schema, script.name, digest),
        )
        return True
    if known[0] != digest:
        raise StoreError(
            f"migration {script.name} of {schema} was changed after it had run; put the "
            "old text back and add a new file with the next number",
            schema=schema,
            file=script.name,
        )
    return False
