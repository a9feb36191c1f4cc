"""Finds the body that is meant: from kinds of body, a place and a day to one body.

Pure. It goes by what the rule pack prefers, then by the order of the kinds that a rule
names and, among bodies of one kind, by nearness: from the place of the dispute up
through the divisions around it, by the codes in force on the day. Every step that
somebody may ask about later is told, as a code and its facts. How full a body is
cannot be seen from here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from functools import cached_property, lru_cache
from itertools import pairwise

from services.routing.decider import is_below
from services.routing.directory_archive import archived, restored
from services.routing.ranking import Ranking
from services.routing.sought import Found, Sought, Step, Told
from shared.bodies import Body, BodyKind, OutsideHours, Resolution
from shared.calendar import Calendar, load_calendar
from shared.hours import Hours
from shared.region import Region
from shared.region_head import Head

__all__ = ["Directory", "Found", "Sought", "Step", "Told", "archived"]

AS_THE_RULE_SAYS = Resolution()
MOST_PLACES = 10_000
"""So many places of a day are remembered with what lies around them."""


class Directory:
    """The bodies of a region, by kind and place, looked for as a pack wants it.

    The calendar tells which days are worked, for bodies that are open on those; by
    default it is the one that the region names.
    """

    def __init__(
        self,
        region: Region,
        resolution: Resolution = AS_THE_RULE_SAYS,
        calendar: Calendar | None = None,
    ) -> None:
        self.region, self.resolution = region, resolution
        self._around = lru_cache(MOST_PLACES)(region.divisions.around)
        self._given_calendar = calendar
        self._at: defaultdict[tuple[BodyKind, str], list[Body]] = defaultdict(list)
        self._public_at: defaultdict[str, list[Body]] = defaultdict(list)
        for body in sorted(region.bodies.values(), key=lambda body: body.id):
            self._at[body.kind, body.place].append(body)
            if body.public:
                self._public_at[body.place].append(body)

    @classmethod
    def of(
        cls, region: Region, head: Head, calendar: Calendar | None = None
    ) -> Directory:
        """As the rules with this head want it; theirs is the calendar, if none is given.

        Raises `CalendarRefusedError` if that cannot be read.
        """
        return cls(region, head.resolution, calendar or load_calendar(head.calendar))

    @classmethod
    def restored(
        cls,
        content: bytes,
        resolution: Resolution = AS_THE_RULE_SAYS,
        calendar: Calendar | None = None,
    ) -> Directory:
        """A version that was kept with `archived`. Raises `RefusedError`."""
        return cls(restored(content), resolution, calendar)

    @property
    def version(self) -> str:
        return self.region.digest

    @cached_property
    def calendar(self) -> Calendar:
        return self._given_calendar or load_calendar(self.region.head.calendar)

    def body(self, body: str, day: date) -> Body | None:
        """The body with this id, if it is in force on that day."""
        found = self.region.bodies.get(body)
        return found if found and found.in_force(day) else None

    def find(self, sought: Sought) -> Found:
        """The best body there is, and the steps that led to it."""
        around = self._around(sought.place, sought.day)
        steps = [*_successions(around[:1])]
        asleep: list[str] = []
        ranking = self._ranking(sought, around)
        for body in self._ranked(ranking):
            if reason := self._passed_over(body, sought):
                steps.append(reason)
                asleep += [body.id] if reason[0] == Told.NOT_AWAKE else []
                continue
            steps += [*_successions(around[1 : ranking.nearness[body.place] + 1])]
            steps += [*ranking.told(body), *_deputy(body, sought.day)]
            steps.append((Told.FOUND, body.id, body.kind, body.place))
            return Found(body, tuple(steps), tuple(asleep))
        steps.append((Told.NO_BODY, around[0][-1], *sought.kinds))
        return Found(None, tuple(steps), tuple(asleep))

    def candidates(self, sought: Sought) -> tuple[Body, ...]:
        """All bodies that fit, best first, whether or not anybody is there today."""
        around = self._around(sought.place, sought.day)
        ranked = self._ranked(self._ranking(sought, around))
        return tuple(body for body in ranked if body.in_force(sought.day))

    def co_handlers(self, sought: Sought, but: Collection[str]) -> tuple[str, ...]:
        """For every kind the nearest body of it, where there is one."""
        around = self._around(sought.place, sought.day)
        nearest: dict[BodyKind, str] = {}
        for body in self._ranked(self._ranking(sought, around)):
            if body.id not in but and not self._passed_over(body, sought):
                nearest.setdefault(body.kind, body.id)
        in_turn = dict.fromkeys(sought.kinds)
        return tuple(nearest[kind] for kind in in_turn if kind in nearest)

    def alarm_for(self, body: str, day: date) -> str | None:
        """Who is told that nobody is awake at a body: the public body that set it up,
        or else the nearest public body around it, going up.
        """
        silent = self.region.bodies[body]
        above = [*self._parents(silent), *self._public_around(silent, day)]
        fitting = (b.id for b in above if b.public and b.in_force(day) and b.awake(day))
        return next((found for found in fitting if found != body), None)

    def _passed_over(self, body: Body, sought: Sought) -> Step | None:
        """Why this body is not the one, if so."""
        if reason := sought.skip.get(body.id):
            return (reason, body.id)
        if not body.in_force(sought.day):
            return (Told.NOT_IN_FORCE, body.id, str(sought.day))
        if sought.awake and not body.awake(sought.day):
            return (Told.NOT_AWAKE, body.id, str(sought.day))
        if sought.awake and (closed := self._closed(body, sought)):
            return (Told.OUTSIDE_HOURS, body.id, closed.written)
        return None

    def _closed(self, body: Body, sought: Sought) -> Hours | None:
        """Its hours, if the moment is outside of them and that counts."""
        hours, skips = body.hours, self.resolution.outside_hours is OutsideHours.SKIP
        if not (skips and hours and sought.at):
            return None
        return None if hours.open_at(sought.at, self.calendar) else hours

    def _ranking(self, sought: Sought, around: tuple[tuple[str, ...], ...]) -> Ranking:
        places = dict.fromkeys(chain[-1] for chain in around)
        nearness = {place: rank for rank, place in enumerate(places)}
        return Ranking(sought, self.resolution, nearness)

    def _ranked(self, ranking: Ranking) -> Iterable[Body]:
        """Bodies that serve the place and the kind of dispute, best first."""
        fitting = self._fitting(ranking)
        return (
            sorted(fitting, key=ranking.rank) if ranking.resolution.prefer else fitting
        )

    def _fitting(self, ranking: Ranking) -> Iterator[Body]:
        """Those that fit, in the order of kinds and, in a kind, of nearness."""
        sought = ranking.sought
        for kind in dict.fromkeys(sought.kinds):
            for place in ranking.nearness:
                for body in self._at.get((kind, place), ()):
                    if (
                        body.is_for(sought.kind)
                        and not is_below(body.tier, sought.from_tier)
                        and (body.public or not sought.public)
                        and ranking.takes_from(body)
                    ):
                        yield body

    def _parents(self, body: Body) -> Iterator[Body]:
        while body.parent and (above := self.region.bodies.get(body.parent)):
            yield above
            body = above

    def _public_around(self, body: Body, day: date) -> Iterator[Body]:
        for chain in self._around(body.place, day):
            yield from self._public_at.get(chain[-1], ())


def _successions(around: tuple[tuple[str, ...], ...]) -> Iterator[Step]:
    for chain in around:
        for old, new in pairwise(chain):
            yield (Told.PLACE_SUCCEEDED, old, new)


def _deputy(body: Body, day: date) -> Iterator[Step]:
    post = body.answering(day)
    if post and post.deputy_of:
        yield (Told.DEPUTY, body.id, post.acceptor, post.deputy_of)
