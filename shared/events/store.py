"""The host that all services share: load, fold, decide, receive, record.

New events, the positions of the messages that caused them, parked messages and rows of
read models are stored in one transaction.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from threading import RLock
from traceback import extract_tb
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, TypeVar
from uuid import UUID

import structlog
from psycopg import Connection

from shared.events import wire
from shared.events.base import (
    Actor,
    DomainEvent,
    Recorded,
    State,
    event_classes,
    system,
)
from shared.events.cache import Folded, FoldedStates, uuid_of
from shared.events.database import Database
from shared.events.errors import (
    BusyError,
    DatabaseAwayError,
    FengqiaoError,
    HandlerFailedError,
    LostReplyError,
    RefusedError,
    UnknownDisputeError,
)
from shared.events.histories import Histories, Statement, StoredEvent
from shared.events.turns import in_turn
from shared.events.wire import Told

__all__ = [
    "Changed",
    "Done",
    "Intent",
    "Service",
    "Statement",
    "Work",
    "in_one_order",
]

log = structlog.get_logger()

Outcome = TypeVar("Outcome")
Make = Callable[[Any], Iterable[DomainEvent]]
Changed = Mapping[UUID, tuple[Any, Sequence[Recorded]]]

_NO_STORE = UUID(int=0)

ATTEMPTS = 8
"""How often a conflict with another process is met by looking again."""

LOOKS = 3
"""How often something is tried whose connection breaks while it is being stored."""


class Intent(NamedTuple):
    """Something that is to be carried out once on one dispute.

    `cause` is its identity: a command's id, or the place of the event heard. If events
    with this cause are stored, it has been carried out. If another cause begins with
    `identity`, the same id was given to something else, which is refused. If `guarded`,
    a failure that nobody foresaw becomes a `HandlerFailedError`, so that it concerns
    this dispute only.
    """

    dispute: UUID
    cause: str
    make: Make
    actor: Actor
    occurred_at: datetime | None = None
    identity: str | None = None
    guarded: bool = False


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
        self.histories = Histories(database, self.name)
        self._turn = RLock()
        self._cache = FoldedStates(self.empty, self._read_event)
        self._itself = system(self.name)

    # What a service says of itself

    def react(self, heard: Recorded, state: Any, at: datetime) -> Iterable[DomainEvent]:
        """What is to be recorded at `at` because something was heard. Pure."""
        return ()

    def project(self, changed: Changed) -> Iterable[Statement]:
        """Rows of read models, from the newest states; stored with the events."""
        return ()

    def gathered(self, told: Sequence[Told]) -> Iterable[Sequence[Told]]:
        """What is to be heard at once: each for itself, unless a service knows better."""
        return [[each] for each in told if self.is_heard(each.name)]

    def intent_of(self, told: Sequence[Told], at: datetime) -> Intent:
        """What hearing these at `at` amounts to. Raises if one cannot be read."""
        (heard,) = map(wire.read, told)
        return Intent(
            heard.dispute,
            heard.place,
            lambda state: self.react(heard, state, at),
            self._itself,
            heard.recorded_at,
            guarded=True,
        )

    def is_heard(self, stored_name: str) -> bool:
        return self.hears is None or stored_name.rpartition(".")[0] in self.hears

    # Histories

    def state(self, dispute: UUID) -> Any:
        """What is remembered of a dispute now."""
        return self._load([dispute])[dispute].state

    def states(self, disputes: Iterable[UUID]) -> dict[UUID, Any]:
        """As `state`, of many, with one question."""
        return {d: folded.state for d, folded in self._load(disputes).items()}

    def known(self, dispute: UUID) -> Any:
        """As `state`. Raises `UnknownDisputeError` if there is no history."""
        found = self._load([dispute])[dispute]
        if not found.version:
            raise UnknownDisputeError(str(dispute))
        return found.state

    def history(self, dispute: UUID) -> list[Recorded]:
        return [self._read_event(e) for e in self.histories.newer({dispute: 0})]

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

        What broke off while it was being stored is looked at again. Threads of one
        process take turns, as the store lets only one append at a time. Raises
        `DatabaseAwayError`, or `BusyError` after many attempts.
        """
        for number in range(ATTEMPTS):
            try:
                with in_turn(self._turn):
                    if (done := attempt()) is not None:
                        return done
            except LostReplyError:
                if number + 1 >= LOOKS:
                    raise
            time.sleep(random.uniform(0, 0.01 * 2**number))
        raise BusyError(f"recording at {self.name}", ATTEMPTS)

    def work_out(self, intents: Sequence[Intent], now: datetime | None = None) -> Work:
        """Ask every intent in turn; each sees what the ones before it would record."""
        work = Work(now or self.database.now())
        known = self._load({intent.dispute for intent in intents})
        for intent in intents:
            before = work.after.get(intent.dispute) or known[intent.dispute]
            done, after = self._ask(intent, before, work.now)
            work.done.append(done)
            if after:
                work.after[intent.dispute] = after
                work.said.setdefault(intent.dispute, []).extend(done.events)
        return work

    def _ask(
        self, intent: Intent, before: Folded, now: datetime
    ) -> tuple[Done, Folded | None]:
        """What comes of an intent, and how the dispute stands after new events."""
        if intent.cause in before.causes:
            return Done((), again=True), None
        if intent.identity and any(
            cause.startswith(intent.identity) for cause in before.causes
        ):
            return Done((), _reused(intent)), None
        try:
            recorded = [
                Recorded(
                    self.name,
                    intent.dispute,
                    before.version + number,
                    intent.occurred_at or now,
                    now,
                    intent.actor,
                    intent.cause,
                    event,
                )
                for number, event in enumerate(intent.make(before.state), start=1)
            ]
            if not recorded:
                return Done(()), None
            after = before.extended(recorded)
            after.state.check()
        except DatabaseAwayError:
            raise
        except FengqiaoError as error:
            return Done((), error), None
        except Exception as error:  # a bug must not stop other disputes
            if not intent.guarded:
                raise
            log.error(
                "reaction_failed",
                service=self.name,
                dispute=intent.dispute,
                cause=intent.cause,
                where=_where(error),
            )
            return Done((), HandlerFailedError(error)), None
        return Done(recorded), after

    def record(
        self,
        work: Work,
        heard: Mapping[str, int] = MappingProxyType({}),
        beside: Sequence[Statement] = (),
    ) -> bool:
        """Store everything in one transaction. False if somebody else was faster."""
        if not work.said and not heard and not beside:
            return True
        changed = {d: (work.after[d].state, said) for d, said in work.said.items()}
        stored = [self._stored(event) for event in work.in_order]
        try:
            rows = [*self.project(changed), *beside]
            done = self.histories.append(stored, heard, rows)
        except BaseException:
            self._cache.forget(work.said)
            raise
        if done:
            self._cache.keep(work.after)
        return done

    def _first_time(self, intent: Intent, done: Done) -> Done:
        if not done.again:
            return done
        events = [e for e in self.history(intent.dispute) if e.cause == intent.cause]
        return Done(events, again=True)

    def _load(self, disputes: Iterable[UUID]) -> dict[UUID, Folded]:
        """The newest folded states: what is cached, and one query for what came since."""
        known = self._cache.known(disputes)
        versions = {dispute: folded.version for dispute, folded in known.items()}
        return self._cache.catch_up(known, self.histories.newer(versions))

    def _stored(self, recorded: Recorded) -> StoredEvent:
        return StoredEvent(
            recorded.dispute,
            recorded.version,
            recorded.event.stored_name,
            wire.written(recorded),
        )

    def _read_event(self, stored: StoredEvent) -> Recorded:
        return wire.read(
            Told(
                self.name,
                _NO_STORE,
                0,
                uuid_of(stored),
                stored.originator_version,
                stored.topic,
                stored.state,
            )
        )

    # What it tells others

    def tell(
        self, after: int, limit: int = 500, on: Connection[Any] | None = None
    ) -> list[Told]:
        """Public events recorded after a position of this store, in order.

        Read `on` a connection of the caller's, or on one of the pool.
        """
        store = self.store_id
        return [
            Told(self.name, store, *row)
            for row in self.histories.after(after, _public_names(), limit, on)
        ]

    def last_position(self) -> int:
        """The position of the newest public event; 0 if there is none."""
        return self.histories.last_position(_public_names())

    @property
    def store_id(self) -> UUID:
        """Names this store in positions, so that a copy or restore is noticed."""
        return self.histories.store_id

    # Setting up

    def migrate(self) -> list[str]:
        """Make or update this service's schema; returns the scripts that ran now."""
        plumbing = resources.files("shared.events") / "delivery.sql"
        ran = self.database.migrate(self.name, [plumbing, *self._scripts()])
        self.histories.create()
        return ran

    def close(self) -> None:
        self.histories.close()

    def sql(self, text: str) -> Any:
        """A query in which `{schema}` and `{events}` stand for this service's own."""
        return self.histories.sql(text)

    def _scripts(self) -> list[Traversable]:
        folder = resources.files(f"services.{self.name}") / "sql"
        return sorted(folder.iterdir(), key=lambda s: s.name) if folder.is_dir() else []


def in_one_order(changed: Changed) -> list[tuple[UUID, tuple[Any, Sequence[Recorded]]]]:
    """The same by dispute, so that all who write rows of disputes lock them alike."""
    return sorted(changed.items(), key=lambda item: item[0].int)


def _reused(intent: Intent) -> RefusedError:
    return RefusedError(
        "command-reused",
        "this command_id was used for another command; give every command an id of "
        "its own, and use it again only to repeat that very command",
    )


def _where(error: Exception) -> str:
    """File and line of a failure; its text may quote a person and is left out."""
    last = extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {last.filename}:{last.lineno}"


@cache
def _public_names() -> tuple[str, ...]:
    return tuple(kind.stored_name for kind in event_classes() if kind.is_public)
