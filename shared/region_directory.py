"""A directory read as a whole: every fault of every file, told at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from shared.bodies import Body, Channel, Kind, Sender
from shared.divisions import Divisions
from shared.region_echoes import without_echoes
from shared.region_faults import Faults, collecting
from shared.region_files import Folder
from shared.region_rows import (
    read_bodies,
    read_channels,
    read_divisions,
    read_senders,
)


class Contents(NamedTuple):
    """What stands in the files of a directory."""

    divisions: Divisions
    bodies: Mapping[str, Body]
    senders: Mapping[str, Sender]
    channels: Mapping[str, tuple[Channel, ...]]


def read_directory(
    folder: Folder, region: str, kinds: Mapping[str, Kind], faults: Faults | None = None
) -> Contents:
    """The directory of a folder. Raises `RegionRefusedError`, whose `all` are the faults.

    With `faults` given they are kept there, and what could be read is given.
    """
    with collecting(faults) as kept:
        divisions = Divisions(region, read_divisions(folder, kept))
        bodies = read_bodies(folder, divisions, kinds, kept)
        channels = read_channels(folder, bodies, kept)
        senders = read_senders(folder, bodies, kept)
        kept.found = without_echoes(kept.found, kept.left_out)
    return Contents(divisions, bodies, senders, channels)
