"""When legal periods end: counting, rolling, day borders, and years not yet settled."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.calendar import SHANGHAI, Deadline, Period, Unit, load_calendar
from shared.calendar_year import CalendarYear

CALENDAR = load_calendar()
NOTICE_2027 = CalendarYear(
    year=2027,
    title="an invented notice",
    holidays=(date(2027, 1, 1), date(2027, 5, 1), date(2027, 10, 1)),
)
ONE_SECOND = timedelta(seconds=1)
LAST_CERTAIN_DAY = date(2026, 12, 28)


def at(day, hour=9, minute=0):
    return datetime.combine(
        date.fromisoformat(day), time(hour, minute), tzinfo=SHANGHAI
    )


def end_of(day):
    return datetime.fromisoformat(f"{day}T23:59:59+08:00")


def hours(amount):
    return Period(amount=amount, unit=Unit.HOURS)


def calendar_days(amount, roll=True):
    return Period(amount=amount, unit=Unit.CALENDAR_DAYS, roll=roll)


def working_days(amount):
    return Period(amount=amount, unit=Unit.WORKING_DAYS)


def months(amount, roll=True):
    return Period(amount=amount, unit=Unit.MONTHS, roll=roll)


def years(amount, roll=True):
    return Period(amount=amount, unit=Unit.YEARS, roll=roll)


@pytest.mark.parametrize(
    ("start", "period", "ends"),
    [
        # The start day does not count: three days from Monday end on Thursday.
        ("2026-03-02", calendar_days(3), "2026-03-05"),
        # A last day on a Saturday goes on to Monday, unless rolling is switched off.
        ("2026-03-04", calendar_days(3), "2026-03-09"),
        ("2026-03-04", calendar_days(3, roll=False), "2026-03-07"),
        # On the second day of the National Day week, it goes on to the day after it.
        ("2026-09-02", calendar_days(30), "2026-10-08"),
        # A Saturday that is worked is no rest day: the period ends there.
        ("2026-02-07", calendar_days(7), "2026-02-14"),
        # Working days: weekends are passed over, also when one starts on a weekend.
        ("2026-03-06", working_days(1), "2026-03-09"),
        ("2026-03-07", working_days(1), "2026-03-09"),
        # A make-up Saturday is one: Friday, then the 14th, then after the holiday.
        ("2026-02-12", working_days(2), "2026-02-14"),
        ("2026-02-12", working_days(3), "2026-02-24"),
        # A month is no thirty days, and ends on the corresponding day.
        ("2026-03-02", months(1), "2026-04-02"),
        ("2025-02-10", months(1), "2025-03-10"),
        # No corresponding day: the last of the month, in a leap year the 29th.
        ("2026-01-31", months(1, roll=False), "2026-02-28"),
        ("2024-01-31", months(1), "2024-02-29"),
        ("2024-08-31", months(1), "2024-09-30"),
        ("2024-02-29", years(1), "2025-02-28"),
        ("2024-02-29", months(24, roll=False), "2026-02-28"),
        # A month that ends on 1 May goes on to the day after the holiday.
        ("2026-04-01", months(1), "2026-05-06"),
        # Over the turn of the year.
        ("2024-12-31", months(2), "2025-02-28"),
        ("2025-12-31", working_days(1), "2026-01-04"),
        ("2024-05-15", years(2), "2026-05-15"),
    ],
)
def test_period_lasts_through_its_last_day(start, period, ends):
    found = CALENDAR.deadline(at(start), period)

    assert found == Deadline(
        due=end_of(ends), provisional=False, calendar=CALENDAR.version
    )


def test_deadline_is_written_in_chinese_time():
    found = CALENDAR.deadline(datetime(2026, 3, 2, tzinfo=UTC), calendar_days(3))

    assert found.due.isoformat() == "2026-03-05T23:59:59+08:00"
    assert Deadline.model_validate_json(found.model_dump_json()) == found


def test_hours_run_from_the_stated_minute_through_nights_and_holidays():
    found = CALENDAR.deadline(at("2026-10-01", 22, 30), hours(24))

    assert found.due == at("2026-10-02", 22, 30)
    assert not found.provisional


def test_last_second_before_midnight_and_midnight_are_two_start_days():
    midnight = at("2026-03-03", 0)

    before = CALENDAR.deadline(midnight - ONE_SECOND, calendar_days(1))
    after = CALENDAR.deadline(midnight, calendar_days(1))

    assert (before.due, after.due) == (end_of("2026-03-03"), end_of("2026-03-04"))


def test_start_day_is_the_day_in_china_and_not_that_of_the_sender():
    evening_in_london = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)

    found = CALENDAR.deadline(evening_in_london, working_days(1))

    assert found.due == end_of("2026-03-04")


def test_leap_day_is_a_day_like_any_other():
    assert CALENDAR.deadline(at("2024-02-28"), calendar_days(1)).due == end_of(
        "2024-02-29"
    )
    assert CALENDAR.deadline(at("2024-02-29"), working_days(1)).due == end_of(
        "2024-03-01"
    )


def test_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match=r"without a zone: pass one .* \+08:00"):
        CALENDAR.deadline(datetime.fromisoformat("2026-03-02T09:00"), hours(1))


@pytest.mark.parametrize("amount", [0, -1, 5001])
def test_period_has_a_length_that_law_could_set(amount):
    with pytest.raises(ValidationError):
        calendar_days(amount)


@pytest.mark.parametrize(
    ("start", "period", "ends"),
    [
        # The last day itself lies in a year without a notice.
        ("2026-12-20", calendar_days(30), "2027-01-19"),
        ("2026-08-01", months(6), "2027-02-01"),
        ("2025-03-01", years(2), "2027-03-01"),
        # Days walked through do.
        ("2026-12-25", working_days(5), "2027-01-01"),
        ("2027-03-01", working_days(1), "2027-03-02"),
        # The notice for 2027 may still change the last days of 2026.
        ("2026-12-28", working_days(1), "2026-12-29"),
        ("2026-12-01", calendar_days(30), "2026-12-31"),
        # The same on the other side: nothing is known of 2023.
        ("2023-06-01", working_days(1), "2023-06-02"),
    ],
)
def test_deadline_that_leans_on_an_unsettled_day_is_provisional(start, period, ends):
    found = CALENDAR.deadline(at(start), period)

    assert (found.due, found.provisional) == (end_of(ends), True)


@pytest.mark.parametrize(
    ("start", "period"),
    [
        ("2026-12-25", working_days(1)),
        ("2026-12-21", calendar_days(7)),
        # Calendar days only ask about the last one, wherever the period began.
        ("2023-12-01", calendar_days(60)),
        # Nothing is asked of a calendar where nothing rolls.
        ("2026-12-20", calendar_days(30, roll=False)),
        ("2027-01-31", months(1, roll=False)),
        ("2027-05-01", hours(72)),
    ],
)
def test_deadline_that_leans_on_settled_days_only_is_certain(start, period):
    assert not CALENDAR.deadline(at(start), period).provisional


def test_deadline_is_counted_again_once_the_notice_has_appeared():
    period = working_days(5)
    before = CALENDAR.deadline(at("2026-12-25"), period)
    informed = CALENDAR.with_year(NOTICE_2027)
    after = informed.deadline(at("2026-12-25"), period)

    assert (before.due, before.provisional) == (end_of("2027-01-01"), True)
    assert (after.due, after.provisional) == (end_of("2027-01-04"), False)
    assert (before.calendar, after.calendar) == (CALENDAR.version, informed.version)


# Starts in 2024-2026 in any zone; periods that may run far beyond the last notice.
zones = st.one_of(
    st.sampled_from(
        [UTC, SHANGHAI, ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")]
    ),
    st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m))),
)
starts = st.datetimes(
    datetime.fromisoformat("2024-01-02"),
    datetime.fromisoformat("2026-12-30"),
    timezones=zones,
)
amounts = st.integers(1, 400)
periods = st.builds(
    Period, amount=amounts, unit=st.sampled_from(Unit), roll=st.booleans()
)


@given(starts, starts, periods)
def test_who_starts_later_is_never_due_earlier(one, other, period):
    first, second = sorted((one, other))

    assert CALENDAR.deadline(first, period).due <= CALENDAR.deadline(second, period).due


@given(starts, periods, amounts)
def test_longer_period_never_ends_earlier(start, period, more):
    longer = period.model_copy(update={"amount": period.amount + more})

    assert CALENDAR.deadline(start, period).due <= CALENDAR.deadline(start, longer).due


@given(starts, periods)
def test_deadline_lies_after_its_start(start, period):
    assert CALENDAR.deadline(start, period).due > start


@given(starts, periods, zones)
def test_same_instant_told_in_another_zone_is_due_at_the_same_time(start, period, zone):
    assert CALENDAR.deadline(start.astimezone(zone), period) == CALENDAR.deadline(
        start, period
    )


@given(starts, periods.filter(lambda p: p.roll and p.unit is not Unit.HOURS))
def test_rolling_period_ends_on_a_working_day_at_the_end_of_it(start, period):
    due = CALENDAR.deadline(start, period).due

    assert CALENDAR.is_working_day(due.date())
    assert due.time() == time(23, 59, 59)


@given(starts, amounts)
def test_as_many_days_are_worked_after_the_start_as_the_period_says(start, amount):
    due = CALENDAR.deadline(start, working_days(amount)).due.date()
    first = start.astimezone(SHANGHAI).date()
    days = [first + timedelta(days=n) for n in range(1, (due - first).days + 1)]

    assert sum(map(CALENDAR.is_working_day, days)) == amount
    assert CALENDAR.is_working_day(days[-1])


@given(starts, periods.filter(lambda p: p.unit is not Unit.HOURS))
def test_rolling_only_ever_passes_over_rest_days(start, period):
    still = CALENDAR.deadline(start, period.model_copy(update={"roll": False})).due
    rolled = CALENDAR.deadline(start, period.model_copy(update={"roll": True})).due
    passed = [still.date() + timedelta(days=n) for n in range((rolled - still).days)]

    assert all(map(CALENDAR.is_rest_day, passed))


@given(starts, amounts)
def test_working_days_are_certain_exactly_while_every_day_walked_is_settled(
    start, amount
):
    found = CALENDAR.deadline(start, working_days(amount))

    assert found.provisional == (found.due.date() > LAST_CERTAIN_DAY)
