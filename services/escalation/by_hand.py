"""Decisions by people over those of the rules (人工决定, PIPL 24).

Pure. Nothing jumps: whom a person names is asked like anybody else, and the body that
holds the dispute keeps it until then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal

from services.escalation.command import Name, OfficeCommand, must_not_have_asked
from services.escalation.domain import (
    ANSWER,
    CLOSE_OUT,
    DESIGNATION,
    HUMAN,
    Custody,
    Stage,
    started,
    terms,
)
from services.escalation.offices import Offices
from services.escalation.policy import SENT_ON
from shared.calendar import Calendar, Unit
from shared.events.base import DomainEvent
from shared.events.clocks import ClockTerms, OnBreach
from shared.events.errors import NotAllowedNowError, NotYoursError, RefusedError
from shared.events.escalation import (
    DecidedByHand,
    HandoffOffered,
    HandoffRecalled,
    HandReason,
)
from shared.events.routing import FiredRow
from shared.events.vocabulary import HandoffKind

DECIDE = "decide by hand"
BY_HAND = "decided_by_hand"
CAN_MOVE = (
    Stage.OFFERED,
    Stage.DESIGNATING,
    Stage.IN_HAND,
    Stage.KEPT,
    Stage.HELD,
    Stage.LED_TO_LAW,
)
WITH_HOLDER = (Stage.IN_HAND, Stage.MEDIATING, Stage.KEPT, Stage.LED_TO_LAW)
"""Here the rules have left it with the body that holds it."""

BY_WAY = (Stage.DESIGNATING, Stage.KEPT, Stage.LED_TO_LAW)
"""Here it was the way that decided, and not which body leads."""

OF_HOLDERS = ("mediation", "handling", "docketing")
MAY_DECLINE = {HandoffKind.DESIGNATE: False, HandoffKind.REFERRAL: True}
"""As the handoff matrix of every pack has it; the two ways by which people hand on."""

ANSWER_TERMS = terms(ANSWER, 3, Unit.WORKING_DAYS, OnBreach.LAPSE)


class DecideByHand(OfficeCommand):
    """A public body, or the holder's supervisor, decides who acts, and says why.

    With `to` the body that the rules chose, the decision is upheld. It never goes
    against a party that refuses mediation or goes to law. A public body designates; what
    was kept for safety, and what is for a court or procuratorate, it only refers.
    """

    command: Literal["decide_by_hand"] = "decide_by_hand"
    to: Name
    reason: HandReason

    def among(
        self, state: Custody, at: datetime, calendar: Calendar, offices: Offices
    ) -> Iterator[DomainEvent]:
        state.must_be(DECIDE, *CAN_MOVE, Stage.MEDIATING)
        decided = self._decided(state)
        self._must_be_allowed(state, decided, offices)
        yield decided
        yield from state.stopping([HUMAN], met=True)
        if not decided.upheld:
            yield from self._asking(state, at, calendar, offices)

    def _must_be_allowed(
        self, state: Custody, decided: DecidedByHand, offices: Offices
    ) -> None:
        place = state.facts.place if state.facts else ""
        if not offices.may_decide(self.by, state.holder, place):
            whose = offices.decider(place) or state.holder
            raise NotYoursError(DECIDE, self.by, whose)
        must_not_have_asked(state)
        if decided.upheld:
            return
        if offices.tier(self.to) is None:
            raise RefusedError(
                "unknown-body",
                "the directory has no such body today; look it up there",
                field="to",
            )
        if self.to == state.holder:
            raise RefusedError(
                "holds-it-already",
                "that body holds the dispute already; take the offer back with recall",
                field="to",
            )
        if state.stage not in CAN_MOVE:
            raise NotAllowedNowError(DECIDE, state.stage, CAN_MOVE)
        if not state.is_wanted:
            raise RefusedError(
                "party-unwilling",
                "cannot hand it on: a party refuses mediation or goes to law, and "
                "nobody decides over that; tell it the lawful ways",
            )

    def _decided(self, state: Custody) -> DecidedByHand:
        chosen = _chosen(state)
        upheld = self.to == chosen
        charged = not upheld and state.by_hand != state.requests
        return DecidedByHand(
            by=self.by,
            to=self.to,
            reason=self.reason,
            holder=state.holder,
            instead_of=chosen,
            request=state.requests,
            row=_charged(state) if charged else None,
            rows=state.rows,
            upheld=upheld,
        )

    def _asking(
        self, state: Custody, at: datetime, calendar: Calendar, offices: Offices
    ) -> Iterator[DomainEvent]:
        """What was asked before is over; the body that was named is asked."""
        if state.stage is Stage.OFFERED and state.offer:
            yield HandoffRecalled(to=state.offer.to, by=self.by, reason=BY_HAND)
        yield from state.stopping([ANSWER], met=False)
        yield from state.stopping([*SENT_ON, DESIGNATION, CLOSE_OUT], met=True)
        before = state.running(ANSWER)
        answer = started(before.terms if before else ANSWER_TERMS, at, calendar)
        kind = self._kind(state, offices)
        yield HandoffOffered(
            request=state.requests,
            to=self.to,
            sender=state.holder,
            kind=kind,
            tier=offices.tier(self.to),
            may_decline=MAY_DECLINE[kind],
            dispatches=False,
            answer_by=answer.clock.due,
            clocks=_limits(state),
            co_handlers=(),
            rows=(),
        )
        yield answer

    def _kind(self, state: Custody, offices: Offices) -> HandoffKind:
        kept = state.stage is Stage.KEPT
        designates = offices.designates(self.by, self.to) and not kept
        return HandoffKind.DESIGNATE if designates else HandoffKind.REFERRAL


def _chosen(state: Custody) -> str | None:
    """The body that the rules chose, if they chose one."""
    if state.stage is Stage.OFFERED and state.offer:
        return state.offer.to
    return state.holder if state.stage in WITH_HOLDER else None


def _charged(state: Custody) -> FiredRow | None:
    """The row that made the decision what it is."""
    rows: Mapping[str, FiredRow] = {row.table: row for row in state.rows}
    order = ("nobody", "way") if state.stage in BY_WAY else ("nobody", "lead", "way")
    return next((rows[table] for table in order if table in rows), None)


def _limits(state: Custody) -> tuple[ClockTerms, ...]:
    """The limits of whoever takes it: as offered before, or as its holder had them."""
    if state.offer:
        return state.offer.clocks
    running = (r.clock.terms for r in state.clocks)
    return tuple(terms for terms in running if terms.name in OF_HOLDERS)
