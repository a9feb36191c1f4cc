"""Service hours: how they are written, and when a body is open."""

from __future__ import annotations

from datetime import datetime

import pytest
from pydantic import ValidationError

from shared.calendar import SHANGHAI, load_calendar
from shared.hours import Hours

CALENDAR = load_calendar()


def open_at(written, moment):
    at = datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)
    return Hours.model_validate(written).open_at(at, CALENDAR)


@pytest.mark.parametrize(
    ("written", "moment", "is_open"),
    [
        ("24h", "2026-03-01T03:00", True),  # a Sunday night
        ("全天", "2026-03-01T03:00", True),
        ("work", "2026-03-02T09:00", True),  # a Monday
        ("work", "2026-03-02T11:59", True),
        ("work", "2026-03-02T12:00", False),  # the last minute is over
        ("work", "2026-03-02T13:00", False),
        ("work", "2026-03-02T16:59", True),
        ("work", "2026-03-01T10:00", False),
        ("工作日", "2026-03-02T10:00", True),
        ("work", "2026-10-01T10:00", False),  # a Thursday that is a holiday
        ("Mon-Fri 09:00-17:00", "2026-10-01T10:00", True),  # days are meant literally
        ("work 08:30-18:00", "2026-03-02T12:30", True),
        ("周一至周五 09:00-17:00；周六 09:00-12:00", "2026-03-07T11:00", True),
        ("周一至周五 09:00-17:00；周六 09:00-12:00", "2026-03-07T13:00", False),
        ("Mon,Wed 09:00-12:00 14:00-17:00", "2026-03-04T15:00", True),
        ("Mon,Wed 09:00-12:00 14:00-17:00", "2026-03-03T15:00", False),
        ("Fri-Mon 20:00-24:00", "2026-03-01T23:59", True),
        ("Fri-Mon 20:00-24:00", "2026-03-03T23:59", False),
    ],
)
def test_a_body_is_open_in_its_hours(written, moment, is_open):
    assert open_at(written, moment) is is_open


def test_hours_are_those_of_the_wall_clock_in_china():
    at = datetime.fromisoformat("2026-03-02T01:30:00+00:00")
    assert Hours.model_validate("work").open_at(at, CALENDAR)


@pytest.mark.parametrize(
    "written", ["Mon", "Moon 09:00-10:00", "Mon 17:00-09:00", "Mon 9-5", "周八", "x"]
)
def test_what_names_no_hours_is_refused(written):
    with pytest.raises(ValidationError):
        Hours.model_validate(written)
