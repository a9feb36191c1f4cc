"""What some cases are answered, as far as the way onward goes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from services.routing.packs.outcomes import Way
from shared.body_kinds import BodyKind
from shared.events.vocabulary import HandoffKind


@dataclass(frozen=True)
class Answer:
    """What some cases are answered, as far as the way onward goes, and by which rows.

    `handoff`, `may_decline`, `bodies` and `escalates` mean something where somebody is
    asked; `designators` are those for when nobody is found.
    """

    way: Way
    designators: tuple[BodyKind, ...]
    handoff: HandoffKind | None = None
    may_decline: bool = True
    bodies: tuple[BodyKind, ...] = ()
    escalates: bool = False
    rows: tuple[tuple[str, str], ...] = ()

    @cached_property
    def essence(self) -> tuple[object, ...]:
        """What it says, whichever rows say it."""
        way = self.way
        told = (way.action, way.tier, way.to_sender, way.designators, way.handoff)
        asked = (self.handoff, self.may_decline, self.bodies, self.escalates)
        return (*told, *asked, self.designators)
