"""The nearest changes that lead to a body: single facts first, then pairs. Pure.

Every choice of every fact is tried, and where no single one that may well be otherwise
leads there, every pair. The rules are asked first, and the directory only where they
name a kind of body that is wanted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, NamedTuple

from services.routing.decider import Decider, Decision
from services.routing.explaining.cases import Case
from services.routing.explaining.choices import Choice, Choices
from services.routing.explaining.facts import FACTS, Fact, tried
from services.routing.explaining.values import Role, Standing
from services.routing.explaining.worlds import Profiles, changed
from shared.bodies import Body, BodyKind
from shared.events.routing import Action, Routed

Changes = Mapping[Fact, Choice]


class Led(NamedTuple):
    """The body that a decision leads to, and what it would do."""

    body: str
    role: Role


class Hit(NamedTuple):
    """Changes that lead to a wanted body, and the decision that comes of them."""

    changes: Changes
    led: Led
    routed: Routed


@dataclass(frozen=True)
class Search:
    """From one case to some bodies, by one decider and directory."""

    case: Case
    decider: Decider
    choices: Choices
    profiles: Profiles
    _kinds: frozenset[BodyKind] = field(init=False)

    def __post_init__(self) -> None:
        kinds = frozenset(body.kind for body in self._wanted.values())
        object.__setattr__(self, "_kinds", kinds)

    @property
    def _wanted(self) -> dict[str, Body]:
        return {body.id: body for body in self.choices.targets}

    def led(self, routed: Routed) -> Led | None:
        """The wanted body that a decision leads to, if it does."""
        asked = routed.action is Action.OFFER
        roles = (
            (routed.designator, Role.DESIGNATOR),
            (routed.lead, Role.LEAD if asked else Role.PROPOSED),
        )
        wanted = self._wanted
        return next((Led(b, role) for b, role in roles if b and b in wanted), None)

    def hits(self) -> list[Hit]:
        """The changes of fewest facts that lead there."""
        tries = [
            (fact, choice)
            for fact in (*FACTS, *tried(frozenset(self._wanted)))
            for choice in self.choices.other(fact, self.case)
        ]
        single = [*self._led_by({fact: choice} for fact, choice in tries)]
        if any(_standing(hit) is Standing.OPEN for hit in single):
            return single
        done = {(f, c) for hit in single for f, c in hit.changes.items()}
        left = [one for one in tries if one not in done]
        pairs = ({f: c, g: d} for (f, c), (g, d) in combinations(left, 2) if f != g)
        return [*single, *self._led_by(pairs)]

    def _led_by(self, tries: Iterator[Changes]) -> Iterator[Hit]:
        for changes in tries:
            world = changed(self.case, values_of(changes), self.profiles)
            if world is None or not self._may_lead(world):
                continue
            routed = world.answer(self.decider, self.choices.directory)
            if led := self.led(routed):
                yield Hit(changes, led, routed)

    def _may_lead(self, world: Case) -> bool:
        """Whether the rules name a wanted kind at all."""
        decision: Decision = self.decider.decide(world.question)
        if decision.to_sender:
            return True
        named = {
            *decision.bodies,
            *decision.designators,
            *decision.nobody.designators,
        }
        return not self._kinds.isdisjoint(named)


def values_of(changes: Changes) -> dict[Fact, Any]:
    """A value for each fact; of two that bound each other, such as can stand together."""
    values = {fact: choice.value for fact, choice in changes.items()}
    counts = {fact.name: fact for fact in changes if fact.name in ("side", "persons")}
    if len(counts) == 2:
        side, persons = counts["side"], counts["persons"]
        values[side] = int(changes[side].low or 1)
        values[persons] = max(values[persons], values[side] + 1)
        if (most := changes[persons].high) is not None:
            values[persons] = min(values[persons], int(most))
    return values


def _standing(hit: Hit) -> Standing:
    """That of the change which is hardest to think of."""
    standings = [*Standing]
    return max((fact.standing for fact in hit.changes), key=standings.index)
