"""Routing as a service: hears the questions of escalation and answers each once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from services.routing.decider import Decider
from services.routing.directory import Directory
from services.routing.domain import Decisions
from services.routing.policy import react
from services.routing.rules import RuleTables
from shared.events.base import DomainEvent, Recorded, State
from shared.events.database import Database
from shared.events.escalation import RouteRequested
from shared.events.store import Service
from shared.region import Region


class RoutingService(Service):
    """Who should act, on what legal ground. By default the region's tables decide."""

    name: ClassVar[str] = "routing"
    empty: ClassVar[State] = Decisions()
    hears: ClassVar[frozenset[str] | None] = frozenset({RouteRequested.event_name})

    def __init__(
        self, database: Database, region: Region, decider: Decider | None = None
    ) -> None:
        super().__init__(database)
        self.directory = Directory(region)
        self.decider = decider or RuleTables.load(region)

    def react(
        self, heard: Recorded, state: Decisions, at: datetime
    ) -> Iterable[DomainEvent]:
        asked_at = heard.recorded_at
        return react(heard.event, state, asked_at, self.decider, self.directory)
