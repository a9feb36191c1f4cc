"""The packs that were published, on their days, restored from the archive.

A running process notices a new publication within about a second; no question about a
dispute waits for a query of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from threading import Lock

import structlog

from services.routing.packs import Pack, Placed, Shelf
from services.routing.publishing.adopting import must_answer
from services.routing.publishing.archive import Archive, Content
from services.routing.publishing.calendars import Calendars
from services.routing.publishing.directories import Directories
from services.routing.publishing.domain import Publications
from services.routing.publishing.service import Publishing
from shared.calendar import load_calendar
from shared.events.errors import FengqiaoError, RefusedError
from shared.region import Region

log = structlog.get_logger()


class PublishedPacks:
    """Packs by day and by version. `shipped` is the one in the region's folder."""

    def __init__(self, publishing: Publishing, archive: Archive, shipped: Pack) -> None:
        self._publishing, self._archive, self.shipped = publishing, archive, shipped
        self._restored: dict[str, Pack] = {shipped.digest: shipped}
        self._built: tuple[Publications, Shelf] | None = None
        self._building = Lock()

    def begin(self, region: Region) -> None:
        """Keep what the region's folder holds; its pack is in force if none ever was.

        A pack that was changed in the folder afterwards decides nothing: two people
        publish it. Raises `DmnRefusedError` before a pack is in force that has not
        exactly one answer for every dispute.
        """
        shipped = self.shipped
        if not self._publishing.newest().adopted:
            must_answer(shipped, region)
        if not self._archive.has(shipped.digest):
            self._archive.put(shipped.digest, Content.PACK, shipped.archive())
        Directories(self._archive).keep(region)
        Calendars(self._archive).keep(load_calendar(shipped.calendar))
        self._publishing.adopt(shipped.digest, shipped.version, region.digest)

    def warn(self, found: Region) -> None:
        """Log once, when a process starts to serve, what is in the region's folder and
        not in use, as it was not published.
        """
        state = self._publishing.newest()
        there, shipped = state.in_force(self._publishing.today()), self.shipped
        if there and there.pack != shipped.digest:
            log.warning(
                "shipped_pack_not_in_force",
                shipped=shipped.version,
                in_force=there.version,
            )
        if found.digest != state.published_directory:
            log.warning(
                "directory_not_published",
                in_folder=found.digest,
                published=state.published_directory,
            )

    def shelf(self) -> Shelf:
        """The packs by day as published; the same one until something is published."""
        state = self._publishing.noticed()
        with self._building:
            if self._built is None or self._built[0] is not state:
                self._built = state, self._newer(state)
            return self._built[1]

    def by_version(self, version: str) -> Pack:
        """A pack of any age by what decisions call it. Raises `RefusedError`."""
        if version == self.shipped.version:
            return self.shipped
        return self._pack(self._archive.pack_of(version))

    def _newer(self, state: Publications) -> Shelf:
        """What was in force stays so where a pack cannot be read by this release."""
        try:
            return Shelf(self._placed(state), self._find)
        except FengqiaoError as error:
            if self._built is None:
                raise
            log.error("published_pack_unreadable", reason=error.code)
            return self._built[1]

    def _placed(self, state: Publications) -> Iterator[Placed]:
        if state.adopted is None:
            yield Placed(self.shipped, date.min)
        for each in state.calendar(emergencies=False):
            yield Placed(self._pack(each.pack), each.since or date.min, each.until)
        for each in state.published:
            if each.emergency and each.since:
                yield Placed(self._pack(each.pack), each.since, each.until, True)

    def _find(self, version: str) -> Pack | None:
        """None if nobody kept it; what was changed in the store decides nothing."""
        try:
            return self.by_version(version)
        except RefusedError as error:
            if error.reason != "rules-no-such-content":
                raise
            return None

    def _pack(self, digest: str) -> Pack:
        if digest not in self._restored:
            self._restored[digest] = Pack.restored(self._archive.get(digest))
        return self._restored[digest]
