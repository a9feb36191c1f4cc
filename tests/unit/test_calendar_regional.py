"""Calendars of regions: what they have from the national one, and what is refused."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from services.cli import doctor
from services.cli.words import in_words
from services.problems import problem
from services.region_faults import told
from services.routing.explaining.words import word
from services.routing.packs import Pack
from services.settings import Settings
from services.texts import Texts, text
from shared.calendar import SHANGHAI, Calendar, Period, Unit, load_calendar
from shared.calendar_faults import CalendarRefusedError
from shared.region import Region, RegionRefusedError
from tests.unit.calendars_given import national, own_calendars, regional
from tests.unit.directory_given import edit, sample_in

NATIONAL = load_calendar()
THURSDAY, SATURDAY = date(2026, 3, 5), date(2026, 3, 7)
FESTIVE = {2026: "holidays = [2026-03-05]\nworkdays = [2026-03-07]"}
TWO_DAYS = Period(amount=2, unit=Unit.WORKING_DAYS)
WEDNESDAY = datetime(2026, 3, 4, 10, tzinfo=SHANGHAI)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    return own_calendars(tmp_path, monkeypatch)


def refusal(name):
    with pytest.raises(CalendarRefusedError) as refused:
        load_calendar(name)
    return refused.value


def test_a_regional_calendar_has_all_national_days_but_those_it_names(folder):
    regional(folder, "festive", FESTIVE)
    found = load_calendar("festive")

    assert found.is_rest_day(THURSDAY) and found.is_working_day(SATURDAY)
    assert NATIONAL.is_working_day(THURSDAY) and NATIONAL.is_rest_day(SATURDAY)
    assert found.is_rest_day(date(2026, 10, 6))
    assert found.is_working_day(date(2026, 2, 14))
    assert found.deadline(WEDNESDAY, TWO_DAYS).due.date() == SATURDAY
    assert NATIONAL.deadline(WEDNESDAY, TWO_DAYS).due.date() == date(2026, 3, 6)


def test_a_calendar_inherits_over_several(folder):
    regional(folder, "festive", FESTIVE)
    regional(folder, "banner", {2026: "holidays = [2026-03-06]"}, "festive")
    found = load_calendar("banner")

    assert [found.is_rest_day(date(2026, 3, day)) for day in (4, 5, 6)] == [0, 1, 1]
    assert found.version.startswith("banner:2024-2026@")


@pytest.mark.parametrize("years", [{}, {2026: "provisional = true\nholidays = []"}])
def test_a_year_that_no_local_notice_settles_is_provisional(folder, years):
    regional(folder, "festive", years)
    found = load_calendar("festive")

    assert found.deadline(WEDNESDAY, TWO_DAYS).provisional
    assert not NATIONAL.deadline(WEDNESDAY, TWO_DAYS).provisional
    assert not found.published(2026)


def test_a_year_that_the_local_notice_covers_is_settled(folder):
    regional(folder, "festive", FESTIVE)
    found = load_calendar("festive")

    assert not found.deadline(WEDNESDAY, TWO_DAYS).provisional
    assert found.settled(date(2026, 12, 28)) and not found.settled(date(2026, 12, 30))


def test_a_notice_more_is_another_version_and_needs_no_other_name(folder):
    own = regional(folder, "festive", {})
    before = load_calendar("festive").version
    regional(folder, "festive", FESTIVE)
    after = load_calendar("festive").version
    text = (own / "2026.toml").read_text("utf-8")
    (own / "2026.toml").write_text(text + "provisional = true\n", "utf-8")

    assert len({before, after, load_calendar("festive").version}) == 3


def test_a_regional_calendar_survives_being_written_and_read_as_json(folder):
    regional(folder, "festive", FESTIVE)
    found = load_calendar("festive")
    again = Calendar.model_validate_json(found.model_dump_json(exclude_defaults=True))

    assert (again, again.version) == (found, found.version)


def test_the_countrys_next_year_is_added_without_a_change_of_the_release(folder):
    own = national(folder)
    (own / "2027.toml").write_text(
        'year = 2027\ntitle = "an invented notice"\n'
        "holidays = [2027-01-01, 2027-05-01, 2027-10-01]\n",
        "utf-8",
    )

    assert load_calendar().published(2027)
    assert load_calendar("xinjiang").version.startswith("xinjiang:2024-2027@")


@pytest.mark.parametrize(
    ("days", "why", "named"),
    [
        ("holidays = [2026-03-07]\nworkdays = [2026-03-07]", "worked-and-off", "03-07"),
        ("holidays = []\nworkdays = [2026-10-06]", "off-above", "2026-10-06"),
        ("holidays = []\nworkdays = [2026-03-05]", "worked-above", "2026-03-05"),
        ("holidays = [2025-12-31]", "foreign-day", "2025-12-31"),
        ("holidays = [2026-03-05, 2026-03-05]", "day-twice", "2026-03-05"),
        ("", "refused", "holidays"),
    ],
)
def test_local_days_that_contradict_are_refused_with_file_and_remedy(
    folder, days, why, named
):
    regional(folder, "festive", {2026: days})
    found = refusal("festive")

    assert found.code == f"calendar-{why}"
    assert found.source.startswith("festive/2026")
    for said in in_words(found).splitlines()[:2]:
        assert named in said and "festive/2026" in said
    assert problem(found)["title_en"] == text(f"calendar-{why}.title", "en")


def test_two_files_for_a_local_year_are_refused_with_both_names(folder):
    own = regional(folder, "festive", FESTIVE)
    (own / "again.toml").write_bytes((own / "2026.toml").read_bytes())
    found = refusal("festive")

    assert found.code == "calendar-year-twice"
    assert "festive/again.toml" in in_words(found) and "2026.toml" in in_words(found)


def test_calendars_that_inherit_from_each_other_are_refused(folder):
    regional(folder, "one", FESTIVE, "other")
    regional(folder, "other", FESTIVE, "one")
    found = refusal("one")

    assert (found.code, found.source) == ("calendar-circle", "other/calendar.toml")
    assert "one" in in_words(found)


@pytest.mark.parametrize("name", ["atlantis", "../china", ".", "/etc"])
def test_a_name_that_is_none_is_refused_with_those_that_are(folder, name):
    regional(folder, "festive", FESTIVE)
    told = in_words(refusal(name))

    for known in ("china", "festive", "xinjiang", "FENGQIAO_CALENDARS"):
        assert known in told


def test_a_head_that_says_anything_else_is_refused(folder):
    own = regional(folder, "festive", FESTIVE)
    with (own / "calendar.toml").open("a", encoding="utf-8") as file:
        file.write('inherit = "china"\n')
    found = refusal("festive")

    assert found.source == "festive/calendar.toml" and "inherit" in found.reason


def test_a_region_names_its_calendar_or_has_that_of_the_country(tmp_path):
    assert Region.load("shaoxing").head.calendar == "china"
    assert Region.load("changji").head.calendar == "xinjiang"


@pytest.mark.parametrize("load", [Region.load, Pack.load])
def test_a_region_with_a_calendar_that_is_nowhere_is_refused(tmp_path, load):
    own = named(tmp_path, "atlantis")
    with pytest.raises(RegionRefusedError) as refused:
        load(own)

    (found,) = told(refused.value)
    assert found["field"] == "region.toml, calendar"
    assert "没有名为 atlantis 的日历" in found["zh"] and "xinjiang" in found["en"]


def test_the_digest_of_a_pack_covers_the_name_and_not_the_days(tmp_path, folder):
    own = named(tmp_path, "festive")
    regional(folder, "festive", {})
    before = Pack.load(own)
    regional(folder, "festive", FESTIVE)
    after = Pack.load(own)

    assert (before.digest, before.calendar) == (after.digest, "festive")
    assert before.digest != Pack.load("sample").digest
    assert Pack.restored(before.archive()).calendar == "festive"


def test_a_pack_of_before_calendars_had_names_is_of_the_country():
    shipped = Pack.load("shaoxing")

    assert b'"calendar":' not in shipped.archive()
    assert Pack.restored(shipped.archive()).calendar == "china"


def test_the_shipped_regional_calendar_claims_no_year_that_it_does_not_know():
    found = load_calendar("xinjiang")

    assert not any(found.published(year) for year in range(2024, 2030))
    assert found.is_rest_day(date(2025, 6, 9)) and found.is_rest_day(date(2025, 3, 31))
    assert NATIONAL.is_working_day(date(2025, 6, 9))
    (local,) = found.local
    assert all(year.basis and year.provisional for year in local.years)


def test_the_doctor_looks_at_the_calendar_of_the_region(folder, tmp_path):
    own = named(tmp_path, "festive")
    regional(folder, "festive", {})
    ill = doctor._calendar(Settings(region=str(own)))
    country = doctor._calendar(Settings(region="shaoxing"))
    regional(
        folder, "festive", {2026: "holidays = [2026-10-06]\nworkdays = [2026-10-06]"}
    )
    broken = doctor._calendar(Settings(region=str(own)))

    assert (ill.well, ill.facts["name"]) == (False, "festive")
    assert "festive" in ill.words("zh") and country.facts["name"] == "china"
    assert not broken.well and "2026-10-06" in broken.words("en")


def test_explanations_and_stories_have_a_word_for_the_version_of_a_calendar():
    assert word("version", "calendar").zh == "日历"
    assert Texts("services.audit").raw("words.version.calendar", "zh") == "日历"


def test_a_folder_of_own_calendars_that_is_not_there_is_no_silence(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("FENGQIAO_CALENDARS", str(tmp_path / "nowhere"))

    with pytest.raises(CalendarRefusedError, match="nowhere") as refusal:
        load_calendar("china")

    assert refusal.value.code == "calendar-no-folder"


def named(tmp_path, calendar):
    """The sample region with another calendar."""
    own = sample_in(tmp_path)
    return edit(
        own, "region.toml", "valid_from", f'calendar = "{calendar}"\nvalid_from'
    )
