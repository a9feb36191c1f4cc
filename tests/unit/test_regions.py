"""The shipped regions: each loads, says only what differs, and tells what is invented."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from services.routing.dmn import Model, read_xml
from services.routing.packs import check_places
from shared.bodies import BodyKind
from tests.unit.regions_given import DAY, NAMES, SHIPPED, bodies, pack, region

ZONE = "150624404"
"""A statistical code: a zone with an enterprise committee and no township's."""


def own_tables(name: str) -> Model:
    return read_xml((SHIPPED / name / "routing.dmn").read_bytes(), "routing.dmn")


@pytest.mark.parametrize("name", [*NAMES, "sample"])
def test_a_shipped_region_loads_and_inherits_from_the_baseline(name):
    found = pack(name)
    assert found.head.inherits == "baseline"
    assert found.version.startswith(f"{name}-2026.1@")
    assert found.profiles == pack("baseline").profiles
    assert found.clocks.keys() >= pack("baseline").clocks.keys()
    check_places(found, region(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_region_says_only_what_differs(name):
    for decision in own_tables(name).decisions:
        below = {row.id: row for row in pack("baseline").tables[decision.name].rows}
        resolved = {row.id: row for row in pack(name).tables[decision.name].rows}
        for rule in decision.logic.rules:
            assert rule.id in resolved
            if old := below.get(rule.id):
                row = resolved[rule.id]
                assert (row.entries, row.conditions) != (old.entries, old.conditions)


@pytest.mark.parametrize("name", NAMES)
def test_no_element_of_a_regions_tables_shares_its_id_with_another(name):
    tables = ElementTree.fromstring((SHIPPED / name / "routing.dmn").read_bytes())
    ids = [found.get("id") for found in tables.iter() if found.get("id")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_verified_is_marked_provisional(name):
    marked = {False: 0, True: 0}
    for decision in own_tables(name).decisions:
        for _, _, law, provisional in [r.annotations for r in decision.logic.rules]:
            assert law
            assert (provisional == "yes") or "待核" not in law
            marked[provisional == "yes"] += 1
    assert marked[True]
    for source in pack(name).head.sources:
        assert source.provisional or not re.search("待核|未", source.read)


@pytest.mark.parametrize("name", NAMES)
def test_bodies_and_places_that_are_invented_say_so(name):
    for body in region(name).bodies.values():
        assert "样例" in body.name
        assert "Sample" in body.name_en
    notes = (SHIPPED / name / "divisions.csv").read_text("utf-8").splitlines()
    for line in notes[1:]:
        assert ("样例" in line.split(",")[1]) is ("虚构" in line)


@pytest.mark.parametrize("name", NAMES)
def test_every_county_and_township_has_the_bodies_that_disputes_start_from(name):
    at = {(body.place, body.kind) for body in region(name).bodies.values()}
    county = {"JUSTICE_BUREAU", "COURT", "PSB", "PETITION_OFFICE", "PROCURATORATE"}
    town = {"JUDICIAL_OFFICE", "POLICE_STATION", "ROOM_POLICE"}
    divisions = [d for d in region(name).divisions if d.in_force(DAY)]
    for code in [d.code for d in divisions if not d.code.endswith("00")]:
        wanted = {6: county, 9: town}.get(len(code), set())
        there = {kind for place, kind in at if place == code}
        assert code == ZONE or there >= wanted, code
        assert len(code) == 6 or any(kind.startswith("PMC_") for kind in there), code


@pytest.mark.parametrize("name", NAMES)
def test_every_county_has_a_public_body_that_designates(name):
    there = {b.place for b in bodies(name, BodyKind.JUSTICE_BUREAU) if b.public}
    counties = region(name).divisions.counties
    assert {d.code for d in counties if d.in_force(DAY)} <= there


def test_the_linkage_is_a_setting_of_the_region():
    names = {pack(name).linkage.name for name in NAMES}
    assert len(names) == 4
    assert pack("otog").linkage == pack("baseline").linkage
    assert BodyKind.TRIBUNAL not in pack("beijing").linkage.members
