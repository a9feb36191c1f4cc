"""What rules consisted of, found again by its digest, also after many years.

Packs, directories, calendars, certificates and backtests lie beside routing's events, so that every
process has them and a backup takes them along. Nothing here is changed or removed, and
what was changed in the store is not handed out.
"""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256

from services.routing.calendar_archive import version_of as version_of_calendar
from services.routing.directory_archive import digest_of as digest_of_directory
from services.routing.publishing.refusals import refused
from shared.events.database import Database

SHORTEST = 12
"""So many characters of a digest name a pack."""


class Content(StrEnum):
    """What a stored content is."""

    PACK = "pack"
    DIRECTORY = "directory"
    CALENDAR = "calendar"
    CERTIFICATE = "certificate"
    BACKTEST = "backtest"


def digest_of(kind: str, content: bytes) -> str | None:
    """What names a content. None for what cannot be read as a content of its kind."""
    if kind == Content.DIRECTORY:
        return digest_of_directory(content)
    if kind == Content.CALENDAR:
        return version_of_calendar(content)
    return sha256(content).hexdigest()


class Archive:
    """Contents by digest, in routing's schema."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, digest: str, kind: Content, content: bytes) -> None:
        """Keep a content; one that is there already stays as it is."""
        with self._database.transaction() as cursor:
            cursor.execute(
                "INSERT INTO routing.pack_content (digest, kind, content)"
                " VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                [digest, kind.value, content],
            )

    def get(self, digest: str) -> bytes:
        """The content of this digest.

        Raises `RefusedError` if there is none, or if it is no longer what was kept.
        """
        found = self._database.read(
            "SELECT kind, content FROM routing.pack_content WHERE digest = %s", [digest]
        )
        if not found:
            raise refused("no-such-content", digest=digest)
        kind, content = found[0][0], bytes(found[0][1])
        if digest_of(kind, content) != digest:
            raise refused("tampered", digest=digest, kind=kind)
        return content

    def has(self, digest: str) -> bool:
        return bool(
            self._database.read(
                "SELECT FROM routing.pack_content WHERE digest = %s", [digest]
            )
        )

    def pack_of(self, version: str) -> str:
        """The digest of the pack that decisions call so (name@digest's beginning).

        Raises `RefusedError` if there is none.
        """
        beginning = version.rpartition("@")[2]
        found = self._database.read(
            "SELECT digest FROM routing.pack_content"
            " WHERE kind = %s AND starts_with(digest, %s)",
            [Content.PACK.value, beginning],
        )
        if len(beginning) < SHORTEST or not found:
            raise refused("no-such-content", digest=version)
        return str(found[0][0])
