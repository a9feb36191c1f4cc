"""Where the packs and directories of former decisions come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from services.routing.directory import Directory
from services.routing.explaining.hands import FindHands
from services.routing.explaining.service import Explanations, nobody
from services.routing.packs import PackDecider
from services.routing.service import RoutingService
from shared.calendar import Calendar
from shared.events.errors import RefusedError
from shared.region import Region

FindRegion = Callable[[str], Region]
"""The directory with a digest, as a region. Raises `RefusedError` if it is gone."""
FindCalendar = Callable[[str], Calendar]
"""The calendar of a version. Raises `RefusedError` if it is gone."""


class Kept:
    """Those of a routing service, and directories and calendars that were kept."""

    def __init__(
        self,
        service: RoutingService,
        find: FindRegion | None = None,
        find_calendar: FindCalendar | None = None,
    ) -> None:
        self._service, self._find = service, find
        self._find_calendar = find_calendar

    def decider(self, version: str) -> PackDecider | None:
        pack = self._service.shelf().by_version(version)
        return self._service.decider(pack) if pack else None

    def directory(
        self, versions: Mapping[str, str], decider: PackDecider
    ) -> Directory | None:
        """Looked through as that pack wants it, by the calendar of the time."""
        present = self._service.directory(decider.pack)
        days, digest = versions.get("calendar"), versions["directory"]
        same_days = days in (None, present.calendar.version)
        if digest == present.version and same_days:
            return present
        with suppress(RefusedError):
            region = self.region(versions)
            calendar = present.calendar if same_days else self._calendar(days)
            if region and calendar:
                return Directory.of(region, decider.pack.head, calendar)
        return None

    def region(self, versions: Mapping[str, str]) -> Region | None:
        present, digest = self._service.region, versions.get("directory", "")
        if digest == present.digest:
            return present
        with suppress(RefusedError):
            return self._find(digest) if self._find else None
        return None

    def _calendar(self, version: str | None) -> Calendar | None:
        found = self._find_calendar
        return found(version) if found and version else None


def explanations(
    service: RoutingService,
    find: FindRegion | None = None,
    find_hands: FindHands = nobody,
    find_calendar: FindCalendar | None = None,
) -> Explanations:
    """What this routing service can tell of its decisions, and what people did then."""
    kept = Kept(service, find, find_calendar)
    return Explanations(service, service.region, kept, find_hands)
