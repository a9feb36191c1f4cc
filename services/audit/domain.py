"""One dispute as a supervisor sees it, folded from what everybody said.

Pure. Speakers are heard in no order between them, so every part here is told by one
speaker alone, or only counts: any interleaving of the same histories gives the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import reduce
from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.audit.custody import Custody, Stage
from services.audit.parts import Decision, Entry, Notices
from shared.events.audit import EventHeard, EventsHeard
from shared.events.base import DomainEvent, State
from shared.events.clocks import Clock
from shared.events.delivery import MessageParked, MessageReleased
from shared.events.facts import Facts
from shared.events.intake import DisputeCorrected, DisputeRegistered, ReferralReturned
from shared.events.notifications import (
    NoticeFailed,
    NoticeQueued,
    NoticeRetried,
    NoticeSent,
)
from shared.events.routing import Routed

_ENDED = frozenset({Stage.UNKNOWN, Stage.RETURNED, Stage.CLOSED})


class Dispute(State):
    """A dispute with everything that was heard about it; see the properties."""

    entry: Entry = Entry()
    custody: Custody = Custody()
    decision: Decision | None = None
    notices: Notices = Notices()
    waiting: frozenset[UUID] = frozenset()
    unread: int = 0
    heard_to: dict[str, int] = Field(default_factory=dict)
    since: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None

    # Hearing

    def hear(self, told: Sequence[EventHeard]) -> Iterator[EventsHeard]:
        """Keep what has not been heard yet; each speaker tells in its order."""
        heard_to, news = {**self.heard_to}, []
        for each in told:  # the same may also have come twice at once
            if each.version > heard_to.get(each.speaker, 0):
                heard_to[each.speaker] = each.version
                news.append(each)
        if news:
            yield EventsHeard(heard=tuple(news))

    # Remembering

    def evolve(self, event: DomainEvent) -> Self:
        """Remember what was heard, or what audit itself put aside."""
        if isinstance(event, EventsHeard):
            return reduce(type(self).told, event.heard, self)
        return self._with(**self._parked(event))

    def told(self, event: EventHeard) -> Self:
        """Remember one event of another service."""
        at, first, last = event.recorded_at, self.since, self.updated_at
        return self._with(
            **self._told(event.event, at),
            heard_to={**self.heard_to, event.speaker: event.version},
            since=min(first, at) if first else at,
            updated_at=max(last, at) if last else at,
        )

    def _told(self, event: DomainEvent | None, at: datetime) -> dict[str, object]:
        """What changes; only in the part that this speaker tells."""
        match event:
            case None:
                return {"unread": self.unread + 1}
            case NoticeQueued() | NoticeSent() | NoticeRetried() | NoticeFailed():
                return {"notices": self.notices.after(event)}
            case DisputeRegistered() | DisputeCorrected() | ReferralReturned():
                return {"entry": self.entry.after(event, at)}
            case Routed(request=request, severity=severity, versions=versions):
                decision = Decision(
                    request=request, severity=severity, versions=versions
                )
                return {"decision": decision}
            case MessageParked() | MessageReleased():
                return self._parked(event)
            case _:
                return {"custody": self.custody.after(event, at)}

    def _parked(self, event: DomainEvent) -> dict[str, object]:
        match event:
            case MessageParked(message=message):
                return {"waiting": self.waiting | {message}}
            case MessageReleased(message=message):
                return {"waiting": self.waiting - {message}}
            case _:
                return {}

    def _with(self, **changes: object) -> Self:
        return self.model_copy(update=changes)

    # What it comes to

    @property
    def code(self) -> str | None:
        """One case, one code (一案一码); None while nothing is registered."""
        return self.entry.code or self.custody.code

    @property
    def facts(self) -> Facts | None:
        return self.entry.facts or self.custody.facts

    @property
    def parties(self) -> int:
        return self.entry.parties or self.custody.parties

    @property
    def holder(self) -> str | None:
        return self.custody.holder or self.entry.first_contact

    @property
    def registered_at(self) -> datetime | None:
        return self.entry.registered_at or self.custody.opened_at

    @property
    def stage(self) -> Stage:
        if self.custody.stage:
            return self.custody.stage
        if self.entry.code:
            return Stage.REGISTERED
        if self.waiting:
            return Stage.TO_REPAIR
        return Stage.RETURNED if self.entry.returned else Stage.UNKNOWN

    @property
    def is_open(self) -> bool:
        return self.stage not in _ENDED

    @property
    def clocks(self) -> tuple[Clock, ...]:
        """The running clocks (期限), the next one first and those that stand still last."""
        first = () if self.custody.stage else (self.entry.first_clock,)
        running = (*self.custody.clocks, *filter(None, first))
        return tuple(sorted(running, key=self._in_turn))

    def _in_turn(self, clock: Clock) -> tuple[bool, datetime, str]:
        return self.custody.pause_of(clock.name) is not None, clock.due, clock.name
