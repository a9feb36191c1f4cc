"""Bodies where nobody answers are passed over, said so, and somebody is told."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from services.routing.directory import Directory, Sought, Told
from shared.bodies import BodyKind, OutsideHours, Resolution
from shared.calendar import SHANGHAI, load_calendar
from shared.region import Region
from tests.unit.directory_given import add, body, division, edit, region_of, sample_in

VILLAGE, TOWN = BodyKind.PMC_VILLAGE, BodyKind.PMC_TOWNSHIP
HEADER = "body,acceptor,deputy_of,channel,valid_from,valid_to,away_from,away_to,note"
DAY = date(2026, 3, 2)


def region_with(tmp_path, *rows):
    folder = sample_in(tmp_path)
    return Region.load(add(folder, "acceptors.csv", HEADER, *rows))


def sought(day=DAY, **more):
    plain = {"kind": "neighbour", "place": "330681109201", "day": day}
    return Sought(kinds=(VILLAGE, TOWN), **{**plain, **more})


def test_a_body_without_posts_is_taken_to_have_one():
    found = Directory(Region.load("sample")).find(sought())
    assert found.body.id == "pmc-village-fengxi"
    assert found.asleep == ()


@pytest.mark.parametrize(
    "row",
    [
        "pmc-village-fengxi,desk,,,2024-01-01,,2026-03-01,2026-03-02,",  # its last day
        "pmc-village-fengxi,desk,,,2024-01-01,,2026-03-02,,",  # nobody knows until when
        "pmc-village-fengxi,desk,,,2024-01-01,2026-03-01,,,",  # the term has run out
        "pmc-village-fengxi,desk,,,2026-03-03,,,,",  # not in office yet
    ],
)
def test_a_body_where_nobody_answers_is_passed_over_with_the_reason(tmp_path, row):
    found = Directory(region_with(tmp_path, row)).find(sought())
    assert found.body.id == "pmc-fengqiao"
    assert found.asleep == ("pmc-village-fengxi",)
    assert found.steps[0] == (Told.NOT_AWAKE, "pmc-village-fengxi", "2026-03-02")


def test_on_the_day_after_the_absence_the_body_is_found_again(tmp_path):
    away = "pmc-village-fengxi,desk,,,2024-01-01,,2026-03-01,2026-03-02,"
    directory = Directory(region_with(tmp_path, away))
    assert directory.find(sought(date(2026, 3, 3))).body.id == "pmc-village-fengxi"


def test_a_deputy_answers_while_the_post_is_away(tmp_path):
    region = region_with(
        tmp_path,
        "pmc-village-fengxi,desk,,,2024-01-01,,2026-03-01,2026-03-05,",
        "pmc-village-fengxi,desk,,,2024-01-01,,2026-05-01,2026-05-05,",
        "pmc-village-fengxi,A-017,desk,email:duty@example.invalid,2024-01-01,,,,",
    )
    found = Directory(region).find(sought())
    assert found.body.id == "pmc-village-fengxi"
    assert (Told.DEPUTY, "pmc-village-fengxi", "A-017", "desk") in found.steps
    later = Directory(region).find(sought(date(2026, 4, 1)))
    assert Told.DEPUTY not in {step[0] for step in later.steps}


def test_without_asking_for_somebody_awake_a_silent_body_is_found(tmp_path):
    away = "pmc-village-fengxi,desk,,,2024-01-01,,2026-03-01,,"
    directory = Directory(region_with(tmp_path, away))
    assert directory.find(sought(awake=False)).body.id == "pmc-village-fengxi"
    assert directory.candidates(sought())[0].id == "pmc-village-fengxi"


def test_who_set_a_body_up_is_alarmed_or_else_the_public_body_around_it():
    directory = Directory(Region.load("sample"))
    public = directory.region.bodies
    for id, found in public.items():
        alarmed = directory.alarm_for(id, DAY)
        assert alarmed and alarmed != id and public[alarmed].public
        if found.parent and public[found.parent].public:
            assert alarmed == found.parent


def test_nobody_is_alarmed_where_no_public_body_is_awake():
    places = [division("330681"), division("330681109")]
    directory = Directory(region_of(places, [body("alone", "330681109")]))
    assert directory.alarm_for("alone", DAY) is None


def at(moment):
    return datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "outside_hours", "found"),
    [
        ("2026-03-02T10:00", OutsideHours.SKIP, "office"),
        ("2026-03-02T22:00", OutsideHours.SKIP, "county"),
        ("2026-03-02T22:00", OutsideHours.WAIT, "office"),
    ],
)
def test_a_closed_body_is_passed_over_only_if_the_rules_say_so(
    moment, outside_hours, found
):
    places = [division("330681"), division("330681109")]
    bodies = [
        body("office", "330681109", hours="work"),
        body("county", "330681", hours="24h"),
    ]
    resolution = Resolution(outside_hours=outside_hours)
    directory = Directory(region_of(places, bodies), resolution, load_calendar())
    told = directory.find(
        sought(place="330681109", at=at(moment))._replace(kinds=(TOWN,))
    )
    assert told.body.id == found
    assert told.asleep == ()
    if found == "county":
        assert told.steps[0] == (Told.OUTSIDE_HOURS, "office", "work")


def test_a_silent_body_is_not_asked_to_help(tmp_path):
    away = "lawfirm-fengqiao,desk,,,2024-01-01,,2026-03-01,,"
    directory = Directory(region_with(tmp_path, away))
    wanted = sought()._replace(kinds=(BodyKind.LAW_FIRM,))
    assert directory.co_handlers(wanted, but=[]) == ()


def test_hours_and_capacity_are_read_from_the_columns(tmp_path):
    folder = sample_in(tmp_path)
    head, first, *others = (folder / "bodies.csv").read_text("utf-8").splitlines()
    lines = [f"{head},hours,capacity", f"{first},work,12", *(f"{o},," for o in others)]
    (folder / "bodies.csv").write_text("\n".join(lines), "utf-8")
    first = next(iter(Region.load(folder).bodies.values()))
    assert (first.hours.written, first.capacity) == ("work", 12)


def test_the_digest_names_the_posts_too(tmp_path):
    before = Region.load("sample").digest
    folder = sample_in(tmp_path)
    assert Region.load(folder).digest == before
    with_posts = Region.load(add(folder, "acceptors.csv", HEADER)).digest
    row = "pmc-fengqiao,desk,,,2024-01-01,,,,"
    assert (
        len({before, with_posts, Region.load(add(folder, "acceptors.csv", row)).digest})
        == 3
    )
    assert edit(folder, "acceptors.csv", "desk", "duty")
