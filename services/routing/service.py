"""Routing as a service: hears the questions of escalation and answers each once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import ClassVar

from services.routing.directory import Directory
from services.routing.domain import Decisions
from services.routing.packs import Pack, PackDecider, Shelf
from services.routing.policy import react
from shared.calendar import SHANGHAI, Calendar
from shared.events.base import DomainEvent, Recorded, State
from shared.events.database import Database
from shared.events.escalation import RouteRequested
from shared.events.store import Service
from shared.region import Region
from shared.resolution import Resolution


class RoutingService(Service):
    """Who should act, on what legal ground.

    `shelf` gives the packs as they stand now; by default that is the region's own one.
    `keep` is told of every calendar that decisions will name.
    """

    name: ClassVar[str] = "routing"
    empty: ClassVar[State] = Decisions()
    hears: ClassVar[frozenset[str] | None] = frozenset({RouteRequested.event_name})

    def __init__(
        self,
        database: Database,
        region: Region,
        shelf: Callable[[], Shelf] | None = None,
        keep: Callable[[Calendar], None] | None = None,
    ) -> None:
        super().__init__(database)
        self.region, self._keep = region, keep
        self.shelf = shelf or _always(Shelf.shipped(region))
        self._deciders: dict[str, PackDecider] = {}
        self._directories: dict[tuple[Resolution, str], Directory] = {}

    def react(
        self, heard: Recorded, state: Decisions, at: datetime
    ) -> Iterable[DomainEvent]:
        asked_at = heard.recorded_at
        pack = self.pack(state, asked_at)
        decider, directory = self.decider(pack), self.directory(pack)
        return react(heard.event, state, asked_at, decider, directory)

    def pack(self, state: Decisions, at: datetime) -> Pack:
        """The rules that decide on a dispute at that time."""
        day = at.astimezone(SHANGHAI).date()
        return self.shelf().of_dispute(state.rules, day)

    def decider(self, pack: Pack) -> PackDecider:
        if pack.version not in self._deciders:
            self._deciders[pack.version] = PackDecider(pack)
        return self._deciders[pack.version]

    def directory(self, pack: Pack) -> Directory:
        """The directory, looked through as the pack wants it.

        The calendar that it goes by is kept before anything is decided with it.
        """
        wanted = pack.resolution, pack.calendar
        if wanted not in self._directories:
            made = Directory.of(self.region, pack.head)
            if self._keep:
                self._keep(made.calendar)
            self._directories[wanted] = made
        return self._directories[wanted]


def _always(shelf: Shelf) -> Callable[[], Shelf]:
    return lambda: shelf
