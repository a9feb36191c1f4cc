"""A decision made again: the question as it was, or with facts thought otherwise. Pure.

It is answered by the very policy that answers real questions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from services.routing.decider import Decider, Question
from services.routing.directory import Directory
from services.routing.domain import Decisions
from services.routing.policy import react
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
        asked = RouteRequested(
            request=routed.request,
            reason=routed.reason,
            facts=routed.facts,
            holder=seen.holder,
            tier=seen.tier,
            declines=seen.declines,
            passed_over=seen.passed_over,
        )
        return cls(asked, seen.not_taken, at)

    @property
    def facts(self) -> Facts:
        return self.asked.facts

    @property
    def question(self) -> Question:
        """What the tables are asked."""
        asked = self.asked
        return Question(
            reason=asked.reason,
            facts=asked.facts,
            tier=asked.tier,
            declines=asked.declines,
            not_taken=self.not_taken,
            with_sender=asked.holder == asked.facts.sender,
        )

    def answer(self, decider: Decider, directory: Directory) -> Routed:
        state = Decisions(answered=self.asked.request - 1, asked_as=self.not_taken)
        routed, *_ = react(self.asked, state, self.at, decider, directory)
        assert isinstance(routed, Routed)
        return routed

    def with_facts(self, changes: Mapping[str, Any]) -> Case:
        facts = self.facts.model_copy(update=changes)
        return replace(self, asked=self.asked.model_copy(update={"facts": facts}))

    def with_course(self, changes: Mapping[str, Any]) -> Case:
        return replace(self, asked=self.asked.model_copy(update=changes))
