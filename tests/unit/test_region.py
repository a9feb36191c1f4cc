"""The sample region, divisions and their days, and what a region refuses to load."""

from __future__ import annotations

import shutil
from datetime import date
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bodies import BodyKind, ChannelKind
from shared.divisions import (
    DivisionNotInForceError,
    MalformedDivisionError,
    UnknownDivisionError,
    covers,
    is_division_code,
    parent_of,
)
from shared.events.errors import FengqiaoError
from shared.events.vocabulary import HandoffKind, Source, Tier
from shared.region import Region, RegionRefusedError

SAMPLE = resources.files("shared") / "regions" / "sample"
REGION = Region.load("sample")
DAY = date(2026, 3, 2)


@pytest.fixture
def folder(tmp_path):
    with resources.as_file(SAMPLE) as sample:
        shutil.copytree(sample, tmp_path / "region")
    return tmp_path / "region"


def edit(folder: Path, file: str, old: str, new: str) -> Path:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return folder


# Divisions


def test_a_code_in_force_is_found():
    assert REGION.divisions.get("330681109", DAY).name == "枫桥镇"


def test_the_divisions_around_a_village():
    around = REGION.divisions.ancestors("330681109201")
    assert [division.name for division in around] == [
        "枫桥镇",
        "诸暨市",
        "绍兴市",
        "浙江省",
    ]


@pytest.mark.parametrize("given", ["", "33", "33068110", "33068110920x", "０" * 6])
def test_what_is_no_code_is_malformed(given):
    with pytest.raises(MalformedDivisionError):
        REGION.divisions.get(given, DAY)


def test_a_code_that_never_was_is_unknown():
    with pytest.raises(UnknownDivisionError, match="330681109999"):
        REGION.divisions.get("330681109999", DAY)


def test_a_code_that_has_ended_names_its_days_and_its_successor():
    with pytest.raises(DivisionNotInForceError) as refused:
        REGION.divisions.get("330681109203", DAY)
    assert refused.value.facts == {
        "place": "330681109203",
        "day": "2026-03-02",
        "valid_from": "2018-01-01",
        "valid_to": "2023-12-31",
        "successor": "330681109202",
    }


@pytest.mark.parametrize(
    ("day", "in_force"),
    [
        (date(2017, 12, 31), False),  # the day before the first
        (date(2018, 1, 1), True),
        (date(2023, 12, 31), True),  # the last day is still in force
        (date(2024, 1, 1), False),
    ],
)
def test_a_code_is_in_force_from_its_first_to_its_last_day(day, in_force):
    division = next(d for d in REGION.divisions if d.code == "330681109203")
    assert division.in_force(day) is in_force


def test_an_ended_code_leads_to_the_one_that_took_it_over():
    today = REGION.divisions.today
    assert today("330681109203", DAY) == ("330681109203", "330681109202")
    assert today("330681109203", date(2020, 1, 1)) == ("330681109203",)
    assert today("330681109999", DAY) == ("330681109999",)


def test_the_counties_of_the_region():
    assert {county.code for county in REGION.divisions.counties} == {"330681", "652324"}


@given(st.sampled_from([division.code for division in REGION.divisions]))
def test_every_division_lies_in_all_above_it(code):
    above = parent_of(code)
    while above:
        assert is_division_code(above)
        assert covers(above, code)
        assert not covers(code, above)
        above = parent_of(above)


# Bodies, kinds, profiles


def test_every_body_can_be_reached_without_any_server():
    for body in REGION.bodies:
        kinds = {channel.kind for channel in REGION.channels(body)}
        assert ChannelKind.FILE in kinds


def test_every_village_and_town_has_a_committee():
    homes = {
        Tier.VILLAGE: BodyKind.PMC_VILLAGE,
        Tier.TOWN: BodyKind.PMC_TOWNSHIP,
    }
    for division in REGION.divisions:
        if division.in_force(DAY) and len(division.code) > 6:
            tier = Tier.VILLAGE if len(division.code) == 12 else Tier.TOWN
            assert any(
                body.place == division.code and body.kind is homes[tier]
                for body in REGION.bodies.values()
            )


def test_only_public_bodies_and_never_committees_designate():
    committees = ("PMC_", "ROOM_", "GUIDANCE_", "LAW_FIRM", "LEGAL_", "CONSUMER_")
    for body in REGION.bodies.values():
        assert not (body.public and body.kind.startswith(committees))


def test_stationed_rooms_name_their_host_and_who_set_them_up():
    for body in REGION.bodies.values():
        if body.kind.startswith("ROOM_"):
            assert body.host in REGION.bodies
            assert body.parent in REGION.bodies


def test_the_linkage_is_a_setting():
    assert REGION.head.linkage.name == "四所一庭"
    assert BodyKind.TRIBUNAL in REGION.head.linkage.members
    assert BodyKind.PETITION_OFFICE not in REGION.head.linkage.members


def test_every_kind_rolls_up_to_the_eighteen_rows():
    rows = {kind.row18 for kind in REGION.kinds.values()}
    assert len(rows) == 18
    assert REGION.kinds["finance"].row18 == "99"


@pytest.mark.parametrize(
    ("source", "amount", "unit", "provisional"),
    [
        (Source.POLICE, 24, "hours", True),
        (Source.PETITION, 15, "calendar_days", True),
        (Source.COURT, 7, "calendar_days", False),
        (Source.PROCURATORATE, 3, "working_days", False),
        (Source.OWN_APPLICATION, 3, "working_days", False),
    ],
)
def test_the_first_clock_of_a_source(source, amount, unit, provisional):
    clock = REGION.profiles[source].first_clock
    assert (clock.period.amount, clock.period.unit) == (amount, unit)
    assert clock.provisional is provisional
    assert clock.legal_basis


def test_a_sender_means_its_first_source_unless_it_says_otherwise():
    centre = REGION.senders["centre-zhuji"]
    assert centre.source is Source.HOTLINE
    assert Source.SCREENING in centre.sources


def test_what_a_source_may_ask_for():
    court = REGION.profiles[Source.COURT]
    assert court.handoff is HandoffKind.COURT_DELEGATED_MEDIATION
    assert HandoffKind.REFERRAL not in court.may_ask


# The digest


@pytest.mark.parametrize(
    "file", ["divisions.csv", "bodies.csv", "channels.csv", "senders.csv"]
)
def test_any_change_of_the_directory_is_another_digest(folder, file):
    before = Region.load(folder).digest
    assert before == REGION.digest
    with (folder / file).open("a", encoding="utf-8") as opened:
        opened.write("\n")
    assert Region.load(folder).digest != before


@pytest.mark.parametrize(
    ("old", "new", "another"),
    [
        # what the directory has from its head, or from the one above
        ('name_en = "Sample region', 'name_en = "Region', True),
        ('inherits = "baseline"', 'inherits = "changji"', True),
        ('inherits = "baseline"', 'inherits = "baseline"\ncalendar = "xinjiang"', True),
        # what is said of the rules, and to people who read the file
        ("sample-2026.1", "sample-2027.1", False),
        ("valid_from = 2024-01-01", "valid_from = 2027-01-01", False),
        ('code = "sample"', '# draft\ncode = "sample"', False),
        ("2024-01-01", '2024-01-01\n[resolution]\nprefer = ["stationed"]', False),
    ],
)
def test_what_a_head_says_of_its_rules_is_no_other_directory(folder, old, new, another):
    edit(folder, "region.toml", old, new)
    assert (Region.load(folder).digest != REGION.digest) == another


def test_a_file_saved_by_a_spreadsheet_loads(folder):
    path = folder / "bodies.csv"
    text = path.read_text("utf-8")
    path.write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    assert Region.load(folder).bodies == REGION.bodies


# What is refused


@pytest.mark.parametrize(
    ("file", "old", "new", "row", "reason"),
    [
        # a place that the region does not have
        (
            "bodies.csv",
            "village,330681109201",
            "village,330681109209",
            "row 2",
            "place",
        ),
        # a village committee at the code of a town
        (
            "bodies.csv",
            "village,330681109201",
            "village,330681109",
            "row 2",
            "tier village",
        ),
        ("bodies.csv", "PMC_VILLAGE", "PMC_HAMLET", "row 2", "kind"),
        ("bodies.csv", "village,330681109201", "hamlet,330681109201", "row 2", "tier"),
        ("bodies.csv", ",no,no,yes,", ",no,no,perhaps,", "row 2", "mediates"),
        ("bodies.csv", "2024-01-01,", "2024-13-01,", "row 2", "valid_from"),
        (
            "bodies.csv",
            "2024-01-01,,",
            "2024-01-01,2023-01-01,",
            "row 2",
            "ends before",
        ),
        # the same id twice
        ("bodies.csv", "pmc-village-fengdong", "pmc-village-fengxi", "row 3", "row 2"),
        (
            "bodies.csv",
            "police-fengqiao,pmc-",
            "police-elsewhere,pmc-",
            "row 5",
            "host",
        ),
        # a parent that is no body, then parents in a circle
        ("bodies.csv", ",,,justice-zhuji", ",,,justice-moon", "row 6", "parent"),
        ("bodies.csv", ",,,justice-zhuji", ",,,judicial-fengqiao", "row 6", "circle"),
        ("bodies.csv", "medical traffic", "medicine traffic", "row 13", "medicine"),
        ("bodies.csv", "id,name,", "id,title,", "header", "title"),
        ("bodies.csv", "pmc-fengqiao,枫", "pmc-fengqiao,a,枫", "row 4", "cells"),
        ("bodies.csv", "枫西样例村人", '"枫西样例村人', "row 2", "not CSV"),
        ("divisions.csv", "330681109,", "330682109,", "row 5", "330682"),
        ("divisions.csv", "652324,", "65232,", "row 11", "no code"),
        (
            "divisions.csv",
            "12-31,330681109202",
            "12-31,330681109299",
            "row 8",
            "successor",
        ),
        ("divisions.csv", "330681109202,枫", "330681109201,枫", "row 7", "row 6"),
        ("senders.csv", "police-manas", "police-moon", "row 3", "no body"),
        ("senders.csv", ",police,", ",policemen,", "row 2", "source"),
        (
            "senders.csv",
            "police-manas,police",
            "police-fengqiao,police",
            "row 3",
            "twice",
        ),
        ("channels.csv", ",file,", ",pigeon,", "row 2", "kind"),
        ("channels.csv", "pmc-village-fengxi,", "pmc-zhuji,", "the file", "no way"),
        ("region.toml", 'code = "sample"', 'code = "sample', "the file", "not TOML"),
    ],
)
def test_a_faulty_file_is_refused_with_its_row(folder, file, old, new, row, reason):
    edit(folder, file, old, new)
    with pytest.raises(RegionRefusedError) as refused:
        Region.load(folder)
    assert (refused.value.file, refused.value.row) == (file, row)
    assert reason in refused.value.reason
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("old", "new", "row", "reason"),
    [
        ('source = "court"', 'source = "police"', "profiles", "police stands there"),
        ('source = "court"', 'source = "moon"', "the file", "source"),
        ('may_ask = ["referral"]', 'may_ask = ["forward"]', "profiles, hotline", "ref"),
        ('code = "neighbour"', 'code = "contract"', "kinds", "twice"),
        ('code = "other"', 'code = "rest"', "kinds", "other is missing"),
        ('unit = "hours"', 'unit = "moons"', "the file", "unit"),
        ('"wait"', '"sleep"', "the file", "outside_hours"),
    ],
)
def test_a_fault_in_an_inherited_head_is_told_from_there(folder, old, new, row, reason):
    with resources.as_file(SAMPLE.parent / "baseline") as baseline:
        shutil.copytree(baseline, folder.parent / "baseline")
    edit(folder.parent / "baseline", "region.toml", old, new)
    with pytest.raises(RegionRefusedError) as refused:
        Region.load(folder)
    assert (refused.value.file, refused.value.row) == ("baseline/region.toml", row)
    assert reason in refused.value.reason
    assert refused.value.remedy


def test_a_region_changes_what_it_inherits_by_its_code(folder):
    with (folder / "region.toml").open("a", encoding="utf-8") as head:
        head.write(CHANGES)
    found = Region.load(folder)
    assert found.kinds["neighbour"].zh == "左邻右舍纠纷"
    assert list(found.kinds) == [*REGION.kinds, "grassland"]
    assert found.head.linkage == REGION.head.linkage


CHANGES = """
[[kinds]]
code = "neighbour"
row18 = "02"
zh = "左邻右舍纠纷"
en = "neighbours"

[[kinds]]
code = "grassland"
row18 = "07"
zh = "草牧场纠纷"
en = "grassland"
"""


@pytest.mark.parametrize("file", ["region.toml", "bodies.csv", "channels.csv"])
def test_a_missing_file_is_named(folder, file):
    (folder / file).unlink()
    with pytest.raises(RegionRefusedError) as refused:
        Region.load(folder)
    assert refused.value.file == file


def test_bytes_that_are_no_text_are_refused(folder):
    (folder / "senders.csv").write_bytes("body,source\n枫桥".encode("gb18030"))
    with pytest.raises(RegionRefusedError, match="UTF-8"):
        Region.load(folder)


def test_a_region_that_is_not_there_names_those_that_are():
    with pytest.raises(FengqiaoError, match="sample"):
        Region.load("atlantis")
