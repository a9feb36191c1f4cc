"""What routing asks a rule table, and what it is told: facts in, a decision out.

Whatever decides stands behind `Decider`. It names kinds of bodies, never a body: which
one that is, at a place and on a day, is found by the directory.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol, Self

from shared.bodies import BodyKind
from shared.events.base import Value
from shared.events.clocks import ClockTerms
from shared.events.escalation import RouteRequested
from shared.events.facts import Facts
from shared.events.routing import Action, FiredRow, Severity
from shared.events.vocabulary import HandoffKind, RouteReason, Tier


class Route(StrEnum):
    """A lawful channel that parties are led to (合法渠道)."""

    COURT = "court"
    LABOUR_ARBITRATION = "labour_arbitration"
    RECONSIDERATION = "reconsideration"
    GOVERNMENT_DECISION = "government_decision"
    POLICE = "police"
    DISCIPLINE_ORGAN = "discipline_organ"
    LEGAL_AID = "legal_aid"


class Question(Value):
    """Everything a rule may look at.

    `tier` is the highest tier the dispute has reached, by custody or by an offer that
    was declined or lapsed; `not_taken` is the kind of that offer. `with_sender` is true
    while the body that sent the dispute still holds it.
    """

    reason: RouteReason
    facts: Facts
    tier: Tier | None = None
    declines: int = 0
    not_taken: HandoffKind | None = None
    with_sender: bool = True

    @classmethod
    def of(
        cls, asked: RouteRequested, tier: Tier | None, not_taken: HandoffKind | None
    ) -> Self:
        """What escalation asks, with what routing itself knows of the dispute."""
        return cls(
            reason=asked.reason,
            facts=asked.facts,
            tier=tier,
            declines=asked.declines,
            not_taken=not_taken,
            with_sender=asked.holder == asked.facts.sender,
        )


class Nobody(Value):
    """What is done where no body fits: who designates, or else which way to law."""

    designators: tuple[BodyKind, ...]
    routes: tuple[Route, ...]
    answer: ClockTerms
    row: FiredRow


class Decision(Value):
    """The answer, and the rows that gave it.

    `bodies` are the kinds of body to look for, best first, none below `from_tier`;
    with `to_sender` it is the sender itself. `answer` is missing for actions that ask
    nobody.
    """

    action: Action
    severity: Severity
    handoff: HandoffKind | None = None
    from_tier: Tier | None = None
    to_sender: bool = False
    bodies: tuple[BodyKind, ...] = ()
    co_handlers: tuple[BodyKind, ...] = ()
    designators: tuple[BodyKind, ...] = ()
    may_decline: bool = True
    answer: ClockTerms | None = None
    clocks: tuple[ClockTerms, ...] = ()
    routes: tuple[Route, ...] = ()
    nobody: Nobody
    rows: tuple[FiredRow, ...]


class Decider(Protocol):
    """Answers every question. `version` names the rules by their content."""

    @property
    def version(self) -> str: ...

    def decide(self, question: Question) -> Decision: ...


_UPWARDS = list(Tier)


def tier_above(tier: Tier | None) -> Tier:
    """The next tier up; a dispute that has reached none starts in the village."""
    if tier is None or tier is Tier.GRID:
        return Tier.VILLAGE
    return _UPWARDS[min(_UPWARDS.index(tier) + 1, len(_UPWARDS) - 1)]


def is_below(tier: Tier, other: Tier | None) -> bool:
    return other is not None and _UPWARDS.index(tier) < _UPWARDS.index(other)


def higher(tier: Tier | None, other: Tier | None) -> Tier | None:
    """The higher one of two tiers; either may be missing."""
    if tier is None or (other is not None and is_below(tier, other)):
        return other
    return tier
