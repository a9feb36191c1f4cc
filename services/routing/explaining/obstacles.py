"""What stands between a dispute as it is and a body: rule by rule, step by step. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from services.routing.decider import Decider, Decision, is_below
from services.routing.directory import Directory
from services.routing.explaining.cases import Case
from services.routing.explaining.values import Obstacle, Text
from services.routing.explaining.words import Words, listed, phrase, plain, word
from services.routing.searching import OWN
from shared.bodies import Body, BodyKind
from shared.calendar import SHANGHAI
from shared.events.routing import Action, FiredRow, Routed
from shared.events.vocabulary import ANEW


@dataclass(frozen=True)
class Obstacles:
    """For one decision. Bodies are looked at one by one, or as all of a kind."""

    case: Case
    decider: Decider
    directory: Directory
    words: Words

    def of_body(self, body: Body, routed: Routed) -> tuple[Obstacle, ...]:
        return (*self._of_rules(body.kind), *self._of_directory(body, routed))

    def of_kind(self, kind: BodyKind) -> tuple[Obstacle, ...]:
        return (*self._of_rules(kind), *self._none_of(kind))

    def _of_rules(self, kind: BodyKind) -> Iterator[Obstacle]:
        decision = self._decision
        if decision.action in (Action.STAY, Action.LAW):
            yield self._told("nobody-asked", row=_row(decision, "way"))
        elif decision.to_sender:
            yield self._told("back-to-sender", row=_row(decision, "way"))
        elif kind not in decision.bodies:
            yield self._told(
                "not-named",
                row=_row(decision, "lead"),
                kinds=listed(word("body_kind", one) for one in decision.bodies),
                kind=word("body_kind", kind),
            )
        elif decision.action is Action.DESIGNATE:
            yield self._told("designated", row=_row(decision, "way"))

    def _of_directory(self, body: Body, routed: Routed) -> Iterator[Obstacle]:
        name, facts = self.words.body(body.id), self.case.facts
        if not body.in_force(self._day):
            yield self._told("not-in-force", body=name, day=plain(self._day))
        if body.place not in self._around:
            serves, place = self.words.place(body.place), self.words.place(facts.place)
            yield self._told("not-here", body=name, serves=serves, place=place)
        if not body.is_for(facts.kind):
            fields = listed(self.words.kind(kind) for kind in sorted(body.fields))
            kind = self.words.kind(facts.kind)
            yield self._told("not-for-kind", body=name, fields=fields, kind=kind)
        if (least := self._decision.from_tier) and is_below(body.tier, least):
            yield self._told("tier-too-low", body=name, tier=word("tier", least))
        if body.chambers and not body.belongs(facts.organisation, self._day):
            yield self._told("chambers", body=name)
        yield from (self._told(code, body=name) for code in self._passed_over(body))
        if routed.lead and routed.lead != body.id and self._named(body):
            chosen = self.words.body(routed.lead)
            yield self._told("another-first", body=name, chosen=chosen)

    def _passed_over(self, body: Body) -> Iterator[str]:
        """Why it was not even looked at, though it serves the place."""
        asked, facts = self.case.asked, self.case.facts
        if body.id in asked.passed_over:
            yield "passed-over"
        if body.id in asked.tried:
            yield "tried"
        if body.id in facts.prior_failed:
            yield "prior-failed"
        if body.id == facts.sender and facts.source not in OWN:
            yield "sent-it"
        if body.id == asked.holder and asked.reason not in ANEW:
            yield "holds-it"
        if not body.awake(self._day):
            yield "asleep"

    def _none_of(self, kind: BodyKind) -> Iterator[Obstacle]:
        bodies = self.directory.region.bodies.values()
        serving = (b for b in bodies if b.kind is kind and b.place in self._around)
        if not any(body.in_force(self._day) for body in serving):
            yield self._told("no-such-body", kind=word("body_kind", kind))

    def _named(self, body: Body) -> bool:
        """Whether rules and place would have let it be chosen."""
        decision = self._decision
        fits = body.kind in decision.bodies and body.is_for(self.case.facts.kind)
        low = is_below(body.tier, decision.from_tier)
        return fits and not low and body.place in self._around

    @property
    def _decision(self) -> Decision:
        return self.decider.decide(self.case.question)

    @property
    def _around(self) -> set[str]:
        divisions = self.directory.region.divisions
        return {c[-1] for c in divisions.around(self.case.facts.place, self._day)}

    @property
    def _day(self) -> date:
        return self.case.at.astimezone(SHANGHAI).date()

    def _told(self, code: str, **facts: Text | str) -> Obstacle:
        return Obstacle(**dict(phrase(f"obstacle.{code}", **facts)), code=code)


def _row(decision: Decision, table: str) -> str:
    """The row of a table that decided, as people name it."""
    rows: dict[str, FiredRow] = {row.table: row for row in decision.rows}
    found = rows.get(table) or decision.rows[-1]
    return f"{found.table}/{found.row}"
