"""Publishing a directory: every pack that is or will be in force is proved with it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from services.audit.render import line
from services.cli.options import Json, show, show_json
from services.cli.rules_desk import By, Desk, Why, a_desk
from services.cli.rules_grounds import lines, proved
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
        place = _setting(folder or desk.house.settings.region)
    if as_json:
        digests = [each.digest for each in certificates]
        told = {"directory": digest, "certificate": digests}
        show_json({**told, "next_start": f"FENGQIAO_REGION={place}"})
    else:
        papers = chain.from_iterable(map(proved, certificates))
        show(lines([(both("field.directory"), digest), *papers]))
        show(line(both("rules.next_start", folder=place)))


def _setting(told: str) -> str:
    """What to write in FENGQIAO_REGION, so that it holds wherever a process starts."""
    return str(Path(told).resolve()) if Path(told).is_dir() else told


def _proved(desk: Desk, region: Region) -> Iterator[Certificate]:
    """A certificate for every pack from today on. Raises where one does not pass."""
    today = desk.publishing.today()
    for digest in sorted(desk.publishing.newest().packs_from(today)):
        pack = Pack.restored(desk.archive.get(digest))
        check_places(pack, region)
        yield certificate(desk, pack, region, today)
