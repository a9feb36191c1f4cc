"""What a row of a rule table looks like: conditions from a closed set, and an outcome.

Conditions are data and not code, so that a table can be listed, compared, explained and
checked. A column that is left out matches everything.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Field, model_validator

from services.routing.decider import Question, Route
from shared.bodies import BodyKind
from shared.calendar import Period, Unit
from shared.events.base import Value
from shared.events.clocks import ClockTerms, OnBreach
from shared.events.routing import Action, FiredRow, Severity
from shared.events.vocabulary import Flag, HandoffKind, RouteReason, Source, Tier

Item = TypeVar("Item")
OneOf = Annotated[tuple[Item, ...], Field(min_length=1)]
Words = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(ge=1)]


class Asked(Question):
    """A question with what earlier tables answered."""

    severity: Severity | None = None
    handoff: HandoffKind | None = None


Test = Callable[[Any, Asked], bool]

COLUMNS: dict[str, Test] = {
    "reason": lambda wanted, q: q.reason in wanted,
    "source": lambda wanted, q: q.facts.source in wanted,
    "kind": lambda wanted, q: q.facts.kind in wanted,
    "asked": lambda wanted, q: q.facts.asked in wanted,
    "place_prefix": lambda wanted, q: q.facts.place.startswith(wanted),
    "flags_any": lambda wanted, q: not wanted.isdisjoint(q.facts.flags),
    "flags_none": lambda wanted, q: wanted.isdisjoint(q.facts.flags),
    "persons_at_least": lambda wanted, q: q.facts.persons >= wanted,
    "side_at_least": lambda wanted, q: q.facts.side >= wanted,
    "tier": lambda wanted, q: q.tier in wanted,
    "declines_at_least": lambda wanted, q: q.declines >= wanted,
    "not_taken": lambda wanted, q: q.not_taken in wanted,
    "with_sender": lambda wanted, q: q.with_sender is wanted,
    "severity": lambda wanted, q: q.severity in wanted,
    "handoff": lambda wanted, q: q.handoff in wanted,
}
"""Every column there is, and when its cell matches."""


class When(Value):
    """The conditions of a row. All that are given must hold."""

    reason: OneOf[RouteReason] | None = None
    source: OneOf[Source] | None = None
    kind: OneOf[str] | None = None
    asked: OneOf[HandoffKind] | None = None
    place_prefix: OneOf[str] | None = None
    flags_any: Annotated[frozenset[Flag], Field(min_length=1)] | None = None
    flags_none: Annotated[frozenset[Flag], Field(min_length=1)] | None = None
    persons_at_least: Count | None = None
    side_at_least: Count | None = None
    tier: OneOf[Tier] | None = None
    declines_at_least: Count | None = None
    not_taken: OneOf[HandoffKind] | None = None
    with_sender: bool | None = None
    severity: OneOf[Severity] | None = None
    handoff: OneOf[HandoffKind] | None = None

    @cached_property
    def cells(self) -> tuple[tuple[str, Any], ...]:
        """The columns that say something, and what."""
        return tuple((name, value) for name, value in self if value is not None)

    def matches(self, question: Asked) -> bool:
        return all(COLUMNS[name](wanted, question) for name, wanted in self.cells)


class Row(Value):
    """A rule: under these conditions this follows, on this legal basis.

    `zh` and `en` say it to people. `provisional` marks what could not be verified;
    a basis "design default" is nobody's law but a proposal of this software.
    """

    id: Words
    zh: Words
    en: Words
    legal_basis: Words
    provisional: bool = False
    when: When = When()

    def fired(self, table: str) -> FiredRow:
        return FiredRow(
            table=table,
            row=self.id,
            legal_basis=self.legal_basis,
            provisional=self.provisional,
        )

    def limit(self, name: str, limit: Limit) -> ClockTerms:
        """A limit that stands on this row's basis, as a clock."""
        return ClockTerms(
            name=name,
            period=Period(amount=limit.amount, unit=limit.unit),
            on_breach=limit.on_breach,
            legal_basis=self.legal_basis,
            provisional=self.provisional,
        )


class Limit(Value):
    amount: Annotated[int, Field(gt=0, le=5000)]
    unit: Unit
    on_breach: OnBreach = OnBreach.LAPSE


class NamedLimit(Limit):
    name: Literal["mediation", "handling", "docketing"]
    on_breach: OnBreach


class Rated(Value):
    severity: Severity


class SeverityRow(Row):
    """How grave a dispute is (难易程度)."""

    then: Rated


class Way(Value):
    """Which way a dispute goes.

    `tier` is the lowest that fits; "reached" is the one it has reached, "next" the one
    above. `handoff` "as_asked" is what the sender named.
    """

    action: Action
    handoff: HandoffKind | Literal["as_asked"] | None = None
    tier: Tier | Literal["reached", "next"] | None = None
    to_sender: bool = False
    designators: tuple[BodyKind, ...] = ()
    routes: tuple[Route, ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        wanted = {
            Action.OFFER: "handoff",
            Action.DESIGNATE: "designators",
            Action.LAW: "routes",
        }
        for action, name in wanted.items():
            if bool(getattr(self, name)) is not (self.action is action):
                raise ValueError(f"{name} belongs to action {action}, and only there")
        if self.to_sender and self.action is not Action.OFFER:
            raise ValueError("to_sender belongs to action offer, and only there")
        return self


class WayRow(Row):
    """Suitability and movement: offered where, kept, designated, or led to law."""

    then: Way


class Terms(Value):
    may_decline: bool = True
    answer: Limit


class TermsRow(Row):
    """On what terms a body is asked (移交条件)."""

    then: Terms


class Lead(Value):
    bodies: OneOf[BodyKind]
    co_handlers: tuple[BodyKind, ...] = ()


class LeadRow(Row):
    """What kinds of body lead (主办), best first, and who is invited (协办)."""

    then: Lead


class Clocks(Value):
    clocks: OneOf[NamedLimit]


class ClocksRow(Row):
    """The limits that start when a body takes the dispute (办理期限)."""

    then: Clocks


class Without(Value):
    designators: OneOf[BodyKind]
    routes: OneOf[Route]
    answer: Limit


class NobodyRow(Row):
    """What is done where the directory has no body that fits."""

    then: Without
