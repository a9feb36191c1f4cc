"""The packs of a region, each with the days on which it is in force. Pure.

A dispute keeps the pack that was in force when it was registered, unless a later one
takes open disputes over. An emergency stands over the others until its last day; then
the former pack is back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from services.routing.dmn import Place
from services.routing.packs.faults import Wrong, refused
from services.routing.packs.pack import Pack
from services.routing.packs.places import check_places
from shared.bodies import Words
from shared.region import Region

Find = Callable[[str], Pack | None]


class Placed(NamedTuple):
    """A pack with its days. `until` is the last one; without it, the next pack's first
    day ends it.
    """

    pack: Pack
    since: date
    until: date | None = None
    emergency: bool = False

    @classmethod
    def of(cls, pack: Pack) -> Placed:
        """On the days that it says itself."""
        return cls(pack, pack.valid_from, pack.valid_to)

    def on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


class Shelf:
    """Which pack decides. `find` knows packs by version that are in force no more."""

    def __init__(self, placed: Iterable[Placed], find: Find | None = None) -> None:
        self.placed = tuple(sorted(placed, key=lambda one: one.since))
        self._find = find
        _check(self._regular)

    @classmethod
    def shipped(cls, region: Region) -> Shelf:
        """The one pack in the folder of a region, checked against its places.

        Raises `RegionRefusedError` or `DmnRefusedError`.
        """
        pack = Pack.load(region.folder)
        check_places(pack, region)
        return cls([Placed.of(pack)])

    @property
    def packs(self) -> tuple[Pack, ...]:
        return tuple(one.pack for one in self.placed)

    @cached_property
    def words(self) -> dict[tuple[str, str], Words]:
        """What rows say to people; the newest pack that has a row words it."""
        found: dict[tuple[str, str], Words] = {}
        for pack in self.packs:
            found |= pack.words
        return found

    def in_force(self, day: date) -> Pack:
        """Raises `DmnRefusedError` for a day on which there is none."""
        return self._placed(day).pack

    def by_version(self, version: str) -> Pack | None:
        here = (one.pack for one in self.placed if one.pack.version == version)
        found = next(here, None)
        return found or (self._find(version) if self._find else None)

    def of_dispute(self, first: str | None, day: date) -> Pack:
        """The pack that decides on a day; `first` is the version of the first decision.

        A version that is nowhere any more cannot be kept: what is in force decides.
        """
        if first is None:
            return self.in_force(day)
        kept = next((one for one in self.placed if one.pack.version == first), None)
        taken = [one for one in self._taking_over(day) if _later(one, kept)]
        if taken:
            return taken[-1].pack
        if kept is None:
            return self.by_version(first) or self.in_force(day)
        if kept.emergency and not kept.on(day):
            return self._placed(day).pack
        return kept.pack

    def _taking_over(self, day: date) -> list[Placed]:
        """Packs that took open disputes over up to that day, emergencies while they last."""
        return [
            one
            for one in self.placed
            if one.pack.takes_over
            and one.since <= day
            and (one.on(day) or not one.emergency)
        ]

    def _placed(self, day: date) -> Placed:
        over = [one for one in self.placed if one.emergency and one.on(day)]
        here = [one for one in self._regular if one.on(day)]
        if not (found := over or here):
            known = ", ".join(f"{one.pack.version} {one.since}" for one in self.placed)
            raise refused(Wrong.NONE_IN_FORCE, Place(), day=str(day), known=known)
        return found[-1]

    @cached_property
    def _regular(self) -> list[Placed]:
        return [one for one in self.placed if not one.emergency]


def _later(one: Placed, kept: Placed | None) -> bool:
    return kept is None or one.since > kept.since


def _check(placed: list[Placed]) -> None:
    """No two packs that are not emergencies claim the same day."""
    for one, follower in pairwise(placed):
        claimed = one.since == follower.since or one.until is not None
        if claimed and one.on(follower.since):
            place = Place(follower.pack.version, column="valid_from")
            facts = {"day": str(follower.since), "other": one.pack.version}
            raise refused(Wrong.TWO_IN_FORCE, place, **facts)
