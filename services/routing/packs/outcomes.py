"""What the tables of a pack answer, as values of ours: codes must be such as exist.

A list is one text of codes with single spaces between. What a row answers is read once,
when the pack is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from services.routing.decider import Route, higher, tier_above
from shared.bodies import BodyKind
from shared.events.base import Value
from shared.events.routing import Action, Severity
from shared.events.vocabulary import HandoffKind, Tier

APART, MISPLACED = "codes_apart", "output_misplaced"
"""The types of the errors that are ours."""


def _codes(given: Any) -> Any:
    if given is None:
        return ()
    if isinstance(given, str) and " ".join(given.split()) != given:
        raise PydanticCustomError(APART, "write single spaces between codes")
    return tuple(given.split()) if isinstance(given, str) else given


Bodies = Annotated[tuple[BodyKind, ...], BeforeValidator(_codes)]
Routes = Annotated[tuple[Route, ...], BeforeValidator(_codes)]
Ids = Annotated[tuple[str, ...], BeforeValidator(_codes), Field(min_length=1)]


class Holds(Value):
    """Whether a gate holds."""

    value: bool


class Rated(Value):
    severity: Severity


class Way(Value):
    """Which way a dispute goes.

    `tier` is the lowest that fits; "reached" is the one it has reached, "next" the one
    above. `handoff` "as_asked" is what the sender named.
    """

    action: Action
    handoff: HandoffKind | Literal["as_asked"] | None = None
    tier: Tier | Literal["reached", "next"] | None = None
    to_sender: bool = False
    designators: Bodies = ()
    routes: Routes = ()

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        wanted = {
            Action.OFFER: "handoff",
            Action.DESIGNATE: "designators",
            Action.LAW: "routes",
        }
        for action, name in wanted.items():
            if bool(getattr(self, name)) is not (self.action is action):
                raise _misplaced(name, action)
        if self.to_sender and self.action is not Action.OFFER:
            raise _misplaced("to_sender", Action.OFFER)
        return self

    def from_tier(self, reached: Tier | None) -> Tier | None:
        """The lowest tier that is meant, from the one that was reached."""
        match self.tier:
            case None:
                return None
            case "next":
                return tier_above(reached)
            case "reached":
                return reached
            case lowest:
                return higher(lowest, reached)


def _misplaced(name: str, action: Action) -> PydanticCustomError:
    facts = {"name": name, "action": str(action)}
    return PydanticCustomError(MISPLACED, "{name} belongs to {action} alone", facts)


class Meant(Value):
    """The kind of handoff that is made; none where nothing is handed on."""

    handoff: HandoffKind | None


class Terms(Value):
    may_decline: bool
    answer: str


class Lead(Value):
    bodies: Annotated[Bodies, Field(min_length=1)]
    co_handlers: Bodies = ()


class Limits(Value):
    clocks: Ids


class Without(Value):
    designators: Annotated[Bodies, Field(min_length=1)]
    routes: Annotated[Routes, Field(min_length=1)]
    answer: str


OUTCOMES: Mapping[str, type[Value]] = {
    "danger": Holds,
    "unsuitable": Holds,
    "severity": Rated,
    "way": Way,
    "handoff": Meant,
    "terms": Terms,
    "lead": Lead,
    "clocks": Limits,
    "nobody": Without,
}
"""Every decision there must be, in the order in which they are made."""


def outcome(decision: str, outputs: Mapping[str, object]) -> Value:
    """What a row answers. Raises pydantic's `ValidationError`."""
    shape = OUTCOMES[decision]
    if shape is Holds:
        return Holds.model_validate({"value": next(iter(outputs.values()))})
    given = {name: value for name, value in outputs.items() if value is not None}
    if shape is Meant:
        given.setdefault("handoff", None)
    return shape.model_validate(given)
