"""Which pack really was in force when: what the history of publications says. Pure.

Days alone would hide what held until an emergency was published at noon, and the
emergency that was withdrawn on its first day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from services.routing.publishing.domain import Publications
from services.routing.publishing.proposals import InForce
from shared.calendar import SHANGHAI
from shared.events.base import Recorded


class Held(NamedTuple):
    """A pack from one moment to another; the first has no beginning, the last no end."""

    pack: InForce
    since: datetime | None
    until: datetime | None

    def covers(self, at: datetime) -> bool:
        begun = self.since is None or self.since <= at
        return begun and (self.until is None or at < self.until)

    @property
    def first_day(self) -> date | None:
        return self.since and _day(self.since)

    @property
    def last_day(self) -> date | None:
        """The last day on which it held, if only for some hours."""
        return self.until and _day(self.until - timedelta(microseconds=1))

    @property
    def turns_within_days(self) -> tuple[datetime | None, datetime | None]:
        """Beginning and end, where they are not at midnight."""
        since, until = (_within_day(at) for at in (self.since, self.until))
        return since, until


def held(history: Sequence[Recorded]) -> list[Held]:
    """Every period that there was, and those to come as they are published now."""
    begun = [*_without_repeats(_begun(history))]
    ends = [*(at for at, _ in begun[1:]), None]
    return [
        Held(there, at if number else None, end)
        for number, ((at, there), end) in enumerate(zip(begun, ends, strict=True))
    ]


def _begun(history: Sequence[Recorded]) -> Iterator[tuple[datetime, InForce]]:
    """What was in force from each moment on, whether it was so before or not.

    What the installation began with held ever since, even if only for a moment. Where
    the clock was set back, what it passed twice is not told.
    """
    state = Publications()
    ends = [*(one.recorded_at for one in history[1:]), None]
    for one, after in zip(history, ends, strict=True):
        state, start = state.evolve(one.event), one.recorded_at
        end = max(after, start) if after else None
        for period in state.periods(_day(start), end and _day(end)):
            assert period.since
            at = max(start, _midnight(period.since))
            if end is None or at < end or not state.published:
                yield at, period


def _without_repeats(
    begun: Iterable[tuple[datetime, InForce]],
) -> Iterator[tuple[datetime, InForce]]:
    before: int | str | None = None
    for at, there in begun:
        if (name := there.proposal or there.pack) != before:
            yield at, there
        before = name


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _within_day(at: datetime | None) -> datetime | None:
    return at if at and at != _midnight(_day(at)) else None
