"""One year of the legal calendar: what the notice on days off 节假日安排 says.

Checks that a year is whole and free of contradictions, and reads it from a TOML file.
Nothing is counted here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import date
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

# The earliest day of the December before that a notice has named so far.
REACHES_BACK_TO = (12, 29)
_ALWAYS_OFF = ((1, 1), (5, 1), (10, 1))


class CalendarRefusedError(ValueError):
    """A calendar file or folder cannot be used, so none of it is."""

    def __init__(self, source: str, reason: str) -> None:
        self.source, self.reason = source, reason
        super().__init__(
            f"cannot use calendar {source}: {reason}; "
            "correct it after the notice on days off and load it again"
        )


class CalendarYear(BaseModel):
    """What the yearly notice says: days off 放假 and weekend days worked 调休上班."""

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
        _refuse("named twice", (a for a, b in pairwise(in_order) if a == b))
        return tuple(in_order)

    @model_validator(mode="after")
    def _is_one_whole_notice(self) -> Self:
        off, worked = set(self.holidays), set(self.workdays)
        must_be_off = {date(self.year, *day) for day in _ALWAYS_OFF}
        _refuse("outside the year", filter(self._is_foreign, off | worked))
        _refuse("both a holiday and a workday", off & worked)
        _refuse("a workday, but no weekend day", filter(is_weekday, worked))
        _refuse("always a holiday, but not named as one", must_be_off - off)
        return self

    def _is_foreign(self, day: date) -> bool:
        begin = date(self.year - 1, *REACHES_BACK_TO)
        return not begin <= day <= date(self.year, 12, 31)


def is_weekday(day: date) -> bool:
    """Monday to Friday: worked, unless a notice says otherwise."""
    return day.weekday() < 5


def read_year(file: Traversable | Path) -> CalendarYear:
    """One year from its file, for `Calendar.with_year`."""
    try:
        text = file.read_text("utf-8-sig")  # offices write on Windows
        return CalendarYear.model_validate(tomllib.loads(text))
    except ValidationError as error:
        raise CalendarRefusedError(file.name, _reasons(error)) from None
    except ValueError as error:  # not TOML, or not UTF-8
        raise CalendarRefusedError(file.name, str(error)) from error


def _reasons(error: ValidationError) -> str:
    found = [(".".join(map(str, e["loc"])), e["msg"]) for e in error.errors()]
    return "; ".join(
        f"{field} {message.removeprefix('Value error, ')}".strip()
        for field, message in found
    )


def _refuse(what_is_wrong: str, days: Iterable[date]) -> None:
    if listed := ", ".join(map(str, sorted(days))):
        raise ValueError(f"{what_is_wrong}: {listed}")
