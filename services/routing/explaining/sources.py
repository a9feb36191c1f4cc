"""Where the packs and directories of former decisions come from."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from services.routing.directory import Directory
from services.routing.explaining.hands import FindHands
from services.routing.explaining.service import Explanations, nobody
from services.routing.packs import PackDecider
from services.routing.service import RoutingService
from shared.events.errors import RefusedError
from shared.region import Region

FindRegion = Callable[[str], Region]
"""The directory with a digest, as a region. Raises `RefusedError` if it is gone."""


class Kept:
    """Those of a routing service, and directories that were kept when published."""

    def __init__(self, service: RoutingService, find: FindRegion | None = None) -> None:
        self._service, self._find = service, find

    def decider(self, version: str) -> PackDecider | None:
        pack = self._service.shelf().by_version(version)
        return self._service.decider(pack) if pack else None

    def directory(self, digest: str, decider: PackDecider) -> Directory | None:
        """Looked through as that pack wants it."""
        present = self._service.directory(decider.pack)
        if digest == present.version:
            return present
        with suppress(RefusedError):
            if self._find:
                return Directory(self._find(digest), decider.pack.resolution)
        return None


def explanations(
    service: RoutingService,
    find: FindRegion | None = None,
    find_hands: FindHands = nobody,
) -> Explanations:
    """What this routing service can tell of its decisions, and what people did then."""
    return Explanations(service, service.region, Kept(service, find), find_hands)
