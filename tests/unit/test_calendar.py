"""Which days are worked, held against two independent tables, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import holidays
import pytest
from pydantic import ValidationError

from shared.calendar import Calendar, load_calendar
from shared.calendar_year import CalendarRefusedError, CalendarYear, read_year

SHIPPED = load_calendar()
ELSEWHERE = holidays.country_holidays("CN", years=[2024, 2025, 2026])

# Plainly invented: weekends apart, 2027 has the three fixed days and one swap.
NEXT_YEAR = """
year = 2027
title = "an invented notice"
holidays = [2027-01-01, 2027-05-01, 2027-05-03, 2027-10-01]
workdays = [2027-05-08]
"""


def days_of(year):
    first = date(year, 1, 1)
    return [
        first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)
    ]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "2027.toml").write_text(NEXT_YEAR, "utf-8")
    return tmp_path


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_every_day_is_worked_or_not_as_two_other_tables_say(year):
    ours = {day: SHIPPED.is_working_day(day) for day in days_of(year)}

    assert ours == {day: chinese_calendar.is_workday(day) for day in days_of(year)}
    assert ours == {day: ELSEWHERE.is_working_day(day) for day in days_of(year)}


@pytest.mark.parametrize(
    "day", [date(2024, 2, 4), date(2025, 1, 26), date(2026, 2, 14), date(2026, 1, 4)]
)
def test_make_up_workday_is_a_weekend_day_that_is_worked(day):
    assert day.weekday() >= 5
    assert SHIPPED.is_working_day(day)
    assert not SHIPPED.is_rest_day(day)


def test_weekday_inside_a_holiday_is_a_rest_day():
    assert SHIPPED.is_rest_day(date(2026, 10, 6))


def test_each_shipped_year_names_its_notice():
    notices = {y.year: (y.number, y.published) for y in SHIPPED.years}

    assert notices == {
        2024: ("国办发明电〔2023〕7号", date(2023, 10, 25)),
        2025: ("国办发明电〔2024〕12号", date(2024, 11, 12)),
        2026: ("国办发明电〔2025〕7号", date(2025, 11, 4)),
    }


def test_day_of_a_year_without_a_notice_is_guessed_by_its_weekday_and_not_settled():
    friday, saturday = date(2027, 1, 1), date(2027, 1, 2)

    assert not SHIPPED.published(2027)
    assert SHIPPED.is_working_day(friday) and SHIPPED.is_rest_day(saturday)
    assert not SHIPPED.settled(friday) and not SHIPPED.settled(saturday)


def test_end_of_december_is_settled_only_by_the_notice_for_the_next_year():
    assert SHIPPED.settled(date(2026, 12, 28))
    assert not SHIPPED.settled(date(2026, 12, 29))
    assert SHIPPED.settled(date(2025, 12, 31))


def test_notices_never_reached_further_back_than_the_end_of_december_we_hold_open():
    moved = [
        day
        for year in range(2004, 2026)
        for day in days_of(year)[-30:]
        if chinese_calendar.is_workday(day) != (day.weekday() < 5)
    ]

    assert date(2018, 12, 29) in moved
    assert min((day.month, day.day) for day in moved) == (12, 29)


def test_moment_is_refused_where_a_day_is_asked_for():
    with pytest.raises(TypeError, match="pass the date it has in Asia/Shanghai"):
        SHIPPED.is_rest_day(datetime(2026, 10, 6, tzinfo=UTC))


def test_office_adds_next_year_from_a_file_without_an_upgrade(folder):
    extended = SHIPPED.with_year(read_year(folder / "2027.toml"))

    assert extended.published(2027) and extended.settled(date(2026, 12, 31))
    assert extended.is_working_day(date(2027, 5, 8))
    assert extended.is_rest_day(date(2027, 5, 3))
    assert not SHIPPED.published(2027)


def test_calendar_of_another_folder_holds_only_what_is_there(folder):
    (folder / "read-me.txt").write_text("not a calendar", "utf-8")

    assert [year.year for year in load_calendar(folder).years] == [2027]


def test_notice_may_move_the_last_days_of_the_december_before(folder):
    text = NEXT_YEAR.replace("holidays = [", "holidays = [2026-12-31, ")
    extended = SHIPPED.with_year(read_year(rewritten(folder, text)))

    assert SHIPPED.is_working_day(date(2026, 12, 31))
    assert extended.is_rest_day(date(2026, 12, 31))


def test_amended_year_takes_the_place_of_what_it_said_before(folder):
    known = load_calendar(folder)
    amended = NEXT_YEAR.replace("2027-10-01", "2027-10-01, 2027-10-04")

    again = known.with_year(read_year(rewritten(folder, amended)))

    assert known.is_working_day(date(2027, 10, 4))
    assert again.is_rest_day(date(2027, 10, 4))
    assert len(again.years) == 1


def test_version_tells_the_years_and_changes_with_any_day(folder):
    known = load_calendar(folder)
    amended = NEXT_YEAR.replace("2027-10-01", "2027-10-01, 2027-10-04")
    again = load_calendar(rewritten(folder, amended).parent)

    assert SHIPPED.version.startswith("2024-2026@")
    assert known.version.startswith("2027@")
    assert again.version != known.version


def test_version_differs_if_one_has_a_day_off_that_the_other_works(folder):
    worked = load_calendar(folder)
    swapped = NEXT_YEAR.replace(", 2027-10-01", ", 2027-10-01, 2027-05-08")
    off = load_calendar(
        rewritten(folder, swapped.replace("workdays = [2027-05-08]", "")).parent
    )

    assert off.version != worked.version


def test_version_is_the_same_however_the_calendar_came_together(folder):
    later = read_year(folder / "2027.toml")
    retitled = later.model_copy(update={"title": "the same days, another title"})
    backwards = Calendar(years=(later, *reversed(SHIPPED.years)))

    assert SHIPPED.with_year(retitled).version == backwards.version
    assert Calendar(years=(SHIPPED.years[0], later)).version.startswith("2024,2027@")


def test_calendar_cannot_be_changed_in_place():
    with pytest.raises(ValidationError):
        SHIPPED.years = ()


@pytest.mark.parametrize(
    ("was", "becomes", "reason"),
    [
        ("2027-05-03", "2028-05-03", "outside the year: 2028-05-03"),
        ("2027-05-03", "2026-12-28", "outside the year: 2026-12-28"),
        ("2027-05-08", "2027-05-10", "a workday, but no weekend day: 2027-05-10"),
        ("2027-05-08", "2027-05-01", "both a holiday and a workday: 2027-05-01"),
        ("2027-05-03", "2027-05-01", "holidays named twice: 2027-05-01"),
        ("2027-10-01", "2027-10-04", "not named as one: 2027-10-01"),
        ("2027-05-03", "2027-02-30", "Invalid date"),
        ("2027-05-03", '"May"', "holidays.2 "),
        ("workdays", "work_days", "work_days Extra inputs are not permitted"),
        ("title", "# title", "title Field required"),
        ("year = 2027", "year = [", "Invalid value"),
    ],
)
def test_file_with_bad_content_is_refused_with_its_name_and_the_reason(
    folder, was, becomes, reason
):
    rewritten(folder, NEXT_YEAR.replace(was, becomes))

    with pytest.raises(CalendarRefusedError) as refused:
        load_calendar(folder)

    assert refused.value.source == "2027.toml"
    assert reason in refused.value.reason


def test_file_saved_by_a_windows_editor_is_read(folder):
    (folder / "2027.toml").write_text(NEXT_YEAR, "utf-8-sig", newline="\r\n")

    assert load_calendar(folder).published(2027)


def test_file_that_is_not_utf_8_is_refused(folder):
    (folder / "2027.toml").write_bytes("title = '国务院'".encode("gb18030"))

    with pytest.raises(CalendarRefusedError, match=r"2027\.toml.*utf-8"):
        load_calendar(folder)


def test_year_that_stands_in_two_files_is_refused_with_both_names(folder):
    (folder / "copy.toml").write_text(NEXT_YEAR, "utf-8")

    with pytest.raises(CalendarRefusedError) as refused:
        load_calendar(folder)

    assert refused.value.source == "copy.toml"
    assert refused.value.reason == "year 2027 already stands in 2027.toml"


def test_one_calendar_does_not_take_two_notices_for_a_year():
    first = SHIPPED.years[0]

    with pytest.raises(ValidationError, match="year 2024 has two calendars"):
        Calendar(years=(first, first))


@pytest.mark.parametrize("name", ["empty", "missing"])
def test_folder_without_any_calendar_is_refused(tmp_path, name):
    (tmp_path / "empty").mkdir()

    with pytest.raises(CalendarRefusedError, match=r"no \.toml file is in that folder"):
        load_calendar(tmp_path / name)


def test_calendar_survives_being_written_and_read_as_json():
    again = Calendar.model_validate_json(SHIPPED.model_dump_json())

    assert again == SHIPPED
    assert again.version == SHIPPED.version


def test_notice_must_have_a_title_and_a_real_year():
    with pytest.raises(ValidationError):
        CalendarYear(year=0, title="", holidays=())


def rewritten(folder, text):
    file = folder / "2027.toml"
    file.write_text(text, "utf-8")
    return file
