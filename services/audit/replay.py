"""Audit's own history read back: what it heard, and how things stood at any time.

Pure. Two times are asked for: when it happened, and when it was known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import reduce

from services.audit.domain import Dispute
from services.audit.order import in_causal_order
from shared.events.audit import EventHeard, EventsHeard
from shared.events.base import DomainEvent, Recorded
from shared.events.delivery import MessageParked, MessageReleased


def state_at(
    history: Sequence[Recorded], at: datetime, known_at: datetime | None = None
) -> Dispute:
    """How things stood at a time; with `known_at`, as far as was known at that time.

    What was reported late counts from when it happened, for whoever knows of it.
    """
    events = [
        event
        for event in in_causal_order(told(history))
        if event.occurred_at <= at
        and (known_at is None or event.recorded_at <= known_at)
    ]
    return reduce(Dispute.told, events, Dispute())


def told(history: Iterable[Recorded]) -> Iterator[EventHeard]:
    """What audit heard, and what it put aside itself, in the order of hearing."""
    for recorded in history:
        match recorded.event:
            case EventsHeard() as event:
                yield from event.heard
            case MessageParked() | MessageReleased() as event:
                yield _own(recorded, event)


def _own(recorded: Recorded, event: DomainEvent) -> EventHeard:
    return EventHeard(
        speaker=recorded.speaker,
        version=recorded.version,
        name=event.stored_name,
        occurred_at=recorded.occurred_at,
        recorded_at=recorded.recorded_at,
        actor=recorded.actor,
        cause=recorded.cause,
        data=event.model_dump(mode="json", exclude_none=True),
    )
