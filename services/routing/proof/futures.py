"""Everything that may become of a dispute at a place: the cases, answers and chains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import NamedTuple

from services.routing.directory import Directory
from services.routing.packs.pack import Pack
from services.routing.proof.answers import Answers
from services.routing.proof.apart import (
    Case,
    Kept,
    asked_by_source,
    kinds_apart,
    sources_apart,
)
from services.routing.proof.axes import Axis
from services.routing.proof.bitsets import bits
from services.routing.proof.bodies import Bodies, Spot
from services.routing.proof.cases import Narrowing
from services.routing.proof.exploring import Exploring, Served
from services.routing.proof.firing import Firing
from services.routing.proof.folding import Folded, folded
from services.routing.proof.pack_world import SITUATION, seen_of
from services.routing.proof.smallest import Smallest
from services.routing.proof.spots import Alike
from services.routing.proof.web import Web
from services.routing.proof.world import Joint
from shared.calendar import Calendar
from shared.events.vocabulary import Source
from shared.region import Region


class Block(NamedTuple):
    """The cases once more for each body that may have sent them; None is one far away."""

    sender: str | None
    cases: int


class Future(NamedTuple):
    """What was explored at some places, at a moment if hours count."""

    alike: Alike
    at: datetime | None
    folded: Folded
    blocks: Sequence[Block]
    exploring: Exploring

    def case(self, block: int, fold: int) -> Case:
        """The most usual case of a fold that the sender of a block can have sent."""
        return self.folded.case(fold, self.blocks[block].cases)


class Futures:
    """Explores the places of a region one after the other."""

    def __init__(
        self, pack: Pack, region: Region, web: Web, smallest: Smallest
    ) -> None:
        self._pack, self._region, self._web = pack, region, web
        self._directory = Directory.of(region, pack.head)
        self._axes = [*_facts(web)]
        tables = [web.laid[pack.tables[name].id] for name in pack.tables]
        apart = {**kinds_apart(web, pack, region), **sources_apart(web, pack)}
        usual, given = smallest.usual_classes, asked_by_source(web, pack)
        self._narrowing = Narrowing(web, tables, usual, apart, given)
        self._folded: dict[object, Folded] = {}

    @property
    def calendar(self) -> Calendar:
        """The days that are worked under these rules."""
        return self._directory.calendar

    def seen(self, place: str) -> object:
        """What the tables make of a place: the rows that match there."""
        found = self._place(place)
        return tuple(self._web.space.variables[n].seen(c)[0] for n, c in found.items())

    def at(self, alike: Alike, senders: Sequence[str], at: datetime | None) -> Future:
        """Everything that may become of a dispute there. Raises `TooMuchError`."""
        folded = self._folded_at(alike.place)
        blocks = [*self._blocks(folded.cases, senders)]
        spot = Spot(alike.place, alike.day, None, Source.POLICE, at)
        served = [*self._served(folded, blocks, spot)]
        exploring = Exploring(self._web, folded.answers, served, len(blocks))
        exploring.explore()
        return Future(alike, at, folded, blocks, exploring)

    def _place(self, place: str) -> Mapping[int, int]:
        """The axes on which a place is seen, with its class on each."""
        found: dict[int, int] = {}
        way = seen_of(place)
        for name, value in zip(("county", "township"), way, strict=True):
            if (seen := self._web.axes.of_input(name)) is not None:
                axis = seen.axis
                if isinstance(axis, Joint):
                    found[seen.number] = 1 << axis.ways.index(way)
                elif isinstance(axis, Axis):
                    found[seen.number] = axis.class_of(value)
        return found

    def _folded_at(self, place: str) -> Folded:
        key = self.seen(place)
        if key not in self._folded:
            cases = self._narrowing.cases(self._axes, self._place(place))
            answers = Answers(self._pack, self._web, cases)
            self._folded[key] = folded(answers, self._web)
        return self._folded[key]

    def _blocks(self, cases: Sequence[Case], senders: Sequence[str]) -> Iterator[Block]:
        """The cases that a body can have sent, by the sources that it may name."""
        yield Block(None, (1 << len(cases)) - 1)
        for sender in senders:
            sources = self._region.senders[sender].sources
            if its := self._having(cases, "source", map(str, sources)):
                yield Block(sender, its)

    def _having(self, cases: Sequence[Case], name: str, values: Iterable[str]) -> int:
        """The cases that an input with one of some values may have led to."""
        place = self._web.axes.of_input(name)
        if place is None:
            return (1 << len(cases)) - 1
        assert isinstance(place.axis, Axis)
        wanted = reduce(or_, map(place.axis.class_of, values), 0)
        likeness = self._narrowing.likeness
        alike = {likeness(place.number, one) for one in bits(wanted)}
        every = range(place.axis.size)
        fitting = {one for one in every if likeness(place.number, one) in alike}
        where = [number for number, _ in cases[0].facts].index(place.number)
        chosen = (case.facts[where][1] for case in cases)
        return sum(1 << n for n, one in enumerate(chosen) if one in fitting)

    def _served(
        self, folded: Folded, blocks: Sequence[Block], spot: Spot
    ) -> Iterator[Served]:
        """The folds by what the directory looks at: kind, and whether the source is one
        whose sender may act itself.
        """
        cases, width = folded.answers.cases, len(folded.members)
        wide = [folded.meeting(b.cases) << n * width for n, b in enumerate(blocks)]
        senders = {b.sender: w for b, w in zip(blocks, wide, strict=True) if b.sender}
        groups: dict[Kept, int] = defaultdict(int)
        for number, case in enumerate(cases):
            groups[case.kept] |= 1 << number
        for narrow in groups.values():
            first = cases[(narrow & -narrow).bit_length() - 1]
            source = Source(self._value(first, "source") or Source.POLICE)
            here = spot._replace(kind=self._value(first, "kind"), source=source)
            some = reduce(or_, (w & narrow << n * width for n, w in enumerate(wide)))
            yield Served(narrow, some, Bodies(self._directory, here, senders))

    def _value(self, case: Case, name: str) -> str | None:
        place = self._web.axes.of_input(name)
        if place is None:
            return None
        assert isinstance(place.axis, Axis)
        value = place.axis.value(dict(case.facts)[place.number])
        return None if value is None else str(value)


def _facts(web: Web) -> Iterator[int]:
    """The axes of facts: what decides most comes first, to keep the cases few."""
    found = [
        n
        for n, axis in enumerate(web.axes.all)
        if not isinstance(axis, Firing) and axis.name not in SITUATION
    ]
    early = ("county township", "county", "township", "kind", "source")
    names = {n: web.axes[n].name for n in found}
    yield from sorted(found, key=lambda n: (names[n] not in early, web.axes[n].size))
