"""A directory as it would be with a table put in, checked before anything changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from services.routing.importing.checking import Checked, check
from services.routing.importing.clerks_words import in_clerks_words
from services.routing.importing.grids import Grid, tables
from services.routing.importing.left_out import LeftOut
from services.routing.importing.merging import Merged, merged
from services.routing.importing.versions import candidate
from shared.region_faults import Faults, RegionRefusedError
from shared.region_lineage import read_head


class Proposal(NamedTuple):
    """The files as they would be; sound only without `faults`.

    Faults name the row of the table that was sent, where it is at fault. `added` and
    `changed` count rows by file; `left_out` are rows that stay and are not in the table.
    """

    files: Mapping[str, str]
    added: Mapping[str, int]
    changed: Mapping[str, int]
    faults: tuple[RegionRefusedError, ...]
    checked: Checked
    left_out: tuple[LeftOut, ...]


def propose(
    folder: Path, grids: Sequence[Grid], day: date, at: str | None = None
) -> Proposal:
    """These tables put into the directory of a folder, which stays as it is."""
    faults = Faults()
    kinds = {kind.zh: kind.code for kind in read_head(folder).kinds}
    sent = tables(grids, kinds, faults)
    found = merged(folder, sent, at, faults)
    checked = _tried(folder, found, day)
    told = {(fault.file, fault.row, fault.column) for fault in faults.found}
    later = map(found.as_sent, checked.faults)
    faults.found.extend(f for f in later if (f.file, f.row, f.column) not in told)
    in_clerks_words(faults.found, grids, sent)
    return Proposal(
        found.files,
        found.added,
        found.changed,
        tuple(faults.found),
        checked,
        tuple(found.left_out),
    )


def _tried(folder: Path, found: Merged, day: date) -> Checked:
    with TemporaryDirectory() as beside:
        return check(candidate(folder, found.files, Path(beside)), day)
