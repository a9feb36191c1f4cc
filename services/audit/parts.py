"""What audit remembers of a dispute from intake, routing and notifications. Pure.

Each part is told by one speaker alone, in that speaker's order.
"""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import AwareDatetime

from shared.events.base import DomainEvent, Value
from shared.events.clocks import Clock
from shared.events.facts import Facts
from shared.events.intake import DisputeCorrected, DisputeRegistered, ReferralReturned
from shared.events.notifications import (
    NoticeFailed,
    NoticeQueued,
    NoticeRetried,
    NoticeSent,
)
from shared.events.routing import Severity


class Entry(Value):
    """What intake said: the registration (受理登记), corrections, a return."""

    code: str | None = None
    reference: str | None = None
    facts: Facts | None = None
    first_contact: str | None = None
    first_clock: Clock | None = None
    parties: int = 0
    arose_at: AwareDatetime | None = None
    registered_at: AwareDatetime | None = None
    returned: str | None = None

    def after(self, event: DomainEvent, at: datetime) -> Self:
        match event:
            case DisputeRegistered():
                return self._with(
                    code=event.code,
                    reference=event.reference,
                    facts=event.facts,
                    first_contact=event.first_contact,
                    first_clock=event.first_clock,
                    parties=len(event.parties),
                    arose_at=event.arose_at,
                    registered_at=at,
                )
            case DisputeCorrected(facts=facts, parties=parties):
                return self._with(facts=facts, parties=len(parties))
            case ReferralReturned(reason=reason):
                return self._with(returned=reason)
            case _:
                return self

    def _with(self, **changes: object) -> Self:
        return self.model_copy(update=changes)


class Notices(Value):
    """How many notices (通知) were to be sent, and what became of them."""

    queued: int = 0
    sent: int = 0
    retried: int = 0
    failed: int = 0

    def after(self, event: DomainEvent) -> Self:
        match event:
            case NoticeQueued():
                return self._counting("queued")
            case NoticeSent():
                return self._counting("sent")
            case NoticeRetried():
                return self._counting("retried")
            case NoticeFailed():
                return self._counting("failed")
            case _:
                return self

    def _counting(self, what: str) -> Self:
        return self.model_copy(update={what: getattr(self, what) + 1})


class Decision(Value):
    """The newest routing decision, and how many were asked for."""

    request: int
    severity: Severity
    versions: dict[str, str]
