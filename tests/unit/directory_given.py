"""Small regions as folders, for tests of the directory."""

from __future__ import annotations

import shutil
from functools import cache
from importlib import resources
from pathlib import Path

from shared.bodies import Body, BodyKind
from shared.divisions import Division, Divisions
from shared.events.vocabulary import Tier
from shared.region import Region

SAMPLE = resources.files("shared") / "regions" / "sample"


def sample_in(folder: Path) -> Path:
    """A copy of the sample region that a test may change."""
    with resources.as_file(SAMPLE) as sample:
        shutil.copytree(sample, folder / "sample")
    return folder / "sample"


def edit(folder: Path, file: str, old: str, new: str) -> Path:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return folder


def add(folder: Path, file: str, *lines: str) -> Path:
    with (folder / file).open("a", encoding="utf-8") as opened:
        opened.writelines(f"{line}\n" for line in lines)
    return folder


def region_of(divisions: list[Division], bodies: list[Body]) -> Region:
    """A region with these places and bodies, and the head of the sample."""
    sample = _sample()
    return Region(
        head=sample.head,
        digest="of a test",
        folder=sample.folder,
        divisions=Divisions("test", divisions),
        bodies={body.id: body for body in bodies},
        kinds=sample.kinds,
        profiles=sample.profiles,
        senders={},
        _channels={},
    )


@cache
def _sample() -> Region:
    return Region.load("sample")


def body(id: str, place: str, kind: BodyKind = BodyKind.PMC_TOWNSHIP, **more) -> Body:
    tiers = {12: Tier.VILLAGE, 9: Tier.TOWN, 6: Tier.COUNTY}
    plain = {
        "name": id,
        "name_en": id,
        "kind": kind,
        "tier": tiers[len(place)],
        "valid_from": "2020-01-01",
    }
    return Body.model_validate({"id": id, "place": place, **plain, **more})


def division(code: str, **more) -> Division:
    plain = {"name": code, "name_en": code, "valid_from": "2000-01-01"}
    return Division.model_validate({"code": code, **plain, **more})
