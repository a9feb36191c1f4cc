"""The legal calendar: which days are worked, and when a period ends.

Pure. It knows no rule of any procedure: how many days there are, and of which kind, is
an argument. A day that no notice has settled is answered by its weekday, and every
deadline that leans on such a day says that it is provisional.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from itertools import pairwise
from typing import Annotated

from pydantic import Field, field_validator

from shared.calendar_local import Local
from shared.calendar_periods import (
    SHANGHAI,
    Deadline,
    Frozen,
    Period,
    Unit,
    end_of,
    in_utc,
    last_day,
)
from shared.calendar_year import REACHES_BACK_TO, CalendarYear, is_weekday, span

_ONE_DAY = timedelta(days=1)


class Calendar(Frozen):
    """The notices known at one time, and the days and deadlines they lead to.

    `local` are regional notices over the national ones, what is inherited first.
    """

    years: Annotated[tuple[CalendarYear, ...], Field(min_length=1)]
    local: tuple[Local, ...] = ()

    @field_validator("years")
    @classmethod
    def _one_notice_a_year(
        cls, years: tuple[CalendarYear, ...]
    ) -> tuple[CalendarYear, ...]:
        in_order = sorted(years, key=lambda year: year.year)
        if twice := [a.year for a, b in pairwise(in_order) if a.year == b.year]:
            raise ValueError(f"year {twice[0]} has two calendars")
        return tuple(in_order)

    @cached_property
    def version(self) -> str:
        """Which calendar this is: two that can differ in an answer differ here."""
        days = [f"{day} {worked:d}" for day, worked in sorted(self._named.items())]
        told = [*days, *(line for local in self.local for line in local.told())]
        digest = sha256("\n".join(told).encode()).hexdigest()
        region = f"{self.local[-1].name}:" if self.local else ""
        return f"{region}{span([year.year for year in self.years])}@{digest[:12]}"

    @cached_property
    def _named(self) -> dict[date, bool]:
        named: dict[date, bool] = {}
        for year in self.years:  # in order: a later notice may change last December
            named |= dict.fromkeys(year.holidays, False)
            named |= dict.fromkeys(year.workdays, True)
        for local in self.local:
            named |= local.days()
        return named

    def with_year(self, year: CalendarYear) -> Calendar:
        """This calendar with a year added, or put in place of what it said before."""
        others = (known for known in self.years if known.year != year.year)
        return Calendar(years=(*others, year), local=self.local)

    def with_local(self, local: Local) -> Calendar:
        """This calendar with the notices of a region over it."""
        return Calendar(years=self.years, local=(*self.local, local))

    def published(self, year: int) -> bool:
        """Whether every notice for this year is known here, local ones among them."""
        return self._national(year) and all(one.settles(year) for one in self.local)

    def settled(self, day: date) -> bool:
        """Whether no notice that is still to come can change this day.

        A notice reaches back over New Year: that for 2019 had the last Saturday of 2018
        worked and its last Monday off. So the end of December waits for the next one.
        """
        reached = (day.month, day.day) >= REACHES_BACK_TO
        return self.published(day.year) and (
            not reached or self._national(day.year + 1)
        )

    def named(self, day: date) -> bool | None:
        """Whether a day that a notice names is worked; None for one that none names."""
        return self._named.get(day)

    def is_working_day(self, day: date) -> bool:
        """Whether public bodies work on this day; a guess unless the day is settled."""
        if isinstance(day, datetime):
            raise TypeError("a moment is no day: pass the date it has in Asia/Shanghai")
        return self._named.get(day, is_weekday(day))

    def is_rest_day(self, day: date) -> bool:
        """Whether this is a legal rest day 法定休假日, weekends not worked included."""
        return not self.is_working_day(day)

    def deadline(self, start: datetime, period: Period) -> Deadline:
        """When a period ends that `start` set off.

        Hours run from the stated time (Civil Code 201). For all else the day of `start`
        in Asia/Shanghai is not counted, and the period lasts through its last day:
        24:00, written as 23:59:59 so that the date reads as the day it falls on.
        """
        moment = in_utc(start)
        if period.unit is Unit.HOURS:
            return self._ending(moment + timedelta(hours=period.amount))
        today = moment.astimezone(SHANGHAI).date()
        if period.unit is Unit.WORKING_DAYS:
            return self._on_last_of(self._until_worked(today + _ONE_DAY, period.amount))
        last = last_day(today, period)
        if period.roll:
            return self._on_last_of(self._until_worked(last, 1))
        return self._ending(end_of(last))

    def _national(self, year: int) -> bool:
        return any(known.year == year for known in self.years)

    def _until_worked(self, day: date, times: int) -> list[date]:
        """The days from this one on, until so many of them were worked."""
        walked = []
        while times:
            walked.append(day)
            times -= self.is_working_day(day)
            day += _ONE_DAY
        return walked

    def _on_last_of(self, walked: list[date]) -> Deadline:
        return self._ending(end_of(walked[-1]), leaning_on=walked)

    def _ending(self, due: datetime, leaning_on: Iterable[date] = ()) -> Deadline:
        return Deadline(
            due=due.astimezone(SHANGHAI),
            provisional=not all(self.settled(day) for day in leaning_on),
            calendar=self.version,
        )
