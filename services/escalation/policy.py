"""What escalation records because something was heard. Pure.

Registration opens custody and asks for a route; a routing decision becomes an offer, a
question to a designator, or the way to law. A decision that answers an older question
than the last one is out of date and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from services.escalation.domain import (
    ANSWER,
    CLOSE_OUT_TERMS,
    DESIGNATION,
    FIRST_HANDLING,
    HOLDER_DECIDES,
    HUMAN,
    ROUTING,
    SAFETY_TERMS,
    Custody,
    Stage,
    started,
    terms,
)
from shared.calendar import Calendar, Unit
from shared.events.base import DomainEvent
from shared.events.clocks import ClockTerms, OnBreach
from shared.events.errors import RefusedError
from shared.events.escalation import (
    ClockStarted,
    CustodyOpened,
    DesignationAsked,
    FactsCorrected,
    HandoffOffered,
    HandoffRecalled,
    KeptForSafety,
    LedToLaw,
)
from shared.events.facts import Facts
from shared.events.intake import DisputeCorrected, DisputeRegistered, Side
from shared.events.routing import Action, Routed
from shared.events.vocabulary import SAFETY, HandoffKind, RouteReason

SENT_ON = (FIRST_HANDLING, ROUTING, HOLDER_DECIDES)
"""Clocks that wait for the dispute to be sent on; from then the answer's clock runs."""

GO_ON = (*SENT_ON, HUMAN)
"""Clocks that a way to safety or to law does not make pointless."""

BEFORE_ACCEPTANCE = (Stage.ROUTING, Stage.OFFERED, Stage.DESIGNATING, Stage.HELD)


def react(
    event: DomainEvent, state: Custody, at: datetime, calendar: Calendar
) -> Iterator[DomainEvent]:
    match event:
        case DisputeRegistered() if state.stage is Stage.UNKNOWN:
            yield from _opened(event, state, at, calendar)
        case DisputeCorrected() if state.code:
            yield from _corrected(event, state, at, calendar)
        case Routed(request=request) if state.asked and request == state.requests:
            yield from _routed(event, state, at, calendar)


def _opened(
    event: DisputeRegistered, state: Custody, at: datetime, calendar: Calendar
) -> Iterator[DomainEvent]:
    opened = CustodyOpened(
        holder=event.first_contact,
        code=event.code,
        parties=len(event.parties),
        respondents=_respondents(event),
        facts=event.facts,
    )
    yield opened
    yield ClockStarted(clock=event.first_clock)
    yield from state.evolve(opened).asking(RouteReason.REGISTERED, at, calendar)


def _corrected(
    event: DisputeCorrected, state: Custody, at: datetime, calendar: Calendar
) -> Iterator[DomainEvent]:
    """New facts before acceptance mean a new route; after it, only danger does.

    A question that waits for its answer is asked again for its own reason, so that a
    party's choice of law is not lost over it.
    """
    corrected = FactsCorrected(
        facts=event.facts,
        parties=len(event.parties),
        respondents=_respondents(event),
    )
    yield corrected
    if not _needs_a_new_route(state, corrected.facts):
        return
    if state.stage is Stage.OFFERED and state.offer:
        yield HandoffRecalled(
            to=state.offer.to, by=state.holder, reason="facts_corrected"
        )
    yield from state.stopping([ANSWER, DESIGNATION, HOLDER_DECIDES], met=False)
    reason = state.asked or RouteReason.CORRECTED
    yield from state.evolve(corrected).asking(reason, at, calendar)


def _needs_a_new_route(state: Custody, facts: Facts) -> bool:
    assert state.facts is not None
    in_danger = bool(SAFETY & set(facts.flags) - set(state.facts.flags))
    return state.stage in BEFORE_ACCEPTANCE or (in_danger and state.is_open)


def _respondents(event: DisputeRegistered | DisputeCorrected) -> tuple[int, ...]:
    return tuple(p.number for p in event.parties if p.side is Side.RESPONDENT)


def _routed(
    event: Routed, state: Custody, at: datetime, calendar: Calendar
) -> Iterator[DomainEvent]:
    yield from state.stopping(SENT_ON, met=True)
    match event.action:
        case Action.OFFER:
            yield from _offered(event, state, at, calendar)
        case Action.DESIGNATE:
            yield from _designation(event, at, calendar)
        case Action.STAY:
            yield KeptForSafety(holder=state.holder, rows=event.rows)
            yield from state.stopping_all_but(*GO_ON)
            yield from state.starting(event.clocks or [SAFETY_TERMS], at, calendar)
        case Action.LAW:
            yield LedToLaw(
                holder=state.holder,
                routes=event.routes,
                parties=state.parties,
                rows=event.rows,
            )
            yield from state.stopping_all_but(*GO_ON)
            yield started(CLOSE_OUT_TERMS, at, calendar)


def _offered(
    event: Routed, state: Custody, at: datetime, calendar: Calendar
) -> Iterator[DomainEvent]:
    if event.lead is None or event.answer is None:
        raise RefusedError(
            "no-lead", f"decision {event.request} offers to nobody; mend its rule row"
        )
    answer = started(_named(event.answer, ANSWER, OnBreach.LAPSE), at, calendar)
    yield HandoffOffered(
        request=event.request,
        to=event.lead,
        sender=state.holder,
        kind=event.kind or HandoffKind.REFERRAL,
        tier=event.tier,
        may_decline=event.may_decline,
        dispatches=event.dispatches,
        answer_by=answer.clock.due,
        clocks=event.clocks,
        co_handlers=event.co_handlers,
        rows=event.rows,
    )
    yield answer


def _designation(
    event: Routed, at: datetime, calendar: Calendar
) -> Iterator[DomainEvent]:
    if event.designator is None:
        raise RefusedError(
            "no-designator",
            f"decision {event.request} names no designator; mend its rule row",
        )
    yield DesignationAsked(
        request=event.request,
        designator=event.designator,
        proposed=event.lead,
        tier=event.tier,
        clocks=event.clocks,
        rows=event.rows,
    )
    limit = event.answer or terms(DESIGNATION, 3, Unit.WORKING_DAYS)
    yield started(_named(limit, DESIGNATION, OnBreach.SUPERVISE), at, calendar)


def _named(limit: ClockTerms, name: str, on_breach: OnBreach) -> ClockTerms:
    return limit.model_copy(update={"name": name, "on_breach": on_breach})
