"""From kinds of body, a place and a day to one body, and the steps that lead there."""

from __future__ import annotations

import shutil
from datetime import date
from importlib import resources

import pytest

from services.routing.directory import Directory, Sought, Told
from shared.bodies import BodyKind
from shared.events.vocabulary import Tier
from shared.region import Region

DAY = date(2026, 3, 2)
VILLAGE, TOWN = BodyKind.PMC_VILLAGE, BodyKind.PMC_TOWNSHIP
DIRECTORY = Directory(Region.load("sample"))


def seek(*kinds, **more):
    plain = {"kind": "neighbour", "place": "330681109201", "day": DAY}
    return Sought(kinds=kinds, **{**plain, **more})


def found(*kinds, **more):
    body = DIRECTORY.find(seek(*kinds, **more)).body
    return body and body.id


@pytest.fixture
def moved(tmp_path):
    """A directory in which the village committee moved to a new body in March."""
    with resources.as_file(resources.files("shared") / "regions/sample") as sample:
        shutil.copytree(sample, tmp_path / "region")
    bodies = tmp_path / "region" / "bodies.csv"
    line = next(
        line
        for line in bodies.read_text("utf-8").splitlines()
        if line.startswith("pmc-village-fengxi")
    )
    ended = line.replace("2024-01-01,,", "2024-01-01,2026-02-28,")
    new = line.replace("-fengxi", "-new").replace("2024-01-01", "2026-03-01")
    text = bodies.read_text("utf-8").replace(line, f"{ended}\n{new}")
    bodies.write_text(text, "utf-8")
    with (tmp_path / "region" / "channels.csv").open("a", encoding="utf-8") as opened:
        opened.write("pmc-village-new,file,pmc-village-new,\n")
    return Directory(Region.load(tmp_path / "region"))


def test_the_order_of_kinds_counts_before_nearness():
    assert found(TOWN, VILLAGE) == "pmc-fengqiao"
    assert found(VILLAGE, TOWN) == "pmc-village-fengxi"


def test_the_nearest_body_of_a_kind_is_found():
    assert found(BodyKind.PETITION_OFFICE) == "petition-fengqiao"
    assert found(BodyKind.PETITION_OFFICE, place="330681") == "petition-zhuji"


def test_a_body_serves_the_places_inside_its_own_only():
    assert found(VILLAGE, place="330681109") is None
    assert found(VILLAGE, place="652324100201") == "pmc-village-mahe"


def test_no_body_below_the_tier_is_taken():
    assert found(VILLAGE, TOWN, from_tier=Tier.TOWN) == "pmc-fengqiao"


def test_a_specialised_body_takes_its_own_field_only():
    social = BodyKind.PMC_SOCIAL
    assert found(social, TOWN, kind="medical") == "pmc-trade-zhuji"
    assert found(social, TOWN, kind="neighbour") == "pmc-fengqiao"


def test_only_a_public_body_designates():
    designators = (BodyKind.GUIDANCE_COMMITTEE, BodyKind.JUSTICE_BUREAU)
    assert found(*designators, place="652324", public=True) == "justice-manas"


def test_a_body_that_is_passed_over_leaves_its_reason():
    skip = {"pmc-village-fengxi": Told.PASSED_OVER}
    assert DIRECTORY.find(seek(VILLAGE, TOWN, skip=skip)).steps == (
        (Told.PASSED_OVER, "pmc-village-fengxi"),
        (Told.FOUND, "pmc-fengqiao", "PMC_TOWNSHIP", "330681109"),
    )


def test_a_body_counts_on_the_days_it_is_in_force(moved):
    before = moved.find(seek(VILLAGE, day=date(2026, 2, 28)))
    after = moved.find(seek(VILLAGE, day=date(2026, 3, 1)))
    assert before.body.id == "pmc-village-fengxi"
    assert after.body.id == "pmc-village-new"
    assert after.steps[0] == (Told.NOT_IN_FORCE, "pmc-village-fengxi", "2026-03-01")


def test_the_search_goes_on_where_the_place_went():
    assert DIRECTORY.find(seek(VILLAGE, place="330681109203")).steps == (
        (Told.PLACE_SUCCEEDED, "330681109203", "330681109202"),
        (Told.FOUND, "pmc-village-fengdong", "PMC_VILLAGE", "330681109202"),
    )


def test_nobody_is_found_where_nobody_is():
    assert DIRECTORY.find(seek(VILLAGE, place="110101")).steps == (
        (Told.NO_BODY, "110101", "PMC_VILLAGE"),
    )


def test_one_co_handler_of_each_kind_is_invited_and_never_the_lead():
    kinds = (BodyKind.PETITION_OFFICE, BodyKind.LAW_FIRM, BodyKind.WOMENS_FED)
    assert DIRECTORY.co_handlers(seek(*kinds), but=[]) == (
        "petition-fengqiao",
        "lawfirm-fengqiao",
    )
    assert DIRECTORY.co_handlers(seek(*kinds), but=["petition-fengqiao"]) == (
        "petition-zhuji",
        "lawfirm-fengqiao",
    )
