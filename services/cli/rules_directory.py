"""Publishing a directory: every pack that is or will be in force is proved with it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Annotated

import typer

from services.audit.render import line
from services.cli.options import Json, show, show_json
from services.cli.rules_desk import By, Desk, Why, a_desk
from services.cli.rules_grounds import lines, proved
from services.cli.words import both
from services.routing.backtest.proposing import certificate
from services.routing.packs import Pack, check_places
from services.routing.publishing.directories import Directories
from shared.events.rules import Certificate
from shared.region import Region

Folder = Annotated[str | None, typer.Argument(help=both("rules.directory_folder"))]


def publish_directory(
    by: By, why: Why, folder: Folder = None, as_json: Json = False
) -> None:
    with a_desk() as desk:
        who = desk.authority(by)
        region = Region.load(folder) if folder else desk.house.found
        certificates = tuple(_proved(desk, region))
        Directories(desk.archive).keep(region)
        digest = region.digest
        desk.publishing.publish_directory(who, digest, digest, why, certificates)
    if as_json:
        digests = [each.digest for each in certificates]
        show_json({"directory": digest, "certificate": digests})
    else:
        papers = chain.from_iterable(map(proved, certificates))
        show(lines([(both("field.directory"), digest), *papers]))
        show(line(both("rules.next_start")))


def _proved(desk: Desk, region: Region) -> Iterator[Certificate]:
    """A certificate for every pack from today on. Raises where one does not pass."""
    today = desk.publishing.today()
    for digest in sorted(desk.publishing.newest().packs_from(today)):
        pack = Pack.restored(desk.archive.get(digest))
        check_places(pack, region)
        yield certificate(desk.archive, pack, region, today)
