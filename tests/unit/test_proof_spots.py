"""When the proof looks at a region: the days and the times that can differ."""

from datetime import date
from itertools import product

from services.routing.proof.spots import kinds_of_days, moments, turning_days
from shared.calendar import load_calendar
from shared.hours import Hours
from shared.region import Region

FIRST = date(2024, 1, 1)


def a_region(**changed):
    """The sample region where one body has other days."""
    region = Region.load("sample")
    region.bodies["pmc-zhuji"] = region.bodies["pmc-zhuji"].model_copy(update=changed)
    return region


def test_a_region_is_looked_at_where_a_body_begins_and_after_one_ends():
    region = a_region(valid_from=date(2024, 6, 1), valid_to=date(2025, 12, 31))

    days = turning_days(region, FIRST, None)

    assert days == [FIRST, date(2024, 6, 1), date(2026, 1, 1)]


def test_it_is_not_looked_at_after_the_last_day_of_the_pack():
    region = a_region(valid_from=date(2024, 6, 1), valid_to=date(2025, 12, 31))

    assert turning_days(region, FIRST, date(2025, 12, 31))[-1] == date(2024, 6, 1)


def test_every_weekday_is_known_worked_and_at_rest():
    calendar = load_calendar()

    assert kinds_of_days().keys() == {*product(range(7), (True, False))}
    for (weekday, worked), day in kinds_of_days().items():
        assert (day.weekday(), calendar.is_working_day(day)) == (weekday, worked)


def test_moments_are_those_with_other_bodies_open():
    region = a_region(hours=Hours.model_validate("work"))
    calendar, body = load_calendar(), region.bodies["pmc-zhuji"]

    found = [body.hours.open_at(at, calendar) for at in moments([body])]

    assert sorted(found) == [False, True]
