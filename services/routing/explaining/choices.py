"""What a fact could be instead: one choice for all values that nothing tells apart.

Made from the cuts of the tables' columns and from what the directory looks at, so that
a search over choices misses no value. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from services.routing.directory import Directory
from services.routing.explaining.cases import Case
from services.routing.explaining.columns import Columns
from services.routing.explaining.facts import NUMBERS, Fact
from services.routing.packs.pack import Pack
from shared.bodies import Body
from shared.divisions import is_county
from shared.events.vocabulary import HandoffKind, RouteReason, Source, Tier

FEN = 100
MOST_PLACES = 200
"""With more places, only those of the same county or township are thought of."""

_FINITE: Mapping[str, tuple[Any, ...]] = {
    "asked": tuple(HandoffKind),
    "tier": (None, *Tier),
    "not_taken": (None, *HandoffKind),
    "reason": tuple(RouteReason),
    "source": tuple(Source),
}


class Choice(NamedTuple):
    """A value that stands for all `members`, or for numbers from `low` to `high`."""

    value: Any
    members: tuple[Any, ...]
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True)
class Choices:
    """The choices in one pack and directory on a day, on the way to some bodies."""

    pack: Pack
    directory: Directory
    day: date
    targets: tuple[Body, ...]

    def other(self, fact: Fact, case: Case) -> tuple[Choice, ...]:
        """What this fact could be instead of what it is."""
        now = fact.of(case)
        if fact.name in NUMBERS:
            return tuple(self._numbers(fact, now))
        if fact.name == "place":
            return tuple(self._classed(self._places(now), now, self._place_marks))
        if fact.name == "organisation":
            codes = (None, *sorted(self._organisations))
            return tuple(self._classed(codes, now, self._belonging))
        if fact.name == "kind":
            kinds = [*self.pack.kinds]
            return tuple(self._classed(kinds, now, self._kind_marks))
        if fact.name in _FINITE:
            others = (value for value in _FINITE[fact.name] if value != now)
            return tuple(Choice(value, (value,)) for value in others)
        return self._turned(fact, now)

    @property
    def complete(self) -> bool:
        """Whether these are all: no column computes, and no place was left out."""
        return not self._asked.computed and len(self._serving) <= MOST_PLACES

    def _turned(self, fact: Fact, now: bool) -> tuple[Choice, ...]:
        """The other way round, if that makes any difference."""
        if fact.inputs:
            (name,) = fact.inputs
            matters = self._asked.rows(name, now) != self._asked.rows(name, not now)
        else:
            matters = now
        return (Choice(not now, (not now,)),) if matters else ()

    def _numbers(self, fact: Fact, now: Any) -> Iterator[Choice]:
        """The stretches between cuts, each by its value nearest to what it is."""
        unit = FEN if fact.name == "amount" else 1
        least = NUMBERS[fact.name] * unit
        starts = sorted(
            {least, *(c for c in self._starts(fact.name, unit) if c > least)}
        )
        ends = [*(start - 1 for start in starts[1:]), None]
        at = None if now is None else int(now * unit)
        for start, end in zip(starts, ends, strict=True):
            if at is None or at < start or (end is not None and at > end):
                nearest = start if at is None or at < start or end is None else end
                told = [None if n is None else Decimal(n) / unit for n in (start, end)]
                low = None if start == least else told[0]
                value = Decimal(nearest) / unit if unit > 1 else nearest
                yield Choice(value, (value,), low, told[1])
        if fact.name == "amount" and now is not None:
            yield Choice(None, (None,))

    def _starts(self, name: str, unit: int) -> set[int]:
        """Where stretches begin, in whole units; with what a change entails."""
        own = self._asked.cuts(name, unit)
        match name:
            case "side":
                return own | {cut - 1 for cut in self._asked.cuts("persons", unit)}
            case "persons":
                return own | {cut + 1 for cut in self._asked.cuts("side", unit)}
            case "declines":
                return own | {1}
        return own

    def _classed(
        self, values: Iterable[str | None], now: Any, marks: Any
    ) -> Iterator[Choice]:
        """Values by what is told apart; those like the present one lead nowhere else."""
        classes: dict[Any, list[str | None]] = {}
        for value in values:
            classes.setdefault(marks(value), []).append(value)
        present = marks(now)
        for mark, members in classes.items():
            if mark != present:
                yield Choice(members[0], tuple(members))

    def _kind_marks(self, kind: str) -> Any:
        known = kind if kind in self.pack.kinds else None
        bodies = self.directory.region.bodies.values()
        fitting = frozenset(body.id for body in bodies if kind in body.fields)
        return self._asked.rows("kind", known), fitting

    def _belonging(self, organisation: str | None) -> frozenset[str]:
        """The bodies of whose chambers or grids an organisation is a member."""
        bodies = self.directory.region.bodies.values()
        return frozenset(b.id for b in bodies if b.belongs(organisation, self.day))

    @cached_property
    def _organisations(self) -> frozenset[str]:
        bodies = self.directory.region.bodies.values()
        own = {code for body in bodies for code in body.chambers | body.grids}
        return frozenset(own | {m.organisation for b in bodies for m in b.members})

    def _place_marks(self, place: str) -> Any:
        town = place[:9] if len(place) >= 9 else None
        rows = self._asked.rows("county", place[:6]), self._asked.rows("township", town)
        around = self.directory.region.divisions.around(place, self.day)
        serving = tuple(c[-1] for c in around if c[-1] in self._with_bodies)
        return rows, serving

    def _places(self, now: str) -> list[str]:
        """Places that one of the bodies serves; the rest leads to none of them."""
        for digits in (0, 6, 9):
            near = [place for place in self._serving if place.startswith(now[:digits])]
            if len(near) <= MOST_PLACES:
                return near
        return near[:MOST_PLACES]

    @cached_property
    def _serving(self) -> list[str]:
        at = {body.place for body in self.targets}
        divisions = self.directory.region.divisions
        places = [
            d.code
            for d in divisions
            if d.in_force(self.day) and (len(d.code) > 6 or is_county(d.code))
        ]
        around = divisions.around
        return [
            place
            for place in places
            if not at.isdisjoint(chain[-1] for chain in around(place, self.day))
        ]

    @cached_property
    def _asked(self) -> Columns:
        return Columns(self.pack.graph)

    @cached_property
    def _with_bodies(self) -> frozenset[str]:
        bodies = self.directory.region.bodies.values()
        return frozenset(body.place for body in bodies)
