"""What routing answers when it is asked who should act. Pure.

The rules say what kind of body, the directory which one; here the two come together.
No question stays without an answer: where no body fits, a public body designates, and
where there is none, the parties are told the lawful ways.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from services.routing.decider import Decider, Decision, Question
from services.routing.directory import Directory, Step, Told
from services.routing.domain import TABLE, Decisions
from services.routing.searching import Search
from shared.bodies import BodyKind
from shared.events.base import DomainEvent
from shared.events.clocks import ClockTerms
from shared.events.escalation import RouteRequested
from shared.events.routing import Action, Asked, BodyAsleep, FiredRow, Routed
from shared.events.vocabulary import HandoffKind


def react(
    event: DomainEvent,
    state: Decisions,
    at: datetime,
    decider: Decider,
    directory: Directory,
) -> Iterator[DomainEvent]:
    match event:
        case RouteRequested(request=request) if request > state.answered:
            search = Search(event, at, directory)
            routed = _Answer(event, state, decider, search).given()
            yield routed
            yield from _alarms(routed, search)


def _alarms(routed: Routed, search: Search) -> Iterator[BodyAsleep]:
    """Somebody is told of each body that was passed over as nobody answers there."""
    silent = (step[1] for step in routed.steps if step[0] == Told.NOT_AWAKE)
    for body in dict.fromkeys(silent):
        to, day = search.directory.alarm_for(body, search.day), search.day
        yield BodyAsleep(request=routed.request, body=body, day=day, to=to)


@dataclass(frozen=True)
class _Answer:
    asked: RouteRequested
    state: Decisions
    decider: Decider
    search: Search

    def given(self) -> Routed:
        decision = self.decider.decide(self._question)
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

    @cached_property
    def _question(self) -> Question:
        asked, state = self.asked, self.state
        tier = state.tier_reached(asked.reason, asked.tier)
        return Question.of(asked, tier, state.not_taken(asked.reason))

    def _offer(self, decision: Decision) -> Routed:
        found = (
            self.search.sender() if decision.to_sender else self.search.lead(decision)
        )
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
            co_handlers=self.search.co_handlers(decision, lead),
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
        who = self.search.designator(designators)
        if who.body is None:
            return self._no_designator(decision, (*steps, *who.steps), why)
        proposed = self.search.lead(decision, but=who.body.id)
        lead = proposed.body
        return self._routed(
            decision,
            action=Action.DESIGNATE,
            designator=who.body.id,
            lead=lead.id if lead else None,
            tier=lead.tier if lead else self._question.tier or who.body.tier,
            kind=HandoffKind.DESIGNATE,
            may_decline=False,
            answer=answer,
            clocks=decision.clocks,
            co_handlers=self.search.co_handlers(decision, lead),
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
            "asked": self._as_asked,
            "versions": {
                TABLE: self.decider.version,
                "directory": self.search.directory.version,
                "calendar": self.search.directory.calendar.version,
            },
        }
        return Routed.model_validate({**told, **more})

    @property
    def _as_asked(self) -> Asked:
        question = self._question
        return Asked(
            holder=self.asked.holder,
            tier=question.tier,
            declines=question.declines,
            not_taken=question.not_taken,
            passed_over=self.asked.passed_over,
            tried=self.asked.tried,
        )
