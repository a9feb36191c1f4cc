"""The host that all services share: load, fold, decide, receive, record.

The only file that records with `eventsourcing`. New events, the position of the
messages that caused them, parked messages and rows of read models are stored in one
transaction.
"""

from __future__ import annotations

import random
import select
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from threading import RLock
from typing import Any, ClassVar, NamedTuple, TypeVar
from uuid import UUID

import structlog
from eventsourcing.persistence import (
    IntegrityError,
    InterfaceError,
    OperationalError,
    StoredEvent,
    Tracking,
)
from eventsourcing.postgres import PostgresDatastore, PostgresProcessRecorder
from psycopg.sql import SQL, Identifier

from shared.events import wire
from shared.events.base import (
    Actor,
    DomainEvent,
    Recorded,
    State,
    event_classes,
    system,
)
from shared.events.cache import Folded, FoldedStates
from shared.events.database import Database
from shared.events.errors import (
    BusyError,
    DatabaseAwayError,
    FengqiaoError,
    RefusedError,
    UnknownDisputeError,
)
from shared.events.failpoints import reach
from shared.events.wire import Told

log = structlog.get_logger()

Outcome = TypeVar("Outcome")
Make = Callable[[Any], Iterable[DomainEvent]]
Statement = tuple[Any, Sequence[Sequence[object]]]
Changed = Mapping[UUID, tuple[Any, Sequence[Recorded]]]

ATTEMPTS = 8
"""How often a conflict with another process is met by looking again."""


class Intent(NamedTuple):
    """Something that is to be carried out once on one dispute.

    `cause` is its identity: a command's id, or the place of the event heard. If events
    with this cause are stored, it has been carried out. If another cause begins with
    `identity`, the same id was given to something else, which is refused.
    """

    dispute: UUID
    cause: str
    make: Make
    actor: Actor
    occurred_at: datetime | None = None
    identity: str | None = None


class Done(NamedTuple):
    """What came of an intent: its events (new, or those of the first time), or why not."""

    events: Sequence[Recorded]
    error: Exception | None = None
    again: bool = False


@dataclass
class Work:
    """What a batch of intents amounts to, before it is stored."""

    now: datetime
    done: list[Done] = field(default_factory=list)
    after: dict[UUID, Folded] = field(default_factory=dict)
    said: dict[UUID, list[Recorded]] = field(default_factory=dict)

    @property
    def in_order(self) -> list[Recorded]:
        """The new events, in the order of the intents."""
        return [e for done in self.done if not done.again for e in done.events]


class _Recorder(PostgresProcessRecorder):
    """Writes rows of other tables in the transaction of the events."""

    def _insert_events(
        self, curs: Any, stored_events: Any, *, beside: Any = (), **kwargs: Any
    ) -> None:
        super()._insert_events(curs, stored_events, **kwargs)
        for statement, rows in beside:
            curs.executemany(statement, rows)
        _send_all(curs.connection)

    def _insert_stored_events(
        self, curs: Any, stored_events: Any, **kwargs: Any
    ) -> None:
        super()._insert_stored_events(curs, stored_events, **kwargs)
        _send_all(curs.connection)
        reach("before-commit", self.datastore.schema)


def _send_all(connection: Any) -> None:
    """Wait until everything has left this side.

    In pipeline mode the driver stops sending when its own queue is empty, though libpq
    may still hold a part of a large insert; then server and client wait for each other.
    """
    pg = connection.pgconn
    while pg.flush():
        readable, _, _ = select.select([pg.socket], [pg.socket], [])
        if readable:
            pg.consume_input()


class Service:
    """The history of disputes at one service, and the policy that extends it.

    A service is a name, an empty state, and one pure function `react`. It may be used
    from several threads and run in several processes.
    """

    name: ClassVar[str]
    empty: ClassVar[State]
    hears: ClassVar[frozenset[str] | None] = None
    """Event names it reacts to; None means every event."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._turn = RLock()
        self._cache = FoldedStates(self.empty, self._read_event)

    # What a service says of itself

    def react(self, heard: Recorded, state: Any) -> Iterable[DomainEvent]:
        """What is to be recorded because something was heard. Pure."""
        return ()

    def project(self, changed: Changed) -> Iterable[Statement]:
        """Rows of read models, from the newest states; stored with the events."""
        return ()

    def intent_of(self, told: Told) -> Intent | None:
        """What hearing an event amounts to. Raises if the event cannot be read."""
        if not self.is_heard(told.name):
            return None
        heard = wire.read(told)
        return Intent(
            heard.dispute,
            heard.place,
            lambda state: self.react(heard, state),
            system(self.name),
            heard.recorded_at,
        )

    def is_heard(self, stored_name: str) -> bool:
        return self.hears is None or stored_name.rpartition(".")[0] in self.hears

    # Histories

    def state(self, dispute: UUID) -> Any:
        """What is remembered of a dispute now."""
        return self._load([dispute])[dispute].state

    def known(self, dispute: UUID) -> Any:
        """As `state`. Raises `UnknownDisputeError` if there is no history."""
        found = self._load([dispute])[dispute]
        if not found.version:
            raise UnknownDisputeError(str(dispute))
        return found.state

    def history(self, dispute: UUID) -> list[Recorded]:
        rows = self.database.read(self._newer_sql, [[dispute], [0]])
        return [self._read_event(StoredEvent(*row)) for row in rows]

    # Commands

    def decide(
        self,
        dispute: UUID,
        command_id: str,
        make: Make,
        *,
        actor: Actor,
        occurred_at: datetime | None = None,
    ) -> list[Recorded]:
        """Carry out a command once: `make` turns the state into new events.

        Safe to call again with the same `command_id`, after a timeout or a lost reply:
        what it recorded the first time is returned. If somebody else extended the
        history meanwhile, `make` is asked again with the newer state. Raises what `make`
        raises, `BusyError`, or `DatabaseAwayError`.
        """
        (done,) = self.decide_many(
            [Intent(dispute, command_id, make, actor, occurred_at)]
        )
        if done.error:
            raise done.error
        return list(done.events)

    def decide_many(self, intents: Sequence[Intent]) -> list[Done]:
        """Carry out many commands in one transaction; each is refused on its own."""
        work = self.until_recorded(lambda: self._worked_and_recorded(intents))
        return [
            self._first_time(intent, done)
            for intent, done in zip(intents, work.done, strict=True)
        ]

    def _worked_and_recorded(self, intents: Sequence[Intent]) -> Work | None:
        work = self.work_out(intents)
        return work if self.record(work) else None

    # The parts that work with the store

    def until_recorded(self, attempt: Callable[[], Outcome | None]) -> Outcome:
        """Attempt until it is not None: others may change the same histories meanwhile.

        Threads of one process take turns, as the store lets only one append at a time.
        Raises `BusyError` after many attempts.
        """
        for number in range(ATTEMPTS):
            with self._turn:
                if (done := attempt()) is not None:
                    return done
            time.sleep(random.uniform(0, 0.01 * 2**number))
        raise BusyError(f"recording at {self.name}", ATTEMPTS)

    def work_out(self, intents: Sequence[Intent]) -> Work:
        """Ask every intent in turn; each sees what the ones before it would record."""
        work = Work(self.database.now())
        known = self._load({intent.dispute for intent in intents})
        for intent in intents:
            before = work.after.get(intent.dispute) or known[intent.dispute]
            done = self._ask(intent, before, work.now)
            work.done.append(done)
            if done.events and not done.again:
                work.after[intent.dispute] = before.extended(done.events)
                work.said.setdefault(intent.dispute, []).extend(done.events)
        return work

    def _ask(self, intent: Intent, before: Folded, now: datetime) -> Done:
        if intent.cause in before.causes:
            return Done((), again=True)
        if intent.identity and any(
            cause.startswith(intent.identity) for cause in before.causes
        ):
            return Done((), _reused(intent))
        try:
            events = list(intent.make(before.state))
            recorded = [
                Recorded(
                    speaker=self.name,
                    dispute=intent.dispute,
                    version=before.version + number,
                    occurred_at=intent.occurred_at or now,
                    recorded_at=now,
                    actor=intent.actor,
                    cause=intent.cause,
                    event=event,
                )
                for number, event in enumerate(events, start=1)
            ]
            before.extended(recorded).state.check()
        except DatabaseAwayError:
            raise
        except FengqiaoError as error:
            return Done((), error)
        return Done(recorded)

    def record(
        self,
        work: Work,
        tracking: Tracking | None = None,
        beside: Sequence[Statement] = (),
    ) -> bool:
        """Store everything in one transaction. False if somebody else was faster."""
        if not work.said and not tracking and not beside:
            return True
        changed = {d: (work.after[d].state, said) for d, said in work.said.items()}
        stored = [self._stored(event) for event in work.in_order]
        reach("before-append", self.name)
        try:
            self.recorder.insert_events(
                stored, tracking=tracking, beside=[*self.project(changed), *beside]
            )
        except IntegrityError:
            self._cache.forget(work.said)
            return False
        except (OperationalError, InterfaceError) as error:
            self._cache.forget(work.said)
            raise DatabaseAwayError(error) from error
        reach("after-commit", self.name)
        self._cache.keep(work.after)
        return True

    def _first_time(self, intent: Intent, done: Done) -> Done:
        if not done.again:
            return done
        events = [e for e in self.history(intent.dispute) if e.cause == intent.cause]
        return Done(events, again=True)

    def _load(self, disputes: Iterable[UUID]) -> dict[UUID, Folded]:
        """The newest folded states: what is cached, and one query for what came since."""
        known = self._cache.known(disputes)
        versions = [folded.version for folded in known.values()]
        rows = self.database.read(self._newer_sql, [list(known), versions])
        return self._cache.catch_up(known, (StoredEvent(*row) for row in rows))

    def _stored(self, recorded: Recorded) -> StoredEvent:
        return StoredEvent(
            recorded.dispute,
            recorded.version,
            recorded.event.stored_name,
            wire.written(recorded),
        )

    def _read_event(self, stored: StoredEvent) -> Recorded:
        return wire.read(self._told(stored, position=0))

    def _told(self, stored: Any, position: int) -> Told:
        return Told(
            self.name,
            self.store_id,
            position,
            stored.originator_id,
            stored.originator_version,
            stored.topic,
            stored.state,
        )

    # What it tells others

    def tell(self, after: int, limit: int = 500) -> list[Told]:
        """Public events recorded after a position of this store, in order."""
        rows = self.database.read(self._after_sql, [after, _public_names(), limit])
        return [self._told(StoredEvent(*row[1:]), row[0]) for row in rows]

    def last_position(self) -> int:
        """The position of the newest public event; 0 if there is none."""
        (found,) = self.database.read(self._last_sql, [list(_public_names())])[0]
        return int(found or 0)

    @cached_property
    def store_id(self) -> UUID:
        """Names this store in positions, so that a copy or restore is noticed."""
        (found,) = self.database.read(self.sql("SELECT id FROM {schema}.store"))[0]
        return UUID(str(found))

    # Setting up

    @cached_property
    def recorder(self) -> _Recorder:
        parts = self.database.parts
        datastore = PostgresDatastore(
            dbname=parts.get("dbname", "fengqiao"),
            host=parts.get("host", ""),
            port=parts.get("port", "5432"),
            user=parts.get("user", ""),
            password=parts.get("password", ""),
            schema=self.name,
            pool_size=1,
            max_overflow=3,
            max_waiting=200,
            pre_ping=True,
            lock_timeout=10,
            idle_in_transaction_session_timeout=30,
            enable_db_functions=False,  # it loses events for readers that tail
        )
        return _Recorder(
            datastore,
            events_table_name=f"{self.name}_events",
            tracking_table_name=f"{self.name}_positions",
        )

    def migrate(self) -> list[str]:
        """Make or update this service's schema; returns the scripts that ran now."""
        plumbing = resources.files("shared.events") / "delivery.sql"
        ran = self.database.migrate(self.name, [plumbing, *self._scripts()])
        with self.database.alone("event-tables"):
            if not self._has_events():
                self.recorder.create_table()
        return ran

    def _has_events(self) -> bool:
        name = f"{self.name}.{self.name}_events"
        (found,) = self.database.read("SELECT to_regclass(%s)", [name])[0]
        return found is not None

    def close(self) -> None:
        if "recorder" in self.__dict__:
            self.recorder.datastore.close()

    def sql(self, text: str) -> Any:
        """A query in which `{schema}` and `{events}` stand for this service's own."""
        return SQL(text).format(
            schema=Identifier(self.name), events=Identifier(f"{self.name}_events")
        )

    def _scripts(self) -> list[Traversable]:
        folder = resources.files(f"services.{self.name}") / "sql"
        return sorted(folder.iterdir(), key=lambda s: s.name) if folder.is_dir() else []

    @cached_property
    def _newer_sql(self) -> Any:
        return self.sql(
            "SELECT e.originator_id, e.originator_version, e.topic, e.state"
            " FROM unnest(%s::uuid[], %s::bigint[]) AS known (id, version)"
            " JOIN {schema}.{events} e ON e.originator_id = known.id"
            " AND e.originator_version > known.version"
            " ORDER BY e.originator_id, e.originator_version"
        )

    @cached_property
    def _after_sql(self) -> Any:
        return self.sql(
            "SELECT notification_id, originator_id, originator_version, topic, state"
            " FROM {schema}.{events} WHERE notification_id > %s AND topic = ANY(%s)"
            " ORDER BY notification_id LIMIT %s"
        )

    @cached_property
    def _last_sql(self) -> Any:
        return self.sql(
            "SELECT max(notification_id) FROM {schema}.{events} WHERE topic = ANY(%s)"
        )


def _reused(intent: Intent) -> RefusedError:
    return RefusedError(
        "command-reused",
        "this command_id was used for another command; give every command an id of "
        "its own, and use it again only to repeat that very command",
    )


def _public_names() -> list[str]:
    return [kind.stored_name for kind in event_classes() if kind.is_public]
