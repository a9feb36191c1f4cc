"""What is wrong at the places of a region, told once for each row and smallest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from services.routing.decider import is_below
from services.routing.dmn.values import Scalar
from services.routing.explaining.values import Text
from services.routing.explaining.words import Words, listed, plain, word
from services.routing.packs.pack import Pack
from services.routing.proof.axes import Axis
from services.routing.proof.certificate import Failure
from services.routing.proof.futures import Futures
from services.routing.proof.pack_world import USUAL
from services.routing.proof.rounds import Rounds
from services.routing.proof.smallest import Smallest
from services.routing.proof.troubles import Trouble, Troubled
from services.routing.proof.web import Web
from services.routing.proof.wording import Wording, kinds_of_bodies, say
from shared.body_kinds import BodyKind
from shared.calendar import load_calendar
from shared.events.vocabulary import Tier
from shared.region import Region

_DAYTIME = range(8, 18)


class Telling:
    """Tells the troubles of some days, in the order of the days."""

    def __init__(
        self, pack: Pack, region: Region, wording: Wording, days: Sequence[date]
    ) -> None:
        self._pack, self._region = pack, region
        self._wording, self._days = wording, days
        self._words = Words(region, pack)

    def failures(
        self, web: Web, smallest: Smallest, proved: Counter[str]
    ) -> Iterator[Failure]:
        futures = Futures(self._pack, self._region, web, smallest)
        rounds = Rounds(self._pack, self._region, futures, proved)
        rounds.go(self._days)
        for alike in rounds.undecided:
            place = self._words.place(alike.place)
            yield self._wording.failure(
                "undecided-place", place=place, when=self._on(alike.day)
            )
        for key, found in rounds.smallest.items():
            yield self._told(web, found, len(rounds.places[key]))

    def _told(self, web: Web, found: Troubled, places: int) -> Failure:
        step = found.steps[-1]
        reasons = (word("reason", one.here.reason) for one in found.steps)
        lowest = step.found.answer.way.from_tier(step.here.reached)
        return self._wording.failure(
            found.trouble,
            table="lead" if found.trouble is Trouble.NO_BODY else "way",
            rows=found.rows,
            day=str(found.day),
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
        """The day, and the time of the day if the trouble is one of hours."""
        day, at = self._on(found.day), found.future.at
        if at is None:
            return day
        kind = "worked" if load_calendar().is_working_day(at.date()) else "rest"
        weekday = say(f"weekday.{at.weekday()}")
        time = "day" if at.hour in _DAYTIME else "night"
        words = say(f"at.{time}", at=f"{at:%H:%M}", weekday=weekday, kind=say(kind))
        return Text(zh=day.zh + words.zh, en=day.en + words.en)

    def _on(self, day: date) -> Text:
        """Which day it is, if it is not the first."""
        return plain("") if day == self._days[0] else say("on", day=day)

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
