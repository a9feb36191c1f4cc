"""How a service hears: once per position, in order, and no bad message stops others.

What cannot be processed is parked with its bytes, headers and reason, in the
transaction that moves the position on. Later messages of the same dispute are parked
behind it, or they would overtake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID, uuid5

import structlog

from shared.events import wire
from shared.events.base import Actor, system
from shared.events.delivery import MessageParked, MessageReleased
from shared.events.errors import BusyError, FengqiaoError, RefusedError
from shared.events.histories import PersistenceError
from shared.events.store import Intent, Service, Statement, Work
from shared.events.wire import Message, Told

log = structlog.get_logger()

Batches = Mapping[str, Sequence[Told]]
"""Events by source, each in the order of its positions."""

_PARKED = UUID("3c7ce8a5-94a1-5b57-8d3c-7b0a1f1f6f10")


KEPT_HEADERS = (
    *(f"ce_{name}" for name in ("specversion", "id", "source", "type", "time")),
    *("ce_subject", "content-type", "row"),
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


class _Hearing:
    """One batch on its way: what it amounts to, and what has to be set aside."""

    def __init__(self, inbox: Inbox, now: datetime, held: set[UUID]) -> None:
        self._inbox, self._now, self._held = inbox, now, held
        self._taken: list[tuple[Sequence[Told], Intent]] = []
        self.asides: list[_Aside] = []

    def take(self, told: Sequence[Told]) -> None:
        """Take what is heard at once; what nobody can read must not stop others."""
        if told[0].dispute in self._held:
            self._behind(told)
            return
        try:
            intent = self._inbox.service.intent_of(told, self._now)
        except Exception as error:
            if len(told) > 1:
                for each in told:
                    self.take([each])
            else:
                self.set_aside(told, error)
        else:
            self._taken.append((told, intent))

    def set_aside(self, told: Sequence[Told], error: Exception | None) -> None:
        self._held.add(told[0].dispute)
        first, *others = told
        self.asides.append(self._inbox.aside(first, _reason(error)))
        self._behind(others)

    def worked_out(self) -> Work:
        """Ask all; while one fails, set it and its followers aside, and ask again."""
        while True:
            intents = [intent for _, intent in self._taken]
            parkings = [self._inbox.parking(aside) for aside in self.asides]
            work = self._inbox.service.work_out([*intents, *parkings], self._now)
            failed = next((n for n, d in enumerate(work.done) if d.error), None)
            if failed is None:
                return work
            self._drop(failed, work.done[failed].error)

    def _drop(self, failed: int, error: Exception | None) -> None:
        told, intent = self._taken[failed]
        later = self._taken[failed + 1 :]
        self._taken = self._taken[:failed]
        self.set_aside(told, error)
        for each in later:
            if each[1].dispute == intent.dispute:
                self._behind(each[0])
            else:
                self._taken.append(each)

    def _behind(self, told: Sequence[Told]) -> None:
        waits = "an earlier one waits"
        self.asides += [self._inbox.aside(each, waits, behind=True) for each in told]


class Inbox:
    """The hearing half of a service; carriers and foreign entrances call it."""

    def __init__(self, service: Service, vault: Vault | None = None) -> None:
        self.service, self._vault = service, vault
        self._positions: dict[str, int] = {}
        self._park_sql = service.sql(_PARK)
        self._release_sql = service.sql(_RELEASE)

    def position(self, source: str) -> int:
        """How far `source` (speaker, store, partition) has been heard; 0 at first."""
        if source not in self._positions:
            self._positions[source] = self.stored_position(source)
        return self._positions[source]

    def stored_position(self, source: str) -> int:
        """The same as the database knows it, whichever process heard last."""
        return self.service.histories.heard_to(source)

    def receive(self, told: Batches) -> int:
        """Process events of some sources, each in the order of its positions, once.

        All or nothing. Returns how many were new. Raises only `DatabaseAwayError`: then
        nothing was recorded, and the same is to be given again.
        """
        try:
            return self._received(told)
        except (BusyError, PersistenceError) as error:
            smaller = _smaller(told)
            if smaller:
                return sum(self.receive(each) for each in smaller)
            return self._received(told, doomed=error)

    def park(
        self,
        came_from: str,
        headers: Mapping[str, str],
        body: bytes,
        reason: str,
        *,
        dispute: UUID | None = None,
    ) -> UUID:
        """Put a foreign message aside; the same bytes again are the same message.

        Of its headers only those are kept that say what it is: others may hold anything,
        and none may make it look like an event of ours.
        """
        message = self._identity(headers, body, came_from)
        kept = {name: headers[name] for name in KEPT_HEADERS if name in headers}
        aside = _Aside(message, dispute, came_from, kept, body, reason)
        self._until_stored([self.parking(aside)], [aside])
        self._tell(aside)
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

    def _received(self, told: Batches, doomed: Exception | None = None) -> int:
        def attempt() -> int | None:
            fresh = {
                source: self._fresh(source, batch) for source, batch in told.items()
            }
            count = sum(map(len, fresh.values()))
            if not count or self._process(fresh, doomed):
                return count
            self._positions.clear()
            return None

        return self.service.until_recorded(attempt)

    def _fresh(self, source: str, batch: Sequence[Told]) -> Sequence[Told]:
        """What is new, each once: what a relay says again may lie in the same batch."""
        fresh, heard_to = list[Told](), self.position(source)
        for told in batch:
            if told.position > heard_to:
                fresh.append(told)
                heard_to = told.position
        return fresh

    def _process(self, batches: Batches, doomed: Exception | None) -> bool:
        fresh = [told for batch in batches.values() for told in batch]
        now, held = self.service.histories.moment({told.dispute for told in fresh})
        hearing = _Hearing(self, now, held)
        if doomed:  # processing it fails in the store itself: only park it
            for told in fresh:
                hearing.set_aside([told], doomed)
        else:
            for together in self.service.gathered(fresh):
                hearing.take(together)
        work = hearing.worked_out()
        heard = {
            source: batch[-1].position for source, batch in batches.items() if batch
        }
        if not self.service.record(work, heard, self._rows(hearing.asides, now)):
            return False
        self._positions |= heard
        for aside in hearing.asides:
            self._tell(aside)
        return True

    # Parking

    def aside(self, told: Told, reason: str, *, behind: bool = False) -> _Aside:
        """An event on its way into the parked table."""
        message = wire.to_message(told)
        name = uuid5(_PARKED, f"{self.service.name}/{message.headers['ce_id']}")
        place = f"{told.speaker}/{told.store}/{told.position}"
        return _Aside(
            name, told.dispute, place, message.headers, told.body, reason, behind
        )

    def parking(self, aside: _Aside) -> Intent:
        """The putting aside itself, which is part of a history."""
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
            {
                "message": aside.message,
                "dispute": aside.dispute,
                "stream": aside.stream,
                "came_from": aside.came_from,
                "headers": {
                    name: _text(value) for name, value in aside.headers.items()
                },
                "body": "\\x" + self._kept(aside).hex(),
                "reason": _text(aside.reason),
                "behind": aside.behind,
                "parked_at": now,
            }
            for aside in asides
        ]
        return [(self._park_sql, rows)] if rows else []

    def _tell(self, aside: _Aside) -> None:
        log.warning(
            "message_parked",
            service=self.service.name,
            dispute=aside.dispute,
            message=aside.message,
            came_from=aside.came_from,
            reason=aside.reason,
        )

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
        released_row = {"message": found.message, "released_by": event.by, "why": why}
        stamp = (self._release_sql, [released_row])
        self._until_stored([*meant, *released], beside=[stamp])
        log.info(
            "message_released",
            service=self.service.name,
            dispute=found.dispute,
            message=found.message,
            by=event.by,
        )

    def _meant(
        self,
        found: ParkedMessage,
        body: bytes,
        foreign: Callable[[ParkedMessage, bytes], Sequence[Intent]],
    ) -> Sequence[Intent]:
        if "ce_position" not in found.headers:
            return foreign(found, body)
        told = wire.from_message(Message(b"", found.headers, body))
        now = self.service.database.now()
        return [
            self.service.intent_of(each, now) for each in self.service.gathered([told])
        ]

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


def _smaller(told: Batches) -> list[Batches]:
    """Each source for itself, or each event of a single one; empty if that is all."""
    if len(told) > 1:
        return [{source: batch} for source, batch in told.items()]
    ((source, batch),) = told.items()
    return [{source: [each]} for each in batch] if len(batch) > 1 else []


def _text(value: str) -> str:
    """Text as any database column takes it."""
    return value.replace("\0", "\\0")


def _reason(error: Exception | None) -> str:
    """Why a message was parked. Unknown errors may quote a person: only their kind."""
    known = isinstance(error, FengqiaoError)
    return str(error) if known else type(error).__name__


_PARK = """
    INSERT INTO {schema}.parked (message, dispute, stream, came_from, headers, body,
        reason, behind, parked_at)
    SELECT message, dispute, stream, came_from, headers, body, reason, behind, parked_at
    FROM jsonb_populate_recordset(null::{schema}.parked, %s)
    ON CONFLICT (message) DO NOTHING
"""
_RELEASE = """
    UPDATE {schema}.parked p SET released_at = clock_timestamp(),
        released_by = new.released_by, why = new.why
    FROM jsonb_populate_recordset(null::{schema}.parked, %s) new
    WHERE p.message = new.message AND p.released_at IS NULL
"""
_SELECT = """
    SELECT message, dispute, stream, came_from, headers, body, reason, behind,
        parked_at, released_at, released_by
    FROM {schema}.parked
"""
