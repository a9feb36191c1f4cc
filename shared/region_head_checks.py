"""What the head of a region must keep to, beyond the form of its keys. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from shared.events.vocabulary import Source
from shared.region_faults import Faults, RegionRefusedError
from shared.region_head import Head


def check_head(head: Head, where: str) -> None:
    """Raises `RegionRefusedError` with everything that is wrong."""
    faults = Faults()
    faults.found.extend(_faults(head, where))
    faults.stop()


def _faults(head: Head, where: str) -> Iterator[RegionRefusedError]:
    if head.valid_to and head.valid_to < head.valid_from:
        reason, remedy = "it ends before it begins", "correct valid_from or valid_to"
        yield refused(where, "valid_to", reason, remedy, "ends-before")
    if "other" not in {kind.code for kind in head.kinds}:
        reason, remedy = "kind other is missing", "add it with row18 99"
        yield refused(where, "kinds", reason, remedy, "no-other")
    known = {profile.source for profile in head.profiles}
    for source in Source:
        if source not in known:
            reason, remedy = f"source {source} has no profile", "add one with its clock"
            yield refused(where, "profiles", reason, remedy, "no-profile", source)
    for profile in head.profiles:
        if profile.handoff not in profile.may_ask:
            row = f"profiles, {profile.source}"
            reason = f"{profile.handoff} is meant by default, but may not be asked for"
            remedy = "add it to may_ask"
            name = profile.handoff
            yield refused(where, row, reason, remedy, "not-in-may-ask", name)


def refused(
    file: str, row: str, reason: str, remedy: str, why: str, name: object = ""
) -> RegionRefusedError:
    """A key of a head that cannot stay; `name` is what is told of it."""
    return RegionRefusedError(file, row, reason, remedy, why=why, name=str(name))
