"""The story of one dispute: every step, told once, whatever the order of hearing.

Pure: works on audit's own history. Nothing is left out; what is sealed stays sealed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from services.audit.order import in_causal_order
from services.audit.replay import told
from services.audit.steps import ClockLine, Reading, Step, Who, Why
from services.audit.wording import Words
from shared.events.audit import EventHeard, StoryRead
from shared.events.base import Actor, DomainEvent, Recorded
from shared.events.clocks import Clock
from shared.events.delivery import MessageParked, MessageReleased
from shared.events.escalation import (
    ClockBreached,
    ClockExtended,
    ClockStarted,
    ClockWarned,
    HandoffOffered,
)
from shared.events.intake import DisputeRegistered
from shared.events.notifications import (
    NoticeFailed,
    NoticeQueued,
    NoticeRetried,
    NoticeSent,
)
from shared.sealing import Sealed

ANSWER = "answer"

_SEALED = Sealed.model_fields.keys() - {"algorithm"}


def tell(history: Sequence[Recorded], words: Words) -> tuple[Step, ...]:
    """The steps in causal order, numbered from 1."""
    events = in_causal_order(told(history))
    numbers = {event.place: number for number, event in enumerate(events, start=1)}
    causes = _causes(events, numbers)
    return tuple(
        _step(event, numbers[event.place], causes[event.place], words)
        for event in events
    )


def readings(history: Iterable[Recorded], words: Words) -> tuple[Reading, ...]:
    """Who read what of this dispute, in the order of reading."""
    return tuple(
        Reading(
            who=_who(recorded.actor, words),
            what=event.what,
            read_at=recorded.recorded_at,
            at=event.at,
            known_at=event.known_at,
        )
        for recorded in history
        if isinstance(event := recorded.event, StoryRead)
    )


def _causes(
    events: Sequence[EventHeard], numbers: Mapping[str, int]
) -> dict[str, int | None]:
    """The step that each one is a reaction to, if it is one.

    A sending goes back to its notice, and a release to the parking.
    """
    begun: dict[UUID, int] = {}
    found: dict[str, int | None] = {}
    for event in events:
        match event.event:
            case NoticeQueued(notice=id) | MessageParked(message=id):
                begun[id] = numbers[event.place]
                found[event.place] = numbers.get(event.cause)
            case NoticeSent(notice=id) | NoticeRetried(notice=id):
                found[event.place] = begun.get(id)
            case NoticeFailed(notice=id) | MessageReleased(message=id):
                found[event.place] = begun.get(id)
            case _:
                found[event.place] = numbers.get(event.cause)
    return found


def _step(event: EventHeard, number: int, cause: int | None, words: Words) -> Step:
    return Step(
        number=number,
        place=event.place,
        name=event.name,
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
        who=_who(event.actor, words),
        what=words.sentence(event.name, event.event),
        why=Why(
            rows=getattr(event.event, "rows", ()),
            versions=getattr(event.event, "versions", {}),
            cause=event.cause,
            step=cause,
        ),
        clocks=tuple(_clocks(event.event, words)),
        data=_masked(event.data, words.phrase("sealed").zh),
        event=event.event,
    )


def _who(actor: Actor, words: Words) -> Who:
    name = words.body(actor.body)
    return Who(body=actor.body, name=name, person=actor.person, role=actor.role)


def _clocks(event: DomainEvent | None, words: Words) -> Iterator[ClockLine]:
    match event:
        case DisputeRegistered(first_clock=clock):
            yield _running(clock, words)
        case ClockStarted(clock=clock) | ClockExtended(clock=clock):
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


def _masked(data: Any, mask: str) -> Any:
    """The same JSON value with every sealed value replaced."""
    match data:
        case dict() if data.keys() >= _SEALED:
            return mask
        case dict():
            return {name: _masked(value, mask) for name, value in data.items()}
        case list() | tuple():
            return [_masked(value, mask) for value in data]
        case _:
            return data
