"""Everything that bodies and clocks may make of a dispute by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from services.routing.domain import Decisions
from shared.events.clocks import OnBreach
from shared.events.escalation import RouteRequested
from shared.events.routing import Action, Routed
from shared.events.vocabulary import RouteReason, Tier


class Here(NamedTuple):
    """Where a dispute is, as far as its way onward depends on it."""

    reason: RouteReason
    holder: str
    tier: Tier | None
    declines: int = 0
    passed_over: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    before: Decisions = Decisions()


def what_may_follow(here: Here, routed: Routed) -> Iterator[Here]:
    """All that bodies, parties and clocks may do after a decision, but end it."""
    if routed.action is Action.OFFER:
        refused = here._replace(
            reason=RouteReason.LAPSED,
            declines=here.declines + 1,
            passed_over=(*here.passed_over, routed.lead),
            before=Decisions(asked_at=routed.tier, asked_as=routed.kind),
        )
        yield refused
        if routed.may_decline:
            yield refused._replace(reason=RouteReason.DECLINED)
    if routed.action in (Action.OFFER, Action.DESIGNATE):
        yield from after_taking(here, routed)


def after_taking(here: Here, routed: Routed) -> Iterator[Here]:
    taken = Here(
        reason=RouteReason.DISPATCHED,
        holder=routed.lead or routed.designator,
        tier=routed.tier or here.tier,
        tried=here.tried,
    )
    if routed.dispatches:
        yield taken
        return
    given_up = taken._replace(tried=tuple(sorted({*taken.tried, taken.holder})))
    yield given_up._replace(reason=RouteReason.PASSED_UP)
    yield given_up._replace(reason=RouteReason.FAILED)
    if any(clock.on_breach is OnBreach.ESCALATE for clock in routed.clocks):
        yield given_up._replace(reason=RouteReason.DEADLINE_PASSED)


def longest_way(
    first: RouteRequested, answer: Callable[[RouteRequested, Decisions], Routed]
) -> int:
    """The longest chain of decisions from here. Recursion fails on a circle."""

    @cache
    def length(here: Here) -> int:
        told = here._asdict()
        before = told.pop("before")
        routed = answer(first.model_copy(update=told), before)
        return 1 + max(map(length, what_may_follow(here, routed)), default=0)

    return length(Here(first.reason, first.holder, first.tier))
