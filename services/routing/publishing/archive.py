"""What rules consisted of, found again by its digest, also after many years.

Packs, directories, certificates and backtests lie beside routing's events, so that every
process has them and a backup takes them along. Nothing here is changed or removed.
"""

from __future__ import annotations

from enum import StrEnum

from services.routing.publishing.refusals import refused
from shared.events.database import Database

SHORTEST = 12
"""So many characters of a digest name a pack."""


class Content(StrEnum):
    """What a stored content is."""

    PACK = "pack"
    DIRECTORY = "directory"
    CERTIFICATE = "certificate"
    BACKTEST = "backtest"


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
        """The content of this digest. Raises `RefusedError` if there is none."""
        found = self._database.read(
            "SELECT content FROM routing.pack_content WHERE digest = %s", [digest]
        )
        if not found:
            raise refused("no-such-content", digest=digest)
        return bytes(found[0][0])

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
