"""How a service hears: once per position, in order, and no bad message stops others.

What cannot be processed is parked with its bytes, headers and reason, in the
transaction that moves the position on. Later messages of the same dispute are parked
behind it, or they would overtake.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from traceback import extract_tb
from typing import Any, NamedTuple, Protocol
from uuid import UUID, uuid5

import structlog
from eventsourcing.persistence import (
    InterfaceError,
    OperationalError,
    PersistenceError,
    Tracking,
)
from psycopg.types.json import Jsonb

from shared.events import wire
from shared.events.base import Actor, DomainEvent, system
from shared.events.delivery import MessageParked, MessageReleased
from shared.events.errors import (
    BusyError,
    DatabaseAwayError,
    FengqiaoError,
    RefusedError,
)
from shared.events.store import Intent, Service, Statement, Work
from shared.events.wire import Message, Told

log = structlog.get_logger()

_PARKED = UUID("3c7ce8a5-94a1-5b57-8d3c-7b0a1f1f6f10")


class HandlerFailedError(FengqiaoError):
    """A reaction failed in a way nobody foresaw. Only the kind of error is told."""

    code = "handler-failed"

    def __init__(self, error: Exception) -> None:
        super().__init__(
            f"processing failed with {type(error).__name__}; the log has the place. "
            "Mend the software or the rules, then release the message"
        )


class Vault(Protocol):
    """Seals what may hold personal data before it is kept, and opens it again."""

    def close(self, message: UUID, body: bytes) -> bytes: ...
    def open(self, message: UUID, kept: bytes) -> bytes: ...


class ParkedMessage(NamedTuple):
    """A message that waits for a person. `dispute` is None if it cannot be told."""

    message: UUID
    dispute: UUID | None
    stream: UUID
    came_from: str
    headers: dict[str, str]
    body: bytes
    reason: str
    behind: bool
    parked_at: datetime
    released_at: datetime | None
    released_by: str | None


class _Aside(NamedTuple):
    """A message on its way into the parked table."""

    message: UUID
    dispute: UUID | None
    came_from: str
    headers: Mapping[str, str]
    body: bytes
    reason: str
    behind: bool = False

    @property
    def stream(self) -> UUID:
        return self.dispute or self.message


class Inbox:
    """The hearing half of a service; carriers and foreign entrances call it."""

    def __init__(self, service: Service, vault: Vault | None = None) -> None:
        self.service, self._vault = service, vault
        self._positions: dict[str, int] = {}
        self._park_sql = service.sql(_PARK)
        self._held_sql = service.sql(_HELD)
        self._release_sql = service.sql(_RELEASE)

    def position(self, source: str) -> int:
        """How far `source` (speaker, store, partition) has been heard; 0 at first."""
        if source not in self._positions:
            self._positions[source] = self.stored_position(source)
        return self._positions[source]

    def stored_position(self, source: str) -> int:
        """The same as the database knows it, whichever process heard last."""
        try:
            found = self.service.recorder.max_tracking_id(source)
        except (OperationalError, InterfaceError) as error:
            raise DatabaseAwayError(error) from error
        return found or 0

    def receive(self, source: str, batch: Sequence[Told]) -> int:
        """Process events in the order of their positions, each once, all or nothing.

        Returns how many were new. Raises only `DatabaseAwayError`: then
        nothing was recorded, and the same batch is to be given again.
        """
        try:
            return self._received(source, batch)
        except (BusyError, PersistenceError) as error:
            if len(batch) > 1:
                return sum(self.receive(source, [told]) for told in batch)
            return self._received(source, batch, doomed=error)

    def park(
        self,
        came_from: str,
        headers: Mapping[str, str],
        body: bytes,
        reason: str,
        *,
        dispute: UUID | None = None,
    ) -> UUID:
        """Put a foreign message aside; the same bytes again are the same message."""
        message = self._identity(headers, body, came_from)
        aside = _Aside(message, dispute, came_from, headers, body, reason)
        self._until_stored([self._parking(aside)], [aside])
        log.warning("message_parked", came_from=came_from, reason=reason)
        return message

    def parked(self, *, released: bool = False) -> list[ParkedMessage]:
        """Messages that wait for a person (or all that ever were), oldest first."""
        condition = "" if released else " WHERE released_at IS NULL"
        rows = self.service.database.read(
            self.service.sql(_SELECT + condition + " ORDER BY number")
        )
        return [self._row(row) for row in rows]

    def parked_message(self, message: UUID) -> ParkedMessage:
        rows = self.service.database.read(
            self.service.sql(_SELECT + " WHERE message = %s"), [message]
        )
        if not rows:
            raise RefusedError(
                "no-such-message",
                f"no message {message} is parked at {self.service.name}; "
                "`fengqiao parked list` shows those that are",
            )
        return self._row(rows[0])

    def release(
        self,
        message: UUID,
        *,
        by: Actor,
        why: str,
        foreign: Callable[[ParkedMessage, bytes], Sequence[Intent]],
        body: bytes | None = None,
        discard: bool = False,
    ) -> list[UUID]:
        """Process a parked message after all, as it was or with a repaired body.

        With `discard` it is not processed: the person answers for that.

        Those parked behind it follow, in order. `foreign` says what a message from
        outside amounts to. Raises what processing raises; the message stays parked then.
        Released already: nothing happens again. Returns what was released.
        """
        if not by.person:
            raise RefusedError("nameless", "say which person releases the message")
        found = self.parked_message(message)
        if found.released_at:
            return []
        meant = [] if discard else self._meant(found, body or found.body, foreign)
        self._release_one(found, by, why, meant, repaired=bool(body), discarded=discard)
        done = [message]
        for waiting in self._behind(found.dispute):
            meant = self._meant(waiting, waiting.body, foreign)
            self._release_one(waiting, by, why, meant)
            done.append(waiting.message)
        return done

    # One batch

    def _received(
        self, source: str, batch: Sequence[Told], doomed: Exception | None = None
    ) -> int:
        def attempt() -> int | None:
            heard_to = self.position(source)
            fresh = [told for told in batch if told.position > heard_to]
            if not fresh or self._process(source, fresh, doomed):
                return len(fresh)
            del self._positions[source]
            return None

        return self.service.until_recorded(attempt)

    def _process(
        self, source: str, fresh: Sequence[Told], doomed: Exception | None
    ) -> bool:
        asides: dict[int, _Aside] = {}
        if doomed:  # processing it fails in the store itself: only park it
            asides = {t.position: self._aside(t, _reason(doomed)) for t in fresh}
        held = self._held({told.dispute for told in fresh})
        intents = [
            None if doomed else self._intent(told, held, asides) for told in fresh
        ]
        work = self._worked_out(fresh, intents, held, asides)
        last = fresh[-1].position
        rows = self._rows(asides.values(), work.now)
        if not self.service.record(work, Tracking(source, last), rows):
            return False
        self._positions[source] = last
        for aside in asides.values():
            log.warning("message_parked", place=aside.came_from, reason=aside.reason)
        return True

    def _intent(
        self, told: Told, held: set[UUID], asides: dict[int, _Aside]
    ) -> Intent | None:
        if told.dispute in held and self.service.is_heard(told.name):
            asides[told.position] = self._aside(told, "an earlier one waits", True)
            return None
        try:
            intent = self.service.intent_of(told)
        except Exception as error:  # a message nobody can read must not stop others
            asides[told.position] = self._aside(told, _reason(error))
            held.add(told.dispute)
            return None
        return intent and intent._replace(make=_guarded(intent.make, told))

    def _worked_out(
        self,
        fresh: Sequence[Told],
        intents: list[Intent | None],
        held: set[UUID],
        asides: dict[int, _Aside],
    ) -> Work:
        """Ask all intents; while one fails, set it and its followers aside, ask again."""
        while True:
            asked = [i for i, intent in enumerate(intents) if intent]
            parkings = [self._parking(aside) for aside in asides.values()]
            work = self.service.work_out([*filter(None, intents), *parkings])
            failed = next((n for n, d in enumerate(work.done) if d.error), None)
            if failed is None:
                return work
            first = asked[failed]
            error = work.done[failed].error
            asides[fresh[first].position] = self._aside(fresh[first], _reason(error))
            held.add(fresh[first].dispute)
            intents[first] = None
            for later in asked[failed + 1 :]:
                if fresh[later].dispute == fresh[first].dispute:
                    aside = self._aside(fresh[later], "an earlier one waits", True)
                    asides[fresh[later].position] = aside
                    intents[later] = None

    # Parking

    def _aside(self, told: Told, reason: str, behind: bool = False) -> _Aside:
        message = wire.to_message(told)
        name = uuid5(_PARKED, f"{self.service.name}/{message.headers['ce_id']}")
        place = f"{told.speaker}/{told.store}/{told.position}"
        return _Aside(
            name, told.dispute, place, message.headers, told.body, reason, behind
        )

    def _parking(self, aside: _Aside) -> Intent:
        event = MessageParked(
            message=aside.message,
            service=self.service.name,
            came_from=aside.headers.get("ce_type") or aside.came_from.split("/")[0],
            reason=aside.reason,
            behind=aside.behind,
        )
        actor = system(self.service.name)
        return Intent(aside.stream, f"park/{aside.message}", lambda _: [event], actor)

    def _rows(self, asides: Iterable[_Aside], now: datetime) -> list[Statement]:
        rows = [
            (
                aside.message,
                aside.dispute,
                aside.stream,
                aside.came_from,
                Jsonb({name: _text(value) for name, value in aside.headers.items()}),
                self._kept(aside),
                _text(aside.reason),
                aside.behind,
                now,
            )
            for aside in asides
        ]
        return [(self._park_sql, rows)] if rows else []

    def _kept(self, aside: _Aside) -> bytes:
        """Our own events are sealed inside; what comes from outside is sealed here."""
        ours = "ce_position" in aside.headers
        if ours or self._vault is None:
            return aside.body
        return self._vault.close(aside.message, aside.body)

    def _identity(
        self, headers: Mapping[str, str], body: bytes, came_from: str
    ) -> UUID:
        sender = headers.get("ce_source", came_from.split("/")[0])
        name = headers.get("ce_id") or body.hex()
        return uuid5(_PARKED, f"{self.service.name}/{sender}/{name}")

    def _held(self, disputes: Collection[UUID]) -> set[UUID]:
        rows = self.service.database.read(self._held_sql, [list(disputes)])
        return {UUID(str(row[0])) for row in rows}

    def _behind(self, dispute: UUID | None) -> list[ParkedMessage]:
        return [
            m for m in self.parked() if dispute and m.dispute == dispute and m.behind
        ]

    # Releasing

    def _release_one(
        self,
        found: ParkedMessage,
        by: Actor,
        why: str,
        meant: Sequence[Intent],
        *,
        repaired: bool = False,
        discarded: bool = False,
    ) -> None:
        event = MessageReleased(
            message=found.message,
            service=self.service.name,
            by=f"{by.body}/{by.person}",
            why=why,
            repaired=repaired,
            discarded=discarded,
        )
        released = [
            Intent(stream, f"release/{found.message}", lambda _: [event], by)
            for stream in sorted({found.stream, *(each.dispute for each in meant)})
        ]
        stamp = (self._release_sql, [(event.by, why, found.message)])
        self._until_stored([*meant, *released], beside=[stamp])
        log.info("message_released", message=str(found.message), by=event.by)

    def _meant(
        self,
        found: ParkedMessage,
        body: bytes,
        foreign: Callable[[ParkedMessage, bytes], Sequence[Intent]],
    ) -> Sequence[Intent]:
        if "ce_position" not in found.headers:
            return foreign(found, body)
        told = wire.from_message(Message(b"", found.headers, body))
        intent = self.service.intent_of(told)
        return [intent._replace(make=_guarded(intent.make, told))] if intent else []

    def _until_stored(
        self,
        intents: Sequence[Intent],
        asides: Sequence[_Aside] = (),
        beside: Sequence[Statement] = (),
    ) -> None:
        def attempt() -> Work | None:
            work = self.service.work_out(intents)
            for done in work.done:
                if done.error:
                    raise done.error
            rows = [*self._rows(asides, work.now), *beside]
            return work if self.service.record(work, beside=rows) else None

        self.service.until_recorded(attempt)

    def _row(self, row: Sequence[Any]) -> ParkedMessage:
        found = ParkedMessage(*row)
        if "ce_position" in found.headers or self._vault is None:
            return found
        return found._replace(body=self._vault.open(found.message, found.body))


def _guarded(
    make: Callable[[Any], Iterable[DomainEvent]], told: Told
) -> Callable[[Any], Iterable[DomainEvent]]:
    """The same reaction, whose unforeseen failures are told without their content."""

    def guarded(state: Any) -> Iterable[DomainEvent]:
        try:
            return list(make(state))
        except FengqiaoError:
            raise
        except Exception as error:  # a bug here must not stop other disputes
            log.error("reaction_failed", place=told.place, where=_where(error))
            raise HandlerFailedError(error) from None

    return guarded


def _text(value: str) -> str:
    """Text as any database column takes it."""
    return value.replace("\0", "\\0")


def _where(error: Exception) -> str:
    """File and line of a failure; its text may quote a person and is left out."""
    last = extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {last.filename}:{last.lineno}"


def _reason(error: Exception | None) -> str:
    """Why a message was parked. Unknown errors may quote a person: only their kind."""
    known = isinstance(error, FengqiaoError)
    return str(error) if known else type(error).__name__


_PARK = """
    INSERT INTO {schema}.parked (message, dispute, stream, came_from, headers, body,
        reason, behind, parked_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (message) DO NOTHING
"""
_HELD = """
    SELECT DISTINCT dispute FROM {schema}.parked
    WHERE released_at IS NULL AND dispute = ANY(%s)
"""
_RELEASE = """
    UPDATE {schema}.parked SET released_at = clock_timestamp(), released_by = %s, why = %s
    WHERE message = %s AND released_at IS NULL
"""
_SELECT = """
    SELECT message, dispute, stream, came_from, headers, body, reason, behind,
        parked_at, released_at, released_by
    FROM {schema}.parked
"""
