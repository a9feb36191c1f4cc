"""Which directory a process works with: the one that people published last."""

from __future__ import annotations

import structlog
from psycopg.errors import InvalidSchemaName, UndefinedTable

from services.routing.publishing.archive import Archive
from services.routing.publishing.directories import Directories
from services.routing.publishing.service import Publishing
from shared.events.errors import RefusedError
from shared.region import Region

log = structlog.get_logger()


def in_use(found: Region, publishing: Publishing, archive: Archive) -> Region:
    """The directory that was published last; until one is, that in the region's folder.

    What was changed in the folder afterwards is used by nobody before it is published.
    One that this release cannot read is not: better a directory than none.
    """
    try:
        published = publishing.newest().published_directory
        if published in (None, found.digest):
            return found
        return Directories(archive).get(published)
    except (UndefinedTable, InvalidSchemaName):  # before the very first start
        return found
    except RefusedError as error:
        log.error("published_directory_unreadable", reason=error.reason)
        return found
