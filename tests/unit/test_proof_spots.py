"""When the proof looks at a region: the days and the times that can differ."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from services.routing.proof import check
from services.routing.proof.spots import kinds_of_days, moments, turning_days
from shared.calendar import load_calendar
from shared.divisions import Divisions
from shared.hours import Hours
from shared.region import Region
from shared.resolution import OutsideHours, Resolution
from tests.unit.backtest_given import repacked
from tests.unit.calendars_given import own_calendars, regional

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

    assert kinds_of_days(calendar).keys() == {*product(range(7), (True, False))}
    for (weekday, worked), day in kinds_of_days(calendar).items():
        assert (day.weekday(), calendar.is_working_day(day)) == (weekday, worked)


def test_moments_are_those_with_other_bodies_open():
    region = a_region(hours=Hours.model_validate("work"))
    calendar, body = load_calendar(), region.bodies["pmc-zhuji"]

    found = [body.hours.open_at(at, calendar) for at in moments([body], calendar)]

    assert sorted(found) == [False, True]


@pytest.fixture
def tuesdays(tmp_path, monkeypatch):
    """A country where no Tuesday is a holiday, and a region of it where one is."""
    own = own_calendars(tmp_path, monkeypatch)
    (own / "china").mkdir()
    text = 'year = 2026\ntitle = "an invented notice"\nholidays = [{}]\n'
    days = "2026-01-01, 2026-05-01, 2026-10-01"
    (own / "china" / "2026.toml").write_text(text.format(days), "utf-8")
    regional(own, "festive", {2026: "holidays = [2026-03-03]"})


@pytest.mark.parametrize(("name", "times"), [("china", 1), ("festive", 2)])
def test_a_festival_of_the_region_is_looked_at_too(tuesdays, name, times):
    calendar, body = load_calendar(name), closed_on_festive_tuesdays()
    found = moments([body.bodies["pmc-zhuji"]], calendar)

    assert len(found) == times
    assert ((1, False) in kinds_of_days(calendar)) is (name == "festive")


def test_a_pack_is_proved_with_the_calendar_that_it_names(tuesdays):
    skipping = Resolution(outside_hours=OutsideHours.SKIP)
    pack = repacked(calendar="festive", resolution=skipping)
    found = check(pack, closed_on_festive_tuesdays(), date(2026, 3, 2))

    assert any("星期二（休息日）" in failure.zh for failure in found.failures)


def closed_on_festive_tuesdays():
    """One county, whose committee is closed on Tuesdays that are no working days."""
    hours = "work 00:00-24:00; Mon,Wed-Sun 00:00-24:00"
    region = a_region(hours=Hours.model_validate(hours))
    bodies = {id: b for id, b in region.bodies.items() if b.place == "330681"}
    senders = {id: s for id, s in region.senders.items() if id in bodies}
    county = [one for one in region.divisions if one.code == "330681"]
    places = Divisions("test", county)
    return replace(region, bodies=bodies, senders=senders, divisions=places)
