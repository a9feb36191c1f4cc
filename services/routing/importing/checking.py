"""Checks a directory as a whole, beyond what loading it already refuses.

All faults are told at once, with file, row, column, what is there and what to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from shared.bodies import Body
from shared.divisions import Division, covers
from shared.region_directory import Contents, read_directory
from shared.region_faults import EVERYTHING, Faults, RegionRefusedError
from shared.region_files import Folder
from shared.region_lineage import HEAD, digest_with_head, read_head
from shared.region_rows import DIVISIONS, directory_files


class Checked(NamedTuple):
    """What a directory holds and what is wrong with it.

    `asleep` are bodies in force where nobody answers on the day: no fault of the
    files, but somebody has to look. `full_at` are the bodies that have a limit.
    """

    digest: str
    contents: Contents
    faults: tuple[RegionRefusedError, ...]
    asleep: tuple[str, ...]
    in_force: int

    @property
    def is_sound(self) -> bool:
        return not self.faults


def check(folder: Folder, day: date) -> Checked:
    """The directory of a region's folder, as of that day."""
    kept = Faults()
    contents = _read(folder, kept)
    if not kept.found:
        kept.found.extend(_undesignated(contents))
    digest = "" if kept.found else digest_of_directory(folder)
    acting = [body for body in contents.bodies.values() if body.in_force(day)]
    asleep = tuple(sorted(body.id for body in acting if not body.awake(day)))
    return Checked(digest, contents, tuple(kept.found), asleep, len(acting))


def digest_of_directory(folder: Folder) -> str:
    """What names this version of a directory; the same as that of its region."""
    return digest_with_head(folder, *directory_files(folder))


def read(folder: Folder) -> Contents:
    """Raises `RegionRefusedError` with all its faults."""
    kept = Faults()
    contents = _read(folder, kept)
    kept.stop()
    return contents


def _read(folder: Folder, kept: Faults) -> Contents:
    region, kinds = "", {}
    with kept.reading((HEAD, EVERYTHING)):
        head = read_head(folder)
        region, kinds = head.code, {kind.code: kind for kind in head.kinds}
    return read_directory(folder, region, kinds, kept)


def _undesignated(contents: Contents) -> Iterator[RegionRefusedError]:
    """Counties where nobody could say who acts when no body fits."""
    public = [b for b in contents.bodies.values() if b.public and b.valid_to is None]
    for county in contents.divisions.counties:
        if county.valid_to is None and not _is_served(county, public):
            yield RegionRefusedError(
                DIVISIONS,
                county.code,
                "no public body can designate there",
                "add one with public = yes for the county or above it",
                why="no-designator",
                name=f"{county.name} {county.code}",
            )


def _is_served(county: Division, public: list[Body]) -> bool:
    return any(covers(body.place, county.code) for body in public)
