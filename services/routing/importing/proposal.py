"""A directory as it would be with a table put in, checked before anything changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from services.routing.importing.checking import Checked, check
from services.routing.importing.grids import Grid, tables
from services.routing.importing.merging import Merged, merged
from services.routing.importing.versions import candidate
from shared.region_faults import Faults, RegionRefusedError
from shared.region_lineage import read_head


class Proposal(NamedTuple):
    """The files as they would be; sound only without `faults`.

    Faults name the row of the table that was sent, where it is at fault. `added` and
    `changed` count rows by file.
    """

    files: Mapping[str, str]
    added: Mapping[str, int]
    changed: Mapping[str, int]
    faults: tuple[RegionRefusedError, ...]
    checked: Checked


def propose(
    folder: Path, grids: Sequence[Grid], day: date, at: str | None = None
) -> Proposal:
    """These tables put into the directory of a folder, which stays as it is."""
    faults = Faults()
    kinds = {kind.zh: kind.code for kind in read_head(folder).kinds}
    found = merged(folder, tables(grids, kinds, faults), at, faults)
    checked = _tried(folder, found, day)
    faults.found.extend(found.as_sent(fault) for fault in checked.faults)
    told = tuple(faults.found)
    return Proposal(found.files, found.added, found.changed, told, checked)


def _tried(folder: Path, found: Merged, day: date) -> Checked:
    with TemporaryDirectory() as beside:
        return check(candidate(folder, found.files, Path(beside)), day)
