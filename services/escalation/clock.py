"""The clock process: fires what is due, in due order, exactly once.

Any number of replicas may run. Firing is a command whose id names the clock and its
end, so the dispute's own stream lets it happen only once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import structlog

from services.escalation.domain import (
    ANSWER,
    DESIGNATION,
    HUMAN,
    Custody,
    RunningClock,
    started,
)
from services.escalation.service import EscalationService
from services.escalation.views import DueClock, due_clocks
from shared.calendar import Calendar
from shared.events.base import DomainEvent, system
from shared.events.clocks import OnBreach
from shared.events.errors import FengqiaoError
from shared.events.escalation import (
    ClockBreached,
    ClockWarned,
    HandoffLapsed,
    SupervisionIssued,
)
from shared.events.store import Intent
from shared.events.vocabulary import RouteReason

log = structlog.get_logger()


def fire_due(service: EscalationService, limit: int = 200) -> int:
    """Fire what is due now, oldest first; how many clocks did something."""
    now = service.database.now()
    due = due_clocks(service.database, now, limit)
    done = service.decide_many([_intent(service, each, now) for each in due])
    for each, outcome in zip(due, done, strict=True):
        if isinstance(outcome.error, FengqiaoError):
            log.error(
                "clock_refused",
                dispute=str(each.dispute),
                clock=each.clock,
                why=str(outcome.error),
            )
    return sum(bool(outcome.events) and not outcome.again for outcome in done)


def _intent(service: EscalationService, due: DueClock, now: datetime) -> Intent:
    return Intent(
        due.dispute,
        f"clock/{due.clock}/{_stamp(due.started_at)}/{_stamp(due.next_at)}",
        lambda state: fired(state, due.clock, now, service.calendar),
        system("clock"),
        now,
        guarded=True,
    )


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def fired(
    state: Custody, name: str, now: datetime, calendar: Calendar
) -> Iterator[DomainEvent]:
    """What a clock does when it is looked at at `now`; nothing if it is not due."""
    running = state.known(name)
    if running is None or running.paused:
        return
    if now > running.clock.due:
        yield from _breached(state, running, now, calendar)
    elif not running.warned and running.warn_at <= now < running.clock.due:
        yield ClockWarned(
            clock=name,
            holder=_responsible(state, name),
            due=running.clock.due,
            fired_at=now,
        )


def _breached(
    state: Custody, running: RunningClock, now: datetime, calendar: Calendar
) -> Iterator[DomainEvent]:
    clock = running.clock
    body = _responsible(state, clock.name)
    yield ClockBreached(clock=clock.name, holder=body, due=clock.due, fired_at=now)
    order = SupervisionIssued(body=body, clock=clock.name, order=state.orders + 1)
    match clock.terms.on_breach:
        case OnBreach.LAPSE if state.offer:
            if not state.offer.may_decline:
                yield order  # silence is not a way around a duty
            lapsed = HandoffLapsed(to=body)
            yield lapsed
            yield from state.evolve(lapsed).asking(RouteReason.LAPSED, now, calendar)
        case OnBreach.ESCALATE:
            if not state.is_on_its_way:
                yield from state.asking(RouteReason.DEADLINE_PASSED, now, calendar)
        case _:
            yield order
            yield started(clock.terms, now, calendar)


def _responsible(state: Custody, clock: str) -> str:
    """Whose act the clock waits for."""
    if clock == ANSWER and state.offer:
        return state.offer.to
    if clock == DESIGNATION and state.designator:
        return state.designator
    if clock == HUMAN and state.decider:
        return state.decider
    return state.holder
