"""What routing answers when it is asked who should act. Pure.

The rules say what kind of body, the directory which one; here the two come together.
No question stays without an answer: where no body fits, a public body designates, and
where there is none, the parties are told the lawful ways.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from services.routing.decider import Decider, Decision, Question
from services.routing.directory import Directory, Found, Sought, Step, Told
from services.routing.domain import Decisions
from shared.bodies import Body, BodyKind
from shared.calendar import SHANGHAI
from shared.events.base import DomainEvent
from shared.events.clocks import ClockTerms
from shared.events.escalation import RouteRequested
from shared.events.routing import Action, FiredRow, Routed
from shared.events.vocabulary import HandoffKind, RouteReason, Source, Tier

MAY_STAY = frozenset(
    {RouteReason.REGISTERED, RouteReason.CORRECTED, RouteReason.REOPENED}
)
"""For these the answer may be the body that holds the dispute already."""

OWN = frozenset({Source.OWN_APPLICATION, Source.SCREENING, Source.HOTLINE})
"""Sources whose sender may act itself. All others refer a dispute away."""


def react(
    event: DomainEvent,
    state: Decisions,
    at: datetime,
    decider: Decider,
    directory: Directory,
) -> Iterator[DomainEvent]:
    match event:
        case RouteRequested(request=request) if request > state.answered:
            day = at.astimezone(SHANGHAI).date()
            yield _Answer(event, state, day, decider, directory).given()


@dataclass(frozen=True)
class _Answer:
    asked: RouteRequested
    state: Decisions
    day: date
    decider: Decider
    directory: Directory

    def given(self) -> Routed:
        decision = self.decider.decide(self._question())
        match decision.action:
            case Action.OFFER:
                return self._offer(decision)
            case Action.DESIGNATE:
                designators = decision.designators
                return self._designation(decision, designators, decision.answer, ())
            case Action.LAW:
                return self._routed(decision, routes=decision.routes)
            case Action.STAY:
                return self._routed(decision)

    def _question(self) -> Question:
        asked = self.asked
        return Question(
            reason=asked.reason,
            facts=asked.facts,
            tier=self._tier,
            declines=asked.declines,
            not_taken=self.state.not_taken(asked.reason),
            with_sender=asked.holder == asked.facts.sender,
        )

    @property
    def _tier(self) -> Tier | None:
        return self.state.tier_reached(self.asked.reason, self.asked.tier)

    def _offer(self, decision: Decision) -> Routed:
        found = self._sender() if decision.to_sender else self._lead(decision)
        if found.body is None:
            nobody = decision.nobody
            return self._designation(
                decision, nobody.designators, nobody.answer, found.steps, nobody.row
            )
        lead = found.body
        dispatches = lead.dispatcher and decision.handoff not in (
            HandoffKind.DISPATCH_DOWN,
            HandoffKind.RETURN_HANDOFF,
        )
        return self._routed(
            decision,
            lead=lead.id,
            tier=None if decision.to_sender else lead.tier,
            kind=decision.handoff,
            may_decline=decision.may_decline,
            dispatches=dispatches,
            answer=decision.answer,
            clocks=() if dispatches else decision.clocks,
            co_handlers=self._co_handlers(decision, lead),
            steps=found.steps,
        )

    def _designation(
        self,
        decision: Decision,
        designators: tuple[BodyKind, ...],
        answer: ClockTerms | None,
        steps: tuple[Step, ...],
        why: FiredRow | None = None,
    ) -> Routed:
        """A public body names who acts; the body that the rules prefer is proposed."""
        who = self._designator(designators)
        if who.body is None:
            return self._no_designator(decision, (*steps, *who.steps), why)
        proposed = self._lead(decision, but=who.body.id)
        lead = proposed.body
        return self._routed(
            decision,
            action=Action.DESIGNATE,
            designator=who.body.id,
            lead=lead.id if lead else None,
            tier=lead.tier if lead else self._tier or who.body.tier,
            kind=HandoffKind.DESIGNATE,
            may_decline=False,
            answer=answer,
            clocks=decision.clocks,
            co_handlers=self._co_handlers(decision, lead),
            rows=(*decision.rows, *filter(None, [why])),
            steps=(
                *steps,
                *who.steps[:-1],
                (Told.DESIGNATOR, who.body.id),
                *(proposed.steps if lead else [(Told.PROPOSES_NONE,)]),
            ),
        )

    def _no_designator(
        self, decision: Decision, steps: tuple[Step, ...], why: FiredRow | None
    ) -> Routed:
        return self._routed(
            decision,
            action=Action.LAW,
            routes=decision.nobody.routes,
            rows=(*decision.rows, why or decision.nobody.row),
            steps=(*steps, (Told.NO_DESIGNATOR, self.asked.facts.place)),
        )

    def _routed(self, decision: Decision, **more: object) -> Routed:
        told: dict[str, object] = {
            "request": self.asked.request,
            "reason": self.asked.reason,
            "action": decision.action,
            "severity": decision.severity,
            "rows": decision.rows,
            "facts": self.asked.facts,
            "versions": {
                "table": self.decider.version,
                "directory": self.directory.version,
            },
        }
        return Routed.model_validate({**told, **more})

    def _sender(self) -> Found:
        sender = self.asked.facts.sender
        if body := self.directory.body(sender, self.day):
            return Found(body, ((Told.TO_SENDER, sender),))
        return Found(None, ((Told.NO_SENDER, sender),))

    def _lead(self, decision: Decision, but: str | None = None) -> Found:
        facts = self.asked.facts
        skip = dict.fromkeys(facts.prior_failed, Told.PRIOR_FAILED)
        skip |= dict.fromkeys(self.asked.passed_over, Told.PASSED_OVER)
        if facts.source not in OWN:
            skip[facts.sender] = Told.SENT_IT
        if self.asked.reason not in MAY_STAY:
            skip[self.asked.holder] = Told.HOLDS_IT
        if but:
            skip[but] = Told.DESIGNATES
        return self.directory.find(
            Sought(
                kinds=decision.bodies,
                kind=facts.kind,
                place=facts.place,
                day=self.day,
                from_tier=decision.from_tier,
                skip=skip,
            )
        )

    def _designator(self, kinds: tuple[BodyKind, ...]) -> Found:
        """A public body, if possible one that has not refused the dispute itself."""
        facts = self.asked.facts
        sought = Sought(kinds, facts.kind, facts.place, self.day, public=True)
        refused = dict.fromkeys(self.asked.passed_over, Told.PASSED_OVER)
        found = self.directory.find(sought._replace(skip=refused))
        return found if found.body else self.directory.find(sought)

    def _co_handlers(self, decision: Decision, lead: Body | None) -> tuple[str, ...]:
        facts = self.asked.facts
        sought = Sought(decision.co_handlers, facts.kind, facts.place, self.day)
        return self.directory.co_handlers(sought, but=[lead.id] if lead else [])
