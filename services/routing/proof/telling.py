"""What is wrong at the places of a region, told once for each row and smallest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

from services.routing.dmn.values import Scalar
from services.routing.explaining.values import Text
from services.routing.explaining.words import Words, listed, plain, word
from services.routing.packs.pack import Pack
from services.routing.proof.axes import Axis
from services.routing.proof.certificate import Failure
from services.routing.proof.futures import Futures
from services.routing.proof.idle import Idle
from services.routing.proof.pack_world import USUAL
from services.routing.proof.progress import Progress
from services.routing.proof.remedies import Remedies
from services.routing.proof.rounds import Rounds
from services.routing.proof.smallest import Smallest
from services.routing.proof.troubles import Trouble, Troubled
from services.routing.proof.web import Web
from services.routing.proof.wording import Wording, say
from shared.calendar import load_calendar
from shared.region import Region

_DAYTIME = range(8, 18)


class Telling:
    """Tells the troubles of some days, in the order of the days; then there are `notes`."""

    def __init__(
        self, pack: Pack, region: Region, wording: Wording, days: Sequence[date]
    ) -> None:
        self._pack, self._region = pack, region
        self._wording, self._days = wording, days
        self._words = Words(region, pack)
        self._calendar = load_calendar(pack.calendar)
        self.notes: list[Failure] = []

    def failures(
        self, web: Web, smallest: Smallest, proved: Counter[str], progress: Progress
    ) -> Iterator[Failure]:
        futures = Futures(self._pack, self._region, web, smallest)
        rounds = Rounds(self._pack, self._region, futures, proved)
        rounds.go(self._days, progress)
        for alike in rounds.undecided:
            place = self._words.place(alike.place)
            yield self._wording.failure(
                "undecided-place", place=place, when=self._on(alike.day)
            )
        for key, found in rounds.smallest.items():
            yield self._told(web, found, len(rounds.places[key]))
        self.notes += self._idle(rounds.idle)

    def _idle(self, found: Mapping[Idle, set[str]]) -> Iterator[Failure]:
        """A note for each row and kind of body, with all ways of handing on."""
        for (row, kind), leads in groupby(sorted(found), key=lambda one: one[:2]):
            alike = [*leads]
            places = set().union(*(found[lead] for lead in alike))
            yield self._wording.failure(
                "idle-lead",
                table="lead",
                rows=(row,),
                example={"place": min(places)},
                places=len(places),
                kind=word("body_kind", kind),
                handoff=listed(word("handoff", lead.handoff) for lead in alike),
            )

    def _told(self, web: Web, found: Troubled, places: int) -> Failure:
        reasons = (word("reason", one.here.reason) for one in found.steps)
        remedies = Remedies(self._words, found)
        lowest = remedies.lowest
        return self._wording.failure(
            found.trouble,
            table="lead" if found.trouble is Trouble.NO_BODY else "way",
            rows=found.rows,
            day=str(found.day),
            example=self._facts(web, found),
            places=places,
            when=self._when(found),
            way=listed(reasons, "semicolon"),
            tier=word("tier", lowest) if lowest else say("no-tier"),
            naming=remedies.row,
            why=remedies.why(),
            advice=remedies.advice(),
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
        kind = "worked" if self._calendar.is_working_day(at.date()) else "rest"
        weekday = say(f"weekday.{at.weekday()}")
        time = "day" if at.hour in _DAYTIME else "night"
        words = say(f"at.{time}", at=f"{at:%H:%M}", weekday=weekday, kind=say(kind))
        return Text(zh=day.zh + words.zh, en=day.en + words.en)

    def _on(self, day: date) -> Text:
        """Which day it is, if it is not the first."""
        return plain("") if day == self._days[0] else say("on", day=day)
