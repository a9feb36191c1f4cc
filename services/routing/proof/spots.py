"""Places that no answer tells apart, and who may have sent a dispute there.

Two places are alike if the tables see the same of them and the bodies around them are
alike, one by one and in their order; then one of them speaks for all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import product
from typing import NamedTuple

from services.routing.proof.pack_world import codes
from shared.bodies import Body
from shared.calendar import SHANGHAI, Calendar
from shared.region import Region

_ONE_DAY = timedelta(days=1)
_SATURDAY = 5


class Alike(NamedTuple):
    """Places that fare the same on a day; `bodies` are those around the first one.

    Places that are alike on another day have the same `likeness` then.
    """

    places: tuple[str, ...]
    day: date
    bodies: tuple[Body, ...]
    likeness: object

    @property
    def place(self) -> str:
        return self.places[0]


class Spots:
    """The places of a region, by likeness."""

    def __init__(self, region: Region, day: date) -> None:
        self._region, self._day = region, day
        self._at: defaultdict[str, list[Body]] = defaultdict(list)
        for body in sorted(
            region.bodies.values(), key=lambda body: (body.kind, body.id)
        ):
            if body.in_force(day):
                self._at[body.place].append(body)

    def alike(self, seen: dict[str, object]) -> list[Alike]:
        """`seen` is what the tables see of each place."""
        found: dict[object, list[str]] = defaultdict(list)
        around = {}
        for place in codes(self._region):
            bodies = [*self._around(place)]
            around[place] = tuple(body for _, body in bodies)
            found[seen[place], self._likeness(bodies)].append(place)
        return [
            Alike(tuple(places), self._day, around[places[0]], likeness)
            for likeness, places in found.items()
        ]

    def senders(self, alike: Alike) -> list[str]:
        """The bodies that may send a dispute and matter there, for they are around, or a
        room that is around stands with them.
        """
        near = {body.id for body in alike.bodies}
        hosts = {body.host for body in alike.bodies if body.host}
        return sorted((near | hosts) & self._region.senders.keys())

    def _around(self, place: str) -> Iterator[tuple[int, Body]]:
        for level, chain in enumerate(self._region.divisions.around(place, self._day)):
            yield from ((level, body) for body in self._at[chain[-1]])

    def _likeness(self, around: Sequence[tuple[int, Body]]) -> object:
        """What can be asked of the bodies, with numbers for their names."""
        number = {body.id: n for n, (_, body) in enumerate(around)}
        return tuple(self._of(level, body, number) for level, body in around)

    def _of(self, level: int, body: Body, number: dict[str, int]) -> object:
        """A body of chambers is found for their members only, whichever those are."""
        host = number.get(body.host or "")
        return (
            *(level, body.kind, body.tier, body.fields, body.public, body.dispatcher),
            *(body.mediates, bool(body.chambers), body.hours and body.hours.written),
            self._sources(body.host) if host is None else host,
            self._sources(body.id),
        )

    def _sources(self, body: str | None) -> object:
        sender = self._region.senders.get(body or "")
        return sender and sender.sources


def turning_days(region: Region, first: date, last: date | None) -> list[date]:
    """The first day, and every later one up to the last from which on a body or a
    division is there, or is there no more. Between two of them nothing changes.
    """
    timed = (*region.bodies.values(), *region.divisions)
    begun = (one.valid_from for one in timed)
    over = (day + _ONE_DAY for one in timed if (day := one.valid_to) and day < date.max)
    turns = {day for day in (*begun, *over) if day > first}
    return [first, *sorted(day for day in turns if last is None or day <= last)]


def moments(bodies: Sequence[Body], calendar: Calendar) -> list[datetime]:
    """Times of which each finds other bodies open: every weekday, worked and at rest,
    at every turn of their hours. Only the weekday and the time of day mean something.
    """
    found: dict[tuple[bool, ...], datetime] = {}
    hours = [body.hours for body in bodies if body.hours]
    turns = {
        time(0),
        *(t for h in hours for s in h.spans for t in (s.start, s.end) if t),
    }
    for day, turn in product(kinds_of_days(calendar).values(), sorted(turns)):
        at = datetime.combine(day, turn, SHANGHAI)
        found.setdefault(tuple(h.open_at(at, calendar) for h in hours), at)
    return [*found.values()]


@cache
def kinds_of_days(calendar: Calendar) -> dict[tuple[int, bool], date]:
    """A day for every weekday, Monday 0, that is worked or not: usual ones first."""
    days = {_kind(day, calendar): day for day in _settled(calendar)}
    return dict(sorted(days.items(), key=lambda one: _is_unusual(*one[0])))


def _kind(day: date, calendar: Calendar) -> tuple[int, bool]:
    return day.weekday(), calendar.is_working_day(day)


def _is_unusual(weekday: int, worked: bool) -> tuple[bool, int]:
    return worked is not (weekday < _SATURDAY), weekday


def _settled(calendar: Calendar) -> Iterator[date]:
    """All days of the years whose notice is known."""
    for year in calendar.years:
        first = date(year.year, 1, 1)
        length = (date(year.year + 1, 1, 1) - first).days
        yield from (first + timedelta(days=number) for number in range(length))
