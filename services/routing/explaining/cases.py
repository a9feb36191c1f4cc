"""A decision made again: the question as it was, or with facts thought otherwise. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from services.routing.asking_again import answered, requested
from services.routing.decider import Decider, Question
from services.routing.directory import Directory
from shared.events.escalation import RouteRequested
from shared.events.facts import Facts
from shared.events.routing import Asked, Routed
from shared.events.vocabulary import HandoffKind


@dataclass(frozen=True)
class Case:
    """A question of escalation and its moment. `not_taken` is what was declined."""

    asked: RouteRequested
    not_taken: HandoffKind | None
    at: datetime

    @classmethod
    def of(cls, routed: Routed, at: datetime) -> Self:
        """The question that this decision answered, at the moment it was asked."""
        seen = routed.asked or Asked(holder=routed.facts.sender)
        asked = requested(routed.request, routed.reason, routed.facts, seen)
        return cls(asked, seen.not_taken, at)

    @property
    def facts(self) -> Facts:
        return self.asked.facts

    @property
    def question(self) -> Question:
        """What the tables are asked."""
        return Question.of(self.asked, self.asked.tier, self.not_taken)

    def answer(self, decider: Decider, directory: Directory) -> Routed:
        return answered(self.asked, self.not_taken, self.at, decider, directory)

    def with_facts(self, changes: Mapping[str, Any]) -> Case:
        facts = self.facts.model_copy(update=changes)
        return replace(self, asked=self.asked.model_copy(update={"facts": facts}))

    def with_course(self, changes: Mapping[str, Any]) -> Case:
        return replace(self, asked=self.asked.model_copy(update=changes))
