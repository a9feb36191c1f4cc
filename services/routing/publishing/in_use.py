"""Which directory a process works with: the one that people published last."""

from __future__ import annotations

from services.routing.publishing.directories import Directories
from services.routing.publishing.service import Publishing
from shared.events.errors import RefusedError
from shared.region import Region


def in_use(found: Region, publishing: Publishing, directories: Directories) -> Region:
    """The directory that was published last; until one is, that in the region's folder.

    What was changed in the folder afterwards is used by nobody before it is published.
    Raises `RefusedError` if the published one cannot be read and is not in the folder.
    """
    published = publishing.so_far().published_directory
    if published in (None, found.digest):
        return found
    try:
        return directories.get(published)
    except RefusedError as error:
        raise RefusedError(
            "published-directory-unreadable",
            f"the published directory {published} cannot be read ({error.reason}); name "
            "the folder that holds it in FENGQIAO_REGION, or restore it from a backup",
            published=published,
            found=found.digest,
        ) from error
