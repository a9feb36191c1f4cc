"""One year of the legal calendar: what the notice on days off 节假日安排 says.

Checks that a year is whole and free of contradictions, and reads it from a TOML file.
Nothing is counted here.
"""

from __future__ import annotations

import tomllib
from datetime import date
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from shared.calendar_faults import CalendarRefusedError, refuse, unreadable

__all__ = ["CalendarRefusedError"]

# The earliest day of the December before that a notice has named so far.
REACHES_BACK_TO = (12, 29)
_ALWAYS_OFF = ((1, 1), (5, 1), (10, 1))

Model = TypeVar("Model", bound=BaseModel)
File = Traversable | Path


class Notice(BaseModel):
    """What a yearly notice says: days off 放假 and days of rest worked 调休上班."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    year: Annotated[int, Field(ge=1949, le=4999)]
    title: Annotated[str, Field(min_length=1)]
    number: str | None = None
    published: date | None = None
    holidays: tuple[date, ...]
    workdays: tuple[date, ...] = ()

    @field_validator("holidays", "workdays")
    @classmethod
    def _in_order(cls, days: tuple[date, ...]) -> tuple[date, ...]:
        in_order = sorted(days)
        refuse("day-twice", "named twice", (a for a, b in pairwise(in_order) if a == b))
        return tuple(in_order)

    @model_validator(mode="after")
    def _is_free_of_contradictions(self) -> Self:
        off, worked = set(self.holidays), set(self.workdays)
        last = date(self.year, 12, 31)
        foreign = (day for day in off | worked if not self.begins() <= day <= last)
        refuse("foreign-day", "outside the year", foreign)
        refuse("worked-and-off", "both a holiday and a workday", off & worked)
        return self

    def begins(self) -> date:
        """The earliest day that it may name."""
        return date(self.year, 1, 1)


class CalendarYear(Notice):
    """The national notice of a year, whole; it may reach back over New Year."""

    @model_validator(mode="after")
    def _is_one_whole_notice(self) -> Self:
        must_be_off = {date(self.year, *day) for day in _ALWAYS_OFF}
        weekdays = filter(is_weekday, self.workdays)
        refuse("no-rest-day", "a workday, but no weekend day", weekdays)
        missing = must_be_off - {*self.holidays}
        refuse("always-off", "always a holiday, but not named as one", missing)
        return self

    def begins(self) -> date:
        return date(self.year - 1, *REACHES_BACK_TO)


def is_weekday(day: date) -> bool:
    """Monday to Friday: worked, unless a notice says otherwise."""
    return day.weekday() < 5


def span(years: list[int]) -> str:
    """Years in short, such as 2024-2026."""
    if years == list(range(years[0], years[-1] + 1)) and len(years) > 1:
        return f"{years[0]}-{years[-1]}"
    return ",".join(map(str, years))


def read_year(file: File) -> CalendarYear:
    """One year from its file, for `Calendar.with_year`."""
    return checked(CalendarYear, read_toml(file), file.name)


def read_toml(file: File) -> dict[str, Any]:
    """What a file says. Raises `CalendarRefusedError`."""
    try:
        return tomllib.loads(file.read_text("utf-8-sig"))  # offices write on Windows
    except (ValueError, OSError) as error:  # not TOML, not UTF-8, or not there
        raise CalendarRefusedError(file.name, str(error)) from error


def checked(model: type[Model], told: dict[str, Any], source: str) -> Model:
    """What a file says, as a model. Raises `CalendarRefusedError`."""
    try:
        return model.model_validate(told)
    except ValidationError as error:
        raise unreadable(source, error) from None
