"""Legal periods 期间 and the deadlines they lead to. Pure, and without any calendar."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

SHANGHAI = ZoneInfo("Asia/Shanghai")
LAST_SECOND = time(23, 59, 59)


class Unit(StrEnum):
    """How a period is counted. A plain 日 is a calendar day, 工作日 a working day."""

    HOURS = "hours"
    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"
    YEARS = "years"


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Period(Frozen):
    """A length of legal time 期间, such as three working days.

    With `roll`, a period that would end on a rest day ends on the first day after it
    that is worked. Hours do not roll, and working days have no need to.
    """

    amount: Annotated[int, Field(gt=0, le=5000)]
    unit: Unit
    roll: bool = True


class Deadline(Frozen):
    """When a period ends, and what that answer rests on.

    Due is the last second that is still in time. A provisional deadline leans on a day
    that no notice has settled, and has to be counted again when the notice appears.
    """

    due: AwareDatetime
    provisional: bool
    calendar: str


def in_utc(start: datetime) -> datetime:
    if start.utcoffset() is None:
        raise ValueError(
            "cannot count a deadline from a time without a zone: "
            "pass one that has its offset, such as +08:00"
        )
    return start.astimezone(UTC)


def end_of(day: date) -> datetime:
    return datetime.combine(day, LAST_SECOND, SHANGHAI)


def last_day(today: date, period: Period) -> date:
    """The last day before rolling: months end on the same number or the last one."""
    if period.unit is Unit.CALENDAR_DAYS:
        return today + timedelta(days=period.amount)
    months = period.amount * (12 if period.unit is Unit.YEARS else 1)
    years, month = divmod(today.month - 1 + months, 12)
    year = today.year + years
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))
