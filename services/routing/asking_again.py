"""A question that was answered before, asked again of whatever rules and directory. Pure.

It is answered by the very policy that answers real questions.
"""

from __future__ import annotations

from datetime import datetime

from services.routing.decider import Decider
from services.routing.directory import Directory
from services.routing.domain import Decisions
from services.routing.policy import react
from shared.events.escalation import RouteRequested
from shared.events.facts import Facts
from shared.events.routing import Asked, Routed
from shared.events.vocabulary import HandoffKind, RouteReason


def requested(
    request: int, reason: RouteReason, facts: Facts, asked: Asked
) -> RouteRequested:
    """What escalation asked, from what the decision recorded of it."""
    return RouteRequested(
        request=request,
        reason=reason,
        facts=facts,
        holder=asked.holder,
        tier=asked.tier,
        declines=asked.declines,
        passed_over=asked.passed_over,
        tried=asked.tried,
    )


def answered(
    asked: RouteRequested,
    not_taken: HandoffKind | None,
    at: datetime,
    decider: Decider,
    directory: Directory,
) -> Routed:
    """What these rules and this directory answer to it at that moment."""
    state = Decisions(answered=asked.request - 1, asked_as=not_taken)
    answer = next(react(asked, state, at, decider, directory))
    assert isinstance(answer, Routed)
    return answer
