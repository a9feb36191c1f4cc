"""Directories of any age by their digest, so that each decision finds its own again."""

from __future__ import annotations

from services.routing.directory_archive import archived, restored
from services.routing.publishing.archive import Archive, Content
from shared.region import Region


class Directories:
    """The directories that were ever in use here."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._known: dict[str, Region] = {}

    def keep(self, region: Region) -> None:
        """Keep the directory of a region, if it is not kept yet."""
        if not self._archive.has(region.digest):
            self._archive.put(region.digest, Content.DIRECTORY, archived(region))

    def get(self, digest: str) -> Region:
        """Raises `RefusedError` if there never was such a directory here."""
        if digest not in self._known:
            self._known[digest] = restored(self._archive.get(digest))
        return self._known[digest]
