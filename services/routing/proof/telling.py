"""What is wrong at the places of a region, told once for each row and smallest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime

from services.routing.decider import is_below
from services.routing.dmn.values import Scalar
from services.routing.explaining.values import Text
from services.routing.explaining.words import Words, listed, plain, word
from services.routing.packs.pack import Pack
from services.routing.proof.axes import Axis
from services.routing.proof.certificate import Failure
from services.routing.proof.futures import Futures
from services.routing.proof.pack_world import USUAL, codes
from services.routing.proof.smallest import Smallest
from services.routing.proof.space import TooMuchError
from services.routing.proof.spots import Alike, Spots, moments
from services.routing.proof.troubles import Trouble, Troubled, troubles
from services.routing.proof.web import Web
from services.routing.proof.wording import Wording, kinds_of_bodies, say
from shared.body_kinds import BodyKind
from shared.events.vocabulary import Tier
from shared.region import Region
from shared.resolution import OutsideHours

Key = tuple[Trouble, tuple[str, ...]]
_DAYTIME = range(8, 18)


class Telling:
    """Goes through the places and tells their troubles."""

    def __init__(self, pack: Pack, region: Region, wording: Wording, day: date) -> None:
        self._pack, self._region = pack, region
        self._wording, self._day = wording, day
        self._words = Words(region, pack)

    def failures(
        self, web: Web, smallest: Smallest, proved: Counter[str]
    ) -> Iterator[Failure]:
        futures = Futures(self._pack, self._region, web, smallest)
        spots = Spots(self._region, self._day)
        seen = {place: futures.seen(place) for place in codes(self._region)}
        best: dict[Key, Troubled] = {}
        places: Counter[Key] = Counter()
        for alike in spots.alike(seen):
            proved["places"] += len(alike.places)
            try:
                for one in self._at(futures, spots, alike, proved):
                    places[_keep(best, one)] += len(alike.places)
            except TooMuchError:
                place = self._words.place(alike.place)
                yield self._wording.failure("undecided-place", place=place)
        for key, found in best.items():
            yield self._told(web, found, places[key])

    def _at(
        self, futures: Futures, spots: Spots, alike: Alike, proved: Counter[str]
    ) -> Iterator[Troubled]:
        senders = spots.senders(alike)
        for at in self._moments(alike):
            future = futures.at(alike, senders, at)
            exploring = future.exploring
            proved["cases"] = max(proved["cases"], len(future.folded.cases))
            proved["situations"] += len(exploring.steps)
            proved["answers"] += sum(map(len, exploring.steps.values()))
            found: dict[Key, Troubled] = {}
            for one in troubles(future):
                _keep(found, one)
            yield from found.values()

    def _moments(self, alike: Alike) -> list[datetime | None]:
        """Where closed bodies are skipped, times with other bodies open each."""
        if self._pack.resolution.outside_hours is OutsideHours.WAIT:
            return [None]
        return [*moments(alike.bodies, alike.day)]

    def _told(self, web: Web, found: Troubled, places: int) -> Failure:
        step = found.steps[-1]
        reasons = (word("reason", one.here.reason) for one in found.steps)
        lowest = step.found.answer.way.from_tier(step.here.reached)
        return self._wording.failure(
            found.trouble,
            table="lead" if found.trouble is Trouble.NO_BODY else "way",
            rows=found.rows,
            example=self._facts(web, found),
            places=places,
            when=self._when(found),
            way=listed(reasons, "semicolon"),
            kinds=kinds_of_bodies(_wanted(found)),
            tier=word("tier", lowest) if lowest else say("no-tier"),
            there=kinds_of_bodies(dict.fromkeys(self._there(found, lowest))),
            sender=self._words.body(found.sender) if found.sender else say("sender"),
        )

    def _facts(self, web: Web, found: Troubled) -> dict[str, Scalar | None]:
        """The place, and what is not as usual."""
        facts: dict[str, Scalar | None] = {"place": found.future.alike.place}
        for number, one in found.example.facts:
            axis = web.axes[number]
            if isinstance(axis, Axis):
                usual = axis.class_of(USUAL.get(axis.name))
                if not usual >> one & 1:
                    facts[axis.name] = axis.value(one)
        return facts

    def _when(self, found: Troubled) -> Text:
        """The time of the day, if the trouble is one of hours."""
        at = found.future.at
        if at is None:
            return plain("")
        return say(
            "at.night" if at.hour not in _DAYTIME else "at.day", at=f"{at:%H:%M}"
        )

    def _there(self, found: Troubled, lowest: Tier | None) -> Iterator[BodyKind]:
        """Kinds of body that are there and could be named instead."""
        designates = found.trouble is Trouble.NO_DESIGNATOR
        for body in found.future.alike.bodies:
            fits = body.public if designates else body.mediates or body.dispatcher
            if fits and not is_below(body.tier, lowest):
                yield body.kind


def _wanted(found: Troubled) -> tuple[BodyKind, ...]:
    answer = found.steps[-1].found.answer
    if found.trouble is Trouble.NO_DESIGNATOR:
        return answer.way.designators or answer.designators
    return answer.bodies


def _keep(smallest: dict[Key, Troubled], one: Troubled) -> Key:
    """Keeps the smallest example of each trouble and row."""
    key = one.trouble, one.rows[:2]
    if key not in smallest or one.size < smallest[key].size:
        smallest[key] = one
    return key
