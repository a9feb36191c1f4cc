"""The stored histories of one service, in PostgreSQL.

The only file that records with `eventsourcing`: its tables, its lock and its positions,
but events go in by binary `COPY`. Whatever belongs to a recording (events, positions
heard, rows of read models) is one transaction.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from time import monotonic
from typing import Any, LiteralString
from uuid import UUID

from eventsourcing.persistence import (
    IntegrityError,
    InterfaceError,
    OperationalError,
    PersistenceError,
    StoredEvent,
)
from eventsourcing.postgres import PostgresDatastore, PostgresProcessRecorder
from psycopg import Connection, Cursor
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composed, Identifier
from pydantic_core import to_json

from shared.events import watch
from shared.events.database import Database, away_by, new_pool
from shared.events.errors import DatabaseAwayError, LostReplyError
from shared.events.failpoints import reach

__all__ = ["Histories", "PersistenceError", "Rows", "Statement", "StoredEvent"]

Rows = Sequence[Mapping[str, object]]
Statement = tuple[LiteralString, Rows]
"""SQL over `jsonb_populate_recordset(null::a_table, %s)`, and the rows for it by column."""


class Histories:
    """Appends to the histories of a service's disputes and reads them."""

    def __init__(self, database: Database, name: str) -> None:
        self.database, self.name = database, name

    def append(
        self,
        events: Sequence[StoredEvent],
        heard: Mapping[str, int],
        beside: Iterable[Statement],
    ) -> bool:
        """Store it all or nothing. False if somebody else was faster.

        Raises `DatabaseAwayError`; after a `LostReplyError` it may be stored
        nevertheless.
        """
        reach("before-append", self.name)
        began = monotonic()
        try:
            self.recorder.insert_events(events, heard=heard, beside=beside)
        except IntegrityError:
            return False
        except PersistenceError as error:
            watch.database_error(error)
            raise _failure(error) from error
        names = (event.topic.rpartition(".")[0] for event in events)
        watch.appended(self.name, monotonic() - began, names)
        reach("after-commit", self.name)
        return True

    def newer(self, versions: Mapping[UUID, int]) -> list[StoredEvent]:
        """What was stored after these versions, history by history, in order."""
        asked = [list(versions), list(versions.values())]
        return [StoredEvent(*row) for row in self.database.read(self._newer, asked)]

    def after(
        self,
        position: int,
        names: Collection[str],
        limit: int,
        on: Connection[Any] | None = None,
    ) -> list[tuple[int, UUID, int, str, bytes]]:
        """Position, dispute, version, name and body of what was stored after that."""
        asked = [position, list(names), limit]
        if on:
            return on.execute(self._after, asked).fetchall()
        return self.database.read(self._after, asked)

    def last_position(self, names: Collection[str]) -> int:
        """The position of the newest event of these names; 0 if there is none."""
        (found,) = self.database.read(self._last, [list(names)])[0]
        return int(found or 0)

    def heard_to(self, source: str) -> int:
        """How far a source has been heard; 0 at first."""
        (found,) = self.database.read(self._heard_to, [source])[0]
        return int(found or 0)

    def moment(self, disputes: Collection[UUID]) -> tuple[datetime, set[UUID]]:
        """The time now, and which of these disputes have a message put aside."""
        now, held = self.database.read(self._moment, [list(disputes)])[0]
        return now.astimezone(UTC), {UUID(str(dispute)) for dispute in held}

    @cached_property
    def store_id(self) -> UUID:
        """Names this store in positions, so that a copy or restore is noticed."""
        (found,) = self.database.read(self.sql("SELECT id FROM {schema}.store"))[0]
        return UUID(str(found))

    def sql(self, text: str) -> Any:
        """A query in which `{schema}` and `{events}` stand for this service's own."""
        return SQL(text).format(
            schema=Identifier(self.name), events=Identifier(f"{self.name}_events")
        )

    def create(self) -> None:
        """Make the tables of events and positions where there are none."""
        with self.database.alone("event-tables"):
            name = f"{self.name}.{self.name}_events"
            (found,) = self.database.read("SELECT to_regclass(%s)", [name])[0]
            if found is None:
                self.recorder.create_table()

    def close(self) -> None:
        if "recorder" in self.__dict__:
            self.recorder.datastore.close()

    @cached_property
    def recorder(self) -> _Recorder:
        datastore = PostgresDatastore(
            *("", "", "", "", ""),  # where it is, knows the pool
            schema=self.name,
            lock_timeout=2,  # longer than an autovacuum takes to give way
            enable_db_functions=False,  # it loses events for readers that tail
        )
        pool: Any = new_pool(self.database.conninfo, 4, row_factory=dict_row)
        datastore.pool = pool
        return _Recorder(
            datastore,
            events_table_name=f"{self.name}_events",
            tracking_table_name=f"{self.name}_positions",
        )

    @cached_property
    def _newer(self) -> Any:
        # One look into the index per history: OFFSET 0 keeps the planner from joining
        # with the whole table, which it does while it has no statistics.
        return self.sql(
            "SELECT e.* FROM unnest(%s::uuid[], %s::bigint[]) AS known (id, version),"
            " LATERAL (SELECT originator_id, originator_version, topic, state"
            " FROM {schema}.{events} WHERE originator_id = known.id"
            " AND originator_version > known.version"
            " ORDER BY originator_version OFFSET 0) AS e"
        )

    @cached_property
    def _after(self) -> Any:
        return self.sql(
            "SELECT notification_id, originator_id, originator_version, topic, state"
            " FROM {schema}.{events} WHERE notification_id > %s AND topic = ANY(%s)"
            " ORDER BY notification_id LIMIT %s"
        )

    @cached_property
    def _last(self) -> Any:
        return self.sql(
            "SELECT max(notification_id) FROM {schema}.{events} WHERE topic = ANY(%s)"
        )

    @cached_property
    def _heard_to(self) -> Any:
        return SQL(
            "SELECT max(notification_id) FROM {}.{} WHERE application_name = %s"
        ).format(Identifier(self.name), Identifier(f"{self.name}_positions"))

    @cached_property
    def _moment(self) -> Any:
        return self.sql(
            "SELECT coalesce(frozen, clock_timestamp() + shift), ARRAY("
            "SELECT DISTINCT dispute FROM {schema}.parked"
            " WHERE released_at IS NULL AND dispute = ANY(%s))"
            " FROM fengqiao.world_time"
        )


class _Recorder(PostgresProcessRecorder):
    """Stores events by `COPY`, with positions and other rows in one transaction.

    The lock comes first: appends of a service wait for each other at one place only,
    and so never for each other in a circle.
    """

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        heard: Mapping[str, int] = {},
        beside: Iterable[Statement] = (),
        **_: Any,
    ) -> None:
        name = self.datastore.schema
        # Whatever takes long is done before the lock: others wait for it.
        events = _binary(stored_events)
        told = [(statement, to_json(rows).decode()) for statement, rows in beside]
        with (
            self.datastore.get_connection() as connection,
            connection.transaction(),
            connection.cursor() as cursor,
        ):
            if stored_events:
                cursor.execute(self._lock_and_notify, prepare=False)
            if heard:
                self._track(cursor, heard)
            for statement, rows in told:
                cursor.execute(statement, [rows])
            if stored_events:
                with cursor.copy(self._copy) as copy:
                    copy.write(events)
            reach("before-commit", name)

    def _track(self, cursor: Cursor[Any], heard: Mapping[str, int]) -> None:
        """Move all positions on. Raises `IntegrityError` if one is there already."""
        cursor.execute(self._move_on, [list(heard), list(heard.values())])
        if cursor.rowcount < len(heard):
            raise IntegrityError("somebody else has heard this")

    @cached_property
    def _lock_and_notify(self) -> Composed:
        """The library's statements, which it sends one by one, in one message."""
        notify = SQL("NOTIFY {}").format(Identifier(self.channel_name))
        return SQL("; ").join([*self.lock_table_statements, notify])

    @cached_property
    def _move_on(self) -> Composed:
        """The library's upsert of one position, for many."""
        return SQL(
            "INSERT INTO {0} AS known"
            " SELECT * FROM unnest(%s::text[], %s::bigint[]) AS heard (source, position)"
            " ORDER BY source ON CONFLICT (application_name) DO UPDATE"
            " SET notification_id = excluded.notification_id"
            " WHERE known.notification_id < excluded.notification_id"
        ).format(Identifier(self.datastore.schema, self.tracking_table_name))

    @cached_property
    def _copy(self) -> Any:
        return SQL(
            "COPY {}.{} (originator_id, originator_version, topic, state)"
            " FROM STDIN (FORMAT BINARY)"
        ).format(Identifier(self.datastore.schema), Identifier(self.events_table_name))


def _failure(error: PersistenceError) -> Exception:
    """What it means that something could not be stored, or nobody knows whether."""
    away = away_by(error.__cause__)
    gone = isinstance(error, OperationalError | InterfaceError)
    if type(away) is DatabaseAwayError or (away is None and gone):
        return LostReplyError(error.__cause__ or error)
    return away or error


_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = struct.pack(">h", -1)
_START_OF_ROW = struct.Struct(">hi16siqi")


def _binary(events: Iterable[StoredEvent]) -> bytes:
    """The rows in PostgreSQL's binary `COPY` format (its manual, COPY, "Binary Format")."""
    parts = [_HEADER]
    for event in events:
        dispute, topic, state = event.originator_id, event.topic.encode(), event.state
        assert isinstance(dispute, UUID)
        parts += (
            _START_OF_ROW.pack(
                4, 16, dispute.bytes, 8, event.originator_version, len(topic)
            ),
            topic,
            len(state).to_bytes(4),
            state,
        )
    return b"".join([*parts, _END])
