"""What routing remembers of a dispute: which questions it answered, and how far."""

from __future__ import annotations

from typing import Self

from shared.events.base import DomainEvent, State
from shared.events.routing import Action, Routed
from shared.events.vocabulary import HandoffKind, RouteReason, Tier

NOT_TAKEN = frozenset({RouteReason.DECLINED, RouteReason.LAPSED, RouteReason.RECALLED})
"""After these the body that was asked last did not take the dispute."""


TABLE = "table"
"""Under this name a decision tells the version of the rules that made it."""


class Decisions(State):
    """The decisions on one dispute so far: the tier last asked, and by what handoff.

    `rules` is the version of the rules that made the first one: those are kept.
    """

    answered: int = 0
    rules: str | None = None
    asked_at: Tier | None = None
    asked_as: HandoffKind | None = None

    def evolve(self, event: DomainEvent) -> Self:
        match event:
            case Routed(action=Action.OFFER):
                return self._with(event, event.tier, event.kind)
            case Routed():
                return self._with(event, self.asked_at, self.asked_as)
            case _:
                return self

    def _with(self, event: Routed, at: Tier | None, how: HandoffKind | None) -> Self:
        return self.model_copy(
            update={
                "answered": event.request,
                "rules": self.rules or event.versions.get(TABLE),
                "asked_at": at,
                "asked_as": how,
            }
        )

    def tier_reached(self, reason: RouteReason, held_at: Tier | None) -> Tier | None:
        """How high the dispute is: where it is held, or where it was last refused."""
        if reason in NOT_TAKEN:
            return self.asked_at or held_at
        return held_at

    def not_taken(self, reason: RouteReason) -> HandoffKind | None:
        """The kind of the offer that was just declined or lapsed."""
        return self.asked_as if reason in NOT_TAKEN else None
