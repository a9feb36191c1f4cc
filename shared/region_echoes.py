"""Faults that only repeat another: rows that name a row which could not be read.

One row with a slip would else make every row that names it seem wrong. What is left
out here is told again once the slip is mended, if it is really wrong. Pure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from shared.region_faults import EVERYTHING, RegionRefusedError, Row

HEAD = "region.toml"
DIVISIONS, BODIES, CHANNELS = "divisions.csv", "bodies.csv", "channels.csv"
MEMBERS = "members.csv"
_NAMED_BY = {
    "no-place": (DIVISIONS, "name"),
    "parent-missing": (DIVISIONS, "parent"),
    "successor-missing": (DIVISIONS, "successor"),
    "no-body": (BODIES, "name"),
    "no-way": (CHANNELS, "name"),
    "no-chamber": (MEMBERS, "name"),
    "no-kind": (HEAD, "name"),
}
"""Faults that say a row is missing: of which file, and which fact names it."""


def without_echoes(
    found: Sequence[RegionRefusedError], left_out: Sequence[Row]
) -> list[RegionRefusedError]:
    """The faults that stand on their own; `left_out` are the rows that were not read.

    A row that has lost its own name may be any row that others miss, so as many
    missing rows as there are such rows are taken to be these.
    """
    lost = Counter(file for file, key in left_out if not key)
    missing: defaultdict[str, set[str]] = defaultdict(set)
    for file, key in filter(None, map(_named, found)):
        if (file, key) not in left_out:
            missing[file].add(key)
    unread = {*left_out}
    unread |= {
        (file, key)
        for file, keys in missing.items()
        for key in keys
        if (file, EVERYTHING) in unread or len(keys) <= lost[file]
    }
    return [fault for fault in found if not _is_echo(fault, unread)]


def _is_echo(fault: RegionRefusedError, unread: set[Row]) -> bool:
    if fault.why == "no-county":
        return any(file == DIVISIONS for file, _ in unread)
    return _named(fault) in unread


def _named(fault: RegionRefusedError) -> Row | None:
    """The row that a fault says is missing."""
    if fault.why not in _NAMED_BY:
        return None
    file, fact = _NAMED_BY[fault.why]
    return file, str(fault.facts.get(fact, ""))
