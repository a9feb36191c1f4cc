"""Rules, directories and calendars of any age by their digests, from the archive, as drafts."""

from __future__ import annotations

from typing import NamedTuple

from services.routing.backtest.draft import Draft
from services.routing.backtest.reproducing import Library
from services.routing.backtest.shadow import Shadow
from services.routing.packs import Pack
from services.routing.publishing import Archive, Content
from services.routing.publishing.calendars import Calendars
from services.routing.publishing.directories import Directories
from services.routing.service import RoutingService
from shared.region import Region


class Kept(NamedTuple):
    """What the archive holds. `here` is the directory that is loaded already."""

    archive: Archive
    here: Region

    def region(self, digest: str) -> Region:
        """Raises `RefusedError` if there never was such a directory."""
        if digest == self.here.digest:
            return self.here
        return Directories(self.archive).get(digest)

    def draft(self, pack: str, directory: str) -> Draft:
        """What is kept under these digests. Raises `RefusedError`."""
        return Draft(Pack.restored(self.archive.get(pack)), self.region(directory))

    @property
    def library(self) -> Library:
        """All as archived, and not as loaded, by which everything is shown."""
        calendars = Calendars(self.archive).get
        return Library(self._pack, Directories(self.archive).get, calendars)

    def _pack(self, version: str) -> Pack:
        return Pack.restored(self.archive.get(self.archive.pack_of(version)))

    def keep(self, draft: Draft) -> None:
        """Keep a draft, so that every process finds it."""
        pack = draft.pack
        self.archive.put(pack.digest, Content.PACK, pack.archive())
        Directories(self.archive).keep(draft.region)


def shadow_of(service: RoutingService) -> Shadow:
    """What follows a routing service with the draft that runs beside it."""
    kept = Kept(Archive(service.database), service.region)
    return Shadow(service.database, service.histories, kept.draft)
