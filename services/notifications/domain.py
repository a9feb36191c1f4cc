"""What notifications remembers of one dispute: whom to tell, and what became of it.

Pure: no clock, no database, no channel. A notice (通知) that was sent stays sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.events.base import DomainEvent, State, Value
from shared.events.notifications import (
    Addressee,
    DisputeLearned,
    NoticeFailed,
    NoticeQueued,
    NoticeRetried,
    NoticeSent,
)

PARTY = "party:"
WITHHELD = "withheld"


class Standing(StrEnum):
    """How a notice stands (送达状态)."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class Notice(Value):
    """One message to one recipient, a body or `party:N`."""

    to: str
    template: str
    facts: dict[str, str]
    standing: Standing = Standing.QUEUED
    tries: int = 0
    channel: str | None = None
    reason: str | None = None
    next_try: AwareDatetime | None = None

    @property
    def party(self) -> int | None:
        """The number of the party it is for; None if it is for a body."""
        return int(self.to.removeprefix(PARTY)) if self.to.startswith(PARTY) else None


class Missed(Value):
    """An attempt that failed. `give_up` is true if trying again cannot help."""

    channel: str
    reason: str
    give_up: bool


class Correspondence(State):
    """The letters (往来文书) of one dispute, and what each speaker told about it."""

    learned: dict[str, DisputeLearned] = Field(default_factory=dict)
    notices: dict[UUID, Notice] = Field(default_factory=dict)

    @property
    def silent(self) -> bool:
        """No party may be written to, if any speaker said so."""
        return any(told.silent for told in self.learned.values())

    def addressee(self, party: int) -> Addressee | None:
        """A party as intake told it; None until intake has been heard."""
        told = (a for known in self.learned.values() for a in known.addressees)
        return next((a for a in told if a.number == party), None)

    @property
    def keys(self) -> frozenset[UUID]:
        """The keys under which the contacts of the parties are sealed."""
        told = (a for known in self.learned.values() for a in known.addressees)
        return frozenset(a.contact.key for a in told if a.contact)

    def can_go(self, notice: Notice) -> bool:
        """Whether enough is known to send it; if not, it waits, and has not failed."""
        return notice.party is None or self.addressee(notice.party) is not None

    def open(self, notice: UUID) -> Notice | None:
        """The notice, if it still has to be sent."""
        found = self.notices.get(notice)
        return found if found and found.standing is Standing.QUEUED else None

    def sent(self, notice: UUID, channel: str) -> Iterator[NoticeSent]:
        """A channel took the notice."""
        if found := self.open(notice):
            yield NoticeSent(notice=notice, channel=channel, tries=found.tries + 1)

    def missed(
        self, notice: UUID, why: Missed, pauses: Sequence[timedelta], now: datetime
    ) -> Iterator[NoticeRetried | NoticeFailed]:
        """An attempt failed: try again after a pause, or give up after the last."""
        if not (found := self.open(notice)):
            return
        told = {"notice": notice, "channel": why.channel, "reason": why.reason}
        if why.give_up or found.tries >= len(pauses):
            yield NoticeFailed(**told, tries=found.tries + 1)
        else:
            again = now + pauses[found.tries]
            yield NoticeRetried(**told, tries=found.tries + 1, next_try=again)

    def withheld(self, notice: UUID) -> Iterator[NoticeFailed]:
        """The dispute became one in which no party is written to before it was sent."""
        if found := self.open(notice):
            yield NoticeFailed(
                notice=notice, channel=WITHHELD, tries=found.tries, reason="safety"
            )

    def evolve(self, event: DomainEvent) -> Self:
        match event:
            case DisputeLearned():
                learned = {**self.learned, event.speaker: event}
                return self.model_copy(update={"learned": learned})
            case NoticeQueued():
                notice = Notice(to=event.to, template=event.template, facts=event.facts)
                return self._with(event.notice, notice)
            case NoticeSent():
                return self._now(event, standing=Standing.SENT)
            case NoticeRetried():
                return self._now(event, reason=event.reason, next_try=event.next_try)
            case NoticeFailed():
                return self._now(event, standing=Standing.FAILED, reason=event.reason)
            case _:
                return self

    def _now(
        self, event: NoticeSent | NoticeRetried | NoticeFailed, **new: object
    ) -> Self:
        if not (found := self.notices.get(event.notice)):
            return self
        told = {"channel": event.channel, "tries": event.tries, "reason": None, **new}
        return self._with(event.notice, found.model_copy(update=told))

    def _with(self, notice: UUID, found: Notice) -> Self:
        return self.model_copy(update={"notices": {**self.notices, notice: found}})
