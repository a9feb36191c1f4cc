"""Finds the body that is meant: from kinds of body, a place and a day to one body.

Pure. It goes by the order of the kinds that a rule names and, among bodies of one
kind, by nearness: from the place of the dispute up through the divisions around it.
Every step that somebody may ask about later is told, as a code and its facts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from services.routing.decider import is_below
from shared.bodies import Body, BodyKind
from shared.events.vocabulary import Tier
from shared.region import Region

Step = tuple[str, ...]


class Told(StrEnum):
    """What a step says. The facts that follow the code are given with each."""

    FOUND = "found"  # body, kind, place
    PLACE_SUCCEEDED = "place-succeeded"  # ended code, its successor
    PASSED_OVER = "passed-over"  # body that declined or did not answer
    PRIOR_FAILED = "prior-failed"  # body that has tried before
    HOLDS_IT = "holds-it"  # body that holds it and asks for another
    SENT_IT = "sent-it"  # body that referred it away
    DESIGNATES = "designates"  # body that designates and is not proposed
    NOT_IN_FORCE = "not-in-force"  # body, day
    NO_BODY = "no-body"  # place, kinds
    TO_SENDER = "to-sender"  # body
    NO_SENDER = "no-sender"  # body that is in the directory no more
    DESIGNATOR = "designator"  # body
    NO_DESIGNATOR = "no-designator"  # place
    PROPOSES_NONE = "proposes-none"


class Sought(NamedTuple):
    """What is looked for. `skip` maps bodies that it must not be to the step
    that says so; with `public` it must be a public body.
    """

    kinds: tuple[BodyKind, ...]
    kind: str
    place: str
    day: date
    from_tier: Tier | None = None
    skip: Mapping[str, Told] = {}
    public: bool = False


class Found(NamedTuple):
    body: Body | None
    steps: tuple[Step, ...]


class Directory:
    """The bodies of a region, by kind and place."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self._of_kind: defaultdict[BodyKind, list[Body]] = defaultdict(list)
        for body in sorted(region.bodies.values(), key=lambda body: body.id):
            self._of_kind[body.kind].append(body)

    @property
    def version(self) -> str:
        return self.region.digest

    def body(self, body: str, day: date) -> Body | None:
        """The body with this id, if it is in force on that day."""
        found = self.region.bodies.get(body)
        return found if found and found.in_force(day) else None

    def find(self, sought: Sought) -> Found:
        """The best body there is, and the steps that led to it."""
        succession = self.region.divisions.today(sought.place, sought.day)
        steps: list[Step] = [
            (Told.PLACE_SUCCEEDED, old, new) for old, new in pairwise(succession)
        ]
        for body in self._candidates(sought, succession[-1]):
            if reason := sought.skip.get(body.id):
                steps.append((reason, body.id))
            elif not body.in_force(sought.day):
                steps.append((Told.NOT_IN_FORCE, body.id, str(sought.day)))
            else:
                steps.append((Told.FOUND, body.id, body.kind, body.place))
                return Found(body, tuple(steps))
        return Found(None, (*steps, (Told.NO_BODY, succession[-1], *sought.kinds)))

    def co_handlers(self, sought: Sought, but: Collection[str]) -> tuple[str, ...]:
        """For every kind the nearest body of it, where there is one."""
        place = self.region.divisions.today(sought.place, sought.day)[-1]
        nearest: dict[BodyKind, str] = {}
        for body in self._candidates(sought, place):
            if body.in_force(sought.day) and body.id not in but:
                nearest.setdefault(body.kind, body.id)
        return tuple(nearest.values())

    def _candidates(self, sought: Sought, place: str) -> Iterator[Body]:
        """Bodies that serve the place and the kind of dispute, best first."""
        around = (place, *(d.code for d in self.region.divisions.ancestors(place)))
        nearness = {code: rank for rank, code in enumerate(around)}
        for kind in sought.kinds:
            serving = (b for b in self._of_kind[kind] if b.place in nearness)
            for body in sorted(serving, key=lambda body: nearness[body.place]):
                if (
                    body.is_for(sought.kind)
                    and not is_below(body.tier, sought.from_tier)
                    and (body.public or not sought.public)
                ):
                    yield body
