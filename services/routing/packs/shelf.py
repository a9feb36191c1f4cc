"""The packs of a region, each with the days on which it is in force. Pure.

A dispute keeps the pack of its first decision, but on days on which a pack that takes
open disputes over is in force: on those that one decides. When it has ended, by its last
day or by another pack that takes nothing over, its disputes go by their own pack again.

An emergency (紧急变更) stands over the others until its last day; then the former pack is
back, also for what was first decided in the emergency. One that takes nothing over
leaves disputes of before as they would be without it.
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
        Whether a pack is in force once or again later makes no difference.
        """
        if first is None:
            return self.in_force(day)
        here = self._on(day)
        if here and here[0].pack.version == first:
            return here[0].pack
        if taker := next((one for one in here if one.pack.takes_over), None):
            return taker.pack
        return self._kept(first, day) or self.in_force(day)

    def _kept(self, first: str, day: date) -> Pack | None:
        """None for a pack that up to that day was only in emergencies that are over."""
        begun = [o for o in self.placed if o.pack.version == first and o.since <= day]
        if begun and all(one.emergency and not one.on(day) for one in begun):
            return None
        return self.by_version(first)

    def _placed(self, day: date) -> Placed:
        if not (found := self._on(day)):
            known = ", ".join(f"{one.pack.version} {one.since}" for one in self.placed)
            raise refused(Wrong.NONE_IN_FORCE, Place(), day=str(day), known=known)
        return found[0]

    def _on(self, day: date) -> list[Placed]:
        """What is in force on a day first, and below an emergency the regular pack."""
        over = [one for one in self.placed if one.emergency and one.on(day)]
        here = [one for one in self._regular if one.on(day)]
        return [*over[-1:], *here[-1:]]

    @cached_property
    def _regular(self) -> list[Placed]:
        return [one for one in self.placed if not one.emergency]


def _check(placed: list[Placed]) -> None:
    """No two packs that are not emergencies claim the same day."""
    for one, follower in pairwise(placed):
        claimed = one.since == follower.since or one.until is not None
        if claimed and one.on(follower.since):
            place = Place(follower.pack.version, column="valid_from")
            facts = {"day": str(follower.since), "other": one.pack.version}
            raise refused(Wrong.TWO_IN_FORCE, place, **facts)
