"""A past question asked again: the very one, of whatever rules and directory."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from services.routing.asking_again import answered, requested
from services.routing.decider import Decider, Decision, Question
from services.routing.directory import Directory
from shared.events.base import Recorded
from shared.events.escalation import RouteRequested
from shared.events.facts import Facts
from shared.events.routing import Asked, Routed
from shared.events.vocabulary import RouteReason

COLUMNS = (
    "dispute, request, asked_at, reason, facts, "
    "holder, tier, declines, not_taken, passed_over, tried"
)
"""What of the table `past` is a question."""


class Asking(NamedTuple):
    """A question as it was put, and when."""

    dispute: UUID
    request: int
    at: datetime
    reason: RouteReason
    facts: Facts
    asked: Asked

    @classmethod
    def of_row(cls, row: tuple[Any, ...]) -> Asking:
        """From a row with `COLUMNS`."""
        (
            dispute,
            request,
            at,
            reason,
            facts,
            holder,
            tier,
            declines,
            kind,
            over,
            tried,
        ) = row
        asked = {
            "holder": holder,
            "tier": tier,
            "declines": declines,
            "not_taken": kind,
            "passed_over": over,
            "tried": tried,
        }
        return cls(
            dispute,
            request,
            at.replace(tzinfo=UTC),
            RouteReason(reason),
            Facts.model_validate_json(facts),
            Asked.model_validate(asked),
        )

    @classmethod
    def of_event(cls, recorded: Recorded) -> Asking | None:
        """From a decision; None if it was made before questions were recorded."""
        event = recorded.event
        if not isinstance(event, Routed) or event.asked is None:
            return None
        at, request = recorded.occurred_at, event.request
        return cls(
            recorded.dispute, request, at, event.reason, event.facts, event.asked
        )

    @property
    def question(self) -> Question:
        return Question.of(self._requested, self.asked.tier, self.asked.not_taken)

    @property
    def _requested(self) -> RouteRequested:
        return requested(self.request, self.reason, self.facts, self.asked)

    def again(self, decider: Decider, directory: Directory) -> Routed:
        """What these rules and this directory answer to it."""
        not_taken = self.asked.not_taken
        return answered(self._requested, not_taken, self.at, decider, directory)


class Given(NamedTuple):
    """A `Decider` whose decision is known: for what comes after the rules."""

    version: str
    decision: Decision

    def decide(self, question: Question) -> Decision:
        return self.decision
