"""Conditions of rule rows: columns from a closed set, and when a cell matches.

Conditions are data and not code, so that a table can be listed, compared, explained and
checked. A column that is left out matches everything.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Any, TypeVar

from pydantic import Field

from services.routing.decider import Question
from shared.events.base import Value
from shared.events.routing import Severity
from shared.events.vocabulary import Flag, HandoffKind, RouteReason, Source, Tier

Item = TypeVar("Item")
OneOf = Annotated[tuple[Item, ...], Field(min_length=1)]
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
