"""The legal calendar: which days are worked, and when a period ends.

Pure but for `load_calendar`, which reads a folder. It knows no rule of any procedure:
how many days there are, and of which kind, is an argument. A day that no notice has
settled is answered by its weekday, and every deadline that leans on such a day says
that it is provisional.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from shared.calendar_year import (
    REACHES_BACK_TO,
    CalendarRefusedError,
    CalendarYear,
    is_weekday,
    read_year,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
LAST_SECOND = time(23, 59, 59)

_ONE_DAY = timedelta(days=1)


class Unit(StrEnum):
    """How a period is counted. A plain 日 is a calendar day, 工作日 a working day."""

    HOURS = "hours"
    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"
    YEARS = "years"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Period(_Frozen):
    """A length of legal time 期间, such as three working days.

    With `roll`, a period that would end on a rest day ends on the first day after it
    that is worked. Hours do not roll, and working days have no need to.
    """

    amount: Annotated[int, Field(gt=0, le=5000)]
    unit: Unit
    roll: bool = True


class Deadline(_Frozen):
    """When a period ends, and what that answer rests on.

    Due is the last second that is still in time. A provisional deadline leans on a day
    that no notice has settled, and has to be counted again when the notice appears.
    """

    due: AwareDatetime
    provisional: bool
    calendar: str


class Calendar(_Frozen):
    """The notices known at one time, and the days and deadlines they lead to."""

    years: Annotated[tuple[CalendarYear, ...], Field(min_length=1)]

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
        numbers = [year.year for year in self.years]
        days = (f"{day} {worked:d}" for day, worked in sorted(self._named.items()))
        digest = sha256("\n".join(days).encode()).hexdigest()
        return f"{_span(numbers)}@{digest[:12]}"

    @cached_property
    def _named(self) -> dict[date, bool]:
        named: dict[date, bool] = {}
        for year in self.years:  # in order: a later notice may change last December
            named |= dict.fromkeys(year.holidays, False)
            named |= dict.fromkeys(year.workdays, True)
        return named

    def with_year(self, year: CalendarYear) -> Calendar:
        """This calendar with a year added, or put in place of what it said before."""
        others = (known for known in self.years if known.year != year.year)
        return Calendar(years=(*others, year))

    def published(self, year: int) -> bool:
        """Whether the notice for this year is known here."""
        return any(known.year == year for known in self.years)

    def settled(self, day: date) -> bool:
        """Whether no notice that is still to come can change this day.

        A notice reaches back over New Year: that for 2019 had the last Saturday of 2018
        worked and its last Monday off. So the end of December waits for the next one.
        """
        reached = (day.month, day.day) >= REACHES_BACK_TO
        return self.published(day.year) and (
            not reached or self.published(day.year + 1)
        )

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
        moment = _in_utc(start)
        if period.unit is Unit.HOURS:
            return self._ending(moment + timedelta(hours=period.amount))
        today = moment.astimezone(SHANGHAI).date()
        if period.unit is Unit.WORKING_DAYS:
            return self._on_last_of(self._until_worked(today + _ONE_DAY, period.amount))
        last = _last_day(today, period)
        if period.roll:
            return self._on_last_of(self._until_worked(last, 1))
        return self._ending(_end_of(last))

    def _until_worked(self, day: date, times: int) -> list[date]:
        """The days from this one on, until so many of them were worked."""
        walked = []
        while times:
            walked.append(day)
            times -= self.is_working_day(day)
            day += _ONE_DAY
        return walked

    def _on_last_of(self, walked: list[date]) -> Deadline:
        return self._ending(_end_of(walked[-1]), leaning_on=walked)

    def _ending(self, due: datetime, leaning_on: Iterable[date] = ()) -> Deadline:
        return Deadline(
            due=due.astimezone(SHANGHAI),
            provisional=not all(self.settled(day) for day in leaning_on),
            calendar=self.version,
        )


def load_calendar(folder: Traversable | Path | None = None) -> Calendar:
    """The calendar of all `.toml` files in a folder, by default those shipped here."""
    folder = folder or resources.files("shared") / "calendars"
    if not (files := _year_files(folder)):
        raise CalendarRefusedError(str(folder), "no .toml file is in that folder")
    years: dict[int, tuple[str, CalendarYear]] = {}
    for file in files:
        year = read_year(file)
        if known := years.get(year.year):
            raise CalendarRefusedError(
                file.name, f"year {year.year} already stands in {known[0]}"
            )
        years[year.year] = file.name, year
    return Calendar(years=tuple(year for _, year in years.values()))


def _in_utc(start: datetime) -> datetime:
    if start.utcoffset() is None:
        raise ValueError(
            "cannot count a deadline from a time without a zone: "
            "pass one that has its offset, such as +08:00"
        )
    return start.astimezone(UTC)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, LAST_SECOND, SHANGHAI)


def _last_day(today: date, period: Period) -> date:
    """The last day before rolling: months end on the same number or the last one."""
    if period.unit is Unit.CALENDAR_DAYS:
        return today + timedelta(days=period.amount)
    months = period.amount * (12 if period.unit is Unit.YEARS else 1)
    years, month = divmod(today.month - 1 + months, 12)
    year = today.year + years
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))


def _span(years: list[int]) -> str:
    if years == list(range(years[0], years[-1] + 1)) and len(years) > 1:
        return f"{years[0]}-{years[-1]}"
    return ",".join(map(str, years))


def _year_files(folder: Traversable | Path) -> list[Traversable | Path]:
    files = folder.iterdir() if folder.is_dir() else ()
    found = [file for file in files if file.name.endswith(".toml")]
    return sorted(found, key=lambda file: file.name)
