"""What a row of each rule table looks like: conditions, an outcome, and why."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from services.routing.conditions import OneOf, When
from services.routing.decider import Route
from shared.bodies import BodyKind
from shared.calendar import Period, Unit
from shared.events.base import Value
from shared.events.clocks import ClockTerms, OnBreach
from shared.events.routing import Action, FiredRow, Severity
from shared.events.vocabulary import HandoffKind, Tier

Words = Annotated[str, Field(min_length=1)]


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
