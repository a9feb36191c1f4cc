"""Ends of clocks that move: by an extension, or by time that is not counted. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from shared.calendar import SHANGHAI, Calendar, Period, Unit
from shared.events.clocks import Clock

MOST_DAYS = 5000
"""The longest period that a calendar counts."""

_DAY = timedelta(days=1)


def longer(
    clock: Clock, after: datetime, amount: int, unit: Unit, calendar: Calendar
) -> Clock:
    """The clock with an end that is so much after a moment."""
    period = Period(amount=amount, unit=unit, roll=clock.terms.period.roll)
    deadline = calendar.deadline(after, period)
    return clock.model_copy(
        update={
            "due": deadline.due,
            "provisional": deadline.provisional or clock.provisional,
            "calendar": deadline.calendar,
            "counted_to": calendar.deadline(after, _unrolled(period)).due,
        }
    )


def moved(clock: Clock, since: datetime, at: datetime, calendar: Calendar) -> Clock:
    """The clock with an end that is later by what was not counted, in its own unit.

    As with any period, the day on which it stopped is counted and the one on which it
    goes on is not; on that day it is never over.
    """
    at = max(at, since)
    unit = clock.terms.period.unit
    if unit is Unit.HOURS:
        return clock.model_copy(update={"due": clock.due + (at - since)})
    days = _days(since, at)
    if not days:
        return clock
    today = longer(clock, at - _DAY, 1, Unit.CALENDAR_DAYS, calendar)
    if unit is Unit.WORKING_DAYS:
        later = _by_working_days(clock, days, calendar)
    else:
        amount = min(len(days), MOST_DAYS)
        ended = _counted_to(clock, calendar)
        later = longer(clock, ended, amount, Unit.CALENDAR_DAYS, calendar)
    return max(later, today, key=lambda moved: moved.due)


def _by_working_days(clock: Clock, days: list[date], calendar: Calendar) -> Clock:
    worked = sum(map(calendar.is_working_day, days))
    guessed = not all(map(calendar.settled, days))
    later = clock
    if worked:
        amount = min(worked, MOST_DAYS)
        later = longer(clock, clock.due, amount, Unit.WORKING_DAYS, calendar)
    return later.model_copy(update={"provisional": later.provisional or guessed})


def _counted_to(clock: Clock, calendar: Calendar) -> datetime:
    """Where its days end, rest day or not."""
    if clock.counted_to:
        return clock.counted_to
    return calendar.deadline(clock.started_at, _unrolled(clock.terms.period)).due


def _unrolled(period: Period) -> Period:
    return period.model_copy(update={"roll": False})


def _days(since: datetime, at: datetime) -> list[date]:
    """The days after the one on which it stopped, up to the one of `at`."""
    first, last = (moment.astimezone(SHANGHAI).date() for moment in (since, at))
    return [first + n * _DAY for n in range(1, (last - first).days + 1)]
