"""The limits (期限) that an event speaks of. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from services.audit.steps import ClockLine
from services.audit.wording import Words
from shared.events.base import DomainEvent
from shared.events.clocks import Clock
from shared.events.escalation import (
    ClockBreached,
    ClockExtended,
    ClockResumed,
    ClockStarted,
    ClockWarned,
    HandoffOffered,
)
from shared.events.intake import DisputeRegistered

ANSWER = "answer"


def limits(event: DomainEvent | None, words: Words) -> Iterator[ClockLine]:
    match event:
        case DisputeRegistered(first_clock=clock):
            yield _running(clock, words)
        case (
            ClockStarted(clock=clock)
            | ClockExtended(clock=clock)
            | ClockResumed(clock=clock)
        ):
            yield _running(clock, words)
        case ClockWarned(clock=name, due=due) | ClockBreached(clock=name, due=due):
            yield ClockLine(name=name, words=words.word("clock", name), due=due)
        case HandoffOffered(answer_by=due):
            answer = words.word("clock", ANSWER)
            yield ClockLine(name=ANSWER, words=answer, due=due)


def _running(clock: Clock, words: Words) -> ClockLine:
    return ClockLine(
        name=clock.name,
        words=words.word("clock", clock.name),
        due=clock.due,
        provisional=clock.provisional,
        legal_basis=clock.terms.legal_basis,
    )
