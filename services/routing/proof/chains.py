"""What can become of a dispute after an answer: declined, lapsed, taken, out of time.

A situation is all that the next question and its answer depend on beside the facts of
the dispute. It follows custody (escalation) and what routing remembers, step by step.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from services.routing.domain import NOT_TAKEN
from services.routing.proof.answer import Answer
from shared.bodies import Body
from shared.events.routing import Action
from shared.events.vocabulary import HandoffKind, RouteReason, Tier

FIRST = RouteReason.REGISTERED
ENDED_BY_PARTY = (RouteReason.PARTY_REFUSED, RouteReason.PARTY_CHOSE_LAW)


class Situation(NamedTuple):
    """Why routing is asked, who holds it (None: who sent it), and what was tried.

    `tier` is where it is held; `asked_at` and `asked_as` tell the offer that was just
    not taken. `tried` held it and gave up; None among them is who sent it.
    """

    reason: RouteReason = FIRST
    tier: Tier | None = None
    holder: str | None = None
    declines: int = 0
    passed_over: frozenset[str] = frozenset()
    asked_at: Tier | None = None
    asked_as: HandoffKind | None = None
    tried: frozenset[str | None] = frozenset()

    @property
    def reached(self) -> Tier | None:
        """The tier that the tables are asked with."""
        return self.asked_at or self.tier if self.reason in NOT_TAKEN else self.tier


class Outcome(NamedTuple):
    """An answer with the bodies that were found for it; `by_sender` is that who takes it
    is who sent it.

    `fell` is that none is there of the bodies that the answer names, `unserved` that no
    public body is there to designate; neither is said where all of them have tried.
    """

    answer: Answer
    lead: Body | None = None
    designator: Body | None = None
    to_sender: bool = False
    action: Action = Action.OFFER
    dispatches: bool = False
    fell: bool = False
    unserved: bool = False
    by_sender: bool = False

    @property
    def taker(self) -> Body | None:
        """Who holds it, once it is taken; None for the sender."""
        return self.lead or self.designator

    @property
    def is_asking(self) -> bool:
        return self.action in (Action.OFFER, Action.DESIGNATE)

    @property
    def key(self) -> object:
        """Outcomes with the same key are the same, in one situation."""
        lead = self.lead and self.lead.id
        who = self.designator and self.designator.id
        missing = self.fell, self.unserved
        hands_on = self.dispatches, self.by_sender
        return id(self.answer), lead, who, self.action, *hands_on, *missing


def followed(here: Situation, found: Outcome, most: int) -> Iterator[Situation]:
    """Where declines, clocks and custody lead by themselves: the chain.

    Beyond `most` declines none are counted, for no table tells them apart.
    """
    if found.action is Action.OFFER:
        yield from _not_taken(here, found, most)
    if found.is_asking:
        yield from _after_taking(_taken(here, found), found)


def _not_taken(here: Situation, found: Outcome, most: int) -> Iterator[Situation]:
    lapsed = here._replace(
        reason=RouteReason.LAPSED,
        declines=min(here.declines + 1, most),
        passed_over=here.passed_over | ({found.lead.id} if found.lead else set()),
        asked_at=found.lead.tier if found.lead else None,
        asked_as=found.answer.handoff,
    )
    yield lapsed
    if found.answer.may_decline:
        yield lapsed._replace(reason=RouteReason.DECLINED)


def _taken(here: Situation, found: Outcome) -> Situation:
    """Held by whoever took it; a sender that takes it back keeps the tier."""
    body = found.taker
    tier = body.tier if body else None
    if found.action is Action.DESIGNATE and found.lead is None:
        tier = here.reached or tier
    holder = body.id if body and not found.by_sender else None
    return Situation(FIRST, tier or here.tier, holder, tried=here.tried)


def _after_taking(taken: Situation, found: Outcome) -> Iterator[Situation]:
    if found.dispatches:
        yield taken._replace(reason=RouteReason.DISPATCHED)
        return
    given_up = taken._replace(tried=taken.tried | {taken.holder})
    yield given_up._replace(reason=RouteReason.PASSED_UP)
    yield given_up._replace(reason=RouteReason.FAILED)
    if found.answer.escalates:
        yield given_up._replace(reason=RouteReason.DEADLINE_PASSED)


def begun(here: Situation, found: Outcome) -> Iterator[Situation]:
    """What people may ask anew from there: each begins a chain of its own."""
    if found.action is Action.OFFER:
        (lapsed, *_) = _not_taken(here, found, 0)
        yield lapsed._replace(
            reason=RouteReason.RECALLED,
            declines=here.declines,
            passed_over=here.passed_over,
        )
        yield _corrected(here)
    for held in _held(here, found):
        for reason in (*ENDED_BY_PARTY, RouteReason.HOLDER_ASKED):
            yield held._replace(reason=reason, asked_at=None, asked_as=None)
        yield _corrected(held)
        yield Situation(RouteReason.REOPENED, held.tier, held.holder)


def _corrected(here: Situation) -> Situation:
    """Asked anew with other facts: declines count, and who has tried may try again."""
    return here._replace(
        reason=RouteReason.CORRECTED, asked_at=None, asked_as=None, tried=frozenset()
    )


def _held(here: Situation, found: Outcome) -> Iterator[Situation]:
    if found.is_asking:
        yield _taken(here, found)
    yield here
