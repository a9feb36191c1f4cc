"""The pack in the region's folder, or what stands in for it where it is unsound."""

from __future__ import annotations

import structlog

from services.routing.dmn import DmnRefusedError
from services.routing.packs import Pack, check_places
from services.routing.publishing.archive import Archive
from services.routing.publishing.service import Publishing
from shared.region import Region, RegionRefusedError

log = structlog.get_logger()


def shipped(region: Region, publishing: Publishing, archive: Archive) -> Pack:
    """The pack in the region's folder; if that is unsound, the one in force instead.

    Raises `DmnRefusedError` or `RegionRefusedError` if nothing was ever in force.
    """
    try:
        pack = Pack.load(region.folder)
        check_places(pack, region)
        return pack
    except (DmnRefusedError, RegionRefusedError) as error:
        if (kept := _in_force(publishing, archive)) is None:
            raise
        log.error("shipped_pack_refused", why=str(error), in_force=kept.version)
        return kept


def _in_force(publishing: Publishing, archive: Archive) -> Pack | None:
    if (known := publishing.so_far()).adopted is None:
        return None
    there = known.in_force(publishing.today())
    return Pack.restored(archive.get(there.pack)) if there else None
