"""One dispute as a supervisor sees it, folded from what everybody said.

Pure. Speakers are heard in no order between them, so every part here is told by one
speaker alone, or only counts: any interleaving of the same histories gives the same.
"""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import AwareDatetime

from services.audit.custody import Custody, Stage
from services.audit.parts import Decision, Entry, Notices
from shared.events.audit import EventHeard
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
    since: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None

    # Remembering

    def evolve(self, event: DomainEvent) -> Self:
        """Remember what was heard, or what audit itself put aside."""
        if isinstance(event, EventHeard):
            changes = self._told(event.event, event.recorded_at)
            return self._with(**changes, **self._dated(event.recorded_at))
        return self._with(**self._parked(event))

    def _dated(self, at: datetime) -> dict[str, datetime]:
        first, last = self.since or at, self.updated_at or at
        return {"since": min(first, at), "updated_at": max(last, at)}

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
        """The running clocks (期限), the next one first."""
        first = () if self.custody.stage else (self.entry.first_clock,)
        running = (*self.custody.clocks, *filter(None, first))
        return tuple(sorted(running, key=lambda clock: (clock.due, clock.name)))
