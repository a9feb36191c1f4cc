"""Goes through the days and places of a region and keeps what is wrong there.

What was found for places that are alike holds for them on every day, so a later day
costs only what is new on it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from services.routing.packs.pack import Pack
from services.routing.proof.futures import Future, Futures
from services.routing.proof.idle import Idle, idle
from services.routing.proof.pack_world import codes
from services.routing.proof.progress import Progress, unseen
from services.routing.proof.space import TooMuchError
from services.routing.proof.spots import Alike, Spots, moments
from services.routing.proof.troubles import Key, Troubled, troubles
from shared.region import Region
from shared.resolution import OutsideHours


class Rounds:
    """`smallest` is the smallest example of each trouble on its first day, `places` are
    all that it concerns, and what is `undecided` was too much to follow. `idle` are leads
    that are to mediate and do not, with the places.
    """

    def __init__(
        self, pack: Pack, region: Region, futures: Futures, proved: Counter[str]
    ) -> None:
        self._pack, self._region = pack, region
        self._futures, self._proved = futures, proved
        self.smallest: dict[Key, Troubled] = {}
        self.places: defaultdict[Key, set[str]] = defaultdict(set)
        self.idle: defaultdict[Idle, set[str]] = defaultdict(set)
        self.undecided: list[Alike] = []
        self._known: dict[object, tuple[set[Key], set[Idle]]] = {}

    def go(self, days: Sequence[date], progress: Progress = unseen) -> None:
        seen = {place: self._futures.seen(place) for place in codes(self._region)}
        self._proved["places"], self._proved["days"] = len(seen), len(days)
        done, every = 0, len(seen) * len(days)
        for day in days:
            spots = Spots(self._region, day)
            for alike in spots.alike(seen):
                keys, leads = self._at(spots, alike)
                for key in keys:
                    self.places[key].update(alike.places)
                for lead in leads:
                    self.idle[lead].update(alike.places)
                done += len(alike.places)
                progress(done, every)

    def _at(self, spots: Spots, alike: Alike) -> tuple[set[Key], set[Idle]]:
        if alike.likeness not in self._known:
            self._known[alike.likeness] = self._found(spots, alike)
        return self._known[alike.likeness]

    def _found(self, spots: Spots, alike: Alike) -> tuple[set[Key], set[Idle]]:
        found: set[Key] = set()
        leads: set[Idle] = set()
        try:
            for future in self._explored(spots, alike):
                found.update(map(self._keep, troubles(future)))
                leads.update(idle(future))
        except TooMuchError:
            self.undecided.append(alike)
        return found, leads

    def _explored(self, spots: Spots, alike: Alike) -> Iterator[Future]:
        senders = spots.senders(alike)
        for at in self._moments(alike):
            future = self._futures.at(alike, senders, at)
            steps, cases = future.exploring.steps, len(future.folded.cases)
            self._proved["cases"] = max(self._proved["cases"], cases)
            self._proved["situations"] += len(steps)
            self._proved["answers"] += sum(map(len, steps.values()))
            yield future

    def _moments(self, alike: Alike) -> list[datetime | None]:
        """Where closed bodies are skipped, times with other bodies open each."""
        if self._pack.resolution.outside_hours is OutsideHours.WAIT:
            return [None]
        return [*moments(alike.bodies, self._futures.calendar)]

    def _keep(self, one: Troubled) -> Key:
        known = self.smallest.get(one.key)
        if known is None or one.size < known.size:
            self.smallest[one.key] = one
        return one.key
