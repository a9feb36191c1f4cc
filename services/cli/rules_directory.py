"""Publishing a directory: every pack that is or will be in force is proved with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from services.cli.options import Json, fields, show, show_json
from services.cli.rules_desk import By, Desk, Why, a_desk
from services.cli.rules_propose import certificate
from services.cli.words import both
from services.routing.packs import Pack, check_places
from services.routing.publishing.directories import Directories
from shared.events.rules import Certificate
from shared.region import Region

Folder = Annotated[str | None, typer.Argument(help=both("rules.directory_folder"))]


def publish_directory(
    by: By, why: Why, folder: Folder = None, as_json: Json = False
) -> None:
    with a_desk() as desk:
        who = desk.person(by)
        region = Region.load(folder) if folder else desk.house.region
        certificates = tuple(_proved(desk, region))
        Directories(desk.archive).keep(region)
        digest = region.digest
        desk.publishing.publish_directory(who, digest, digest, why, certificates)
    told = {"directory": digest, "certificate": [c.digest for c in certificates]}
    if as_json:
        show_json(told)
    else:
        show(fields(told))


def _proved(desk: Desk, region: Region) -> Iterator[Certificate]:
    """A certificate for every pack from today on. Raises where one does not pass."""
    today = desk.publishing.today()
    for digest in sorted(desk.publishing.newest().packs_from(today)):
        pack = Pack.restored(desk.archive.get(digest))
        check_places(pack, region)
        yield certificate(desk, pack, region, today)
