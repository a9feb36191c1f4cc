"""Beijing (北京): five lanes, districts, and no prefecture."""

from __future__ import annotations

import pytest

from services.routing.directory import Directory
from services.routing.sought import Sought
from shared.bodies import BodyKind
from shared.events.routing import Action
from shared.events.vocabulary import Flag, HandoffKind, Source, Tier
from tests.unit.regions_given import DAY, ask, lead, region

CHAOYANG = "110105190"


def test_beijing_has_districts_right_below_the_municipality():
    divisions = region("beijing").divisions
    assert [d.name for d in divisions.ancestors("110105")] == ["北京市"]
    assert "110100" not in divisions
    assert len([d for d in divisions.counties if d.in_force(DAY)]) == 16
    tiers = {body.tier for body in region("beijing").bodies.values()}
    assert Tier.PREFECTURE not in tiers


def test_a_district_that_was_merged_is_served_by_the_one_that_took_it_over():
    found = Directory(region("beijing")).find(
        Sought((BodyKind.PMC_COUNTY,), "contract", "110104", DAY)
    )
    assert found.body.id == "pmc-xicheng"
    assert found.steps[0] == ("place-succeeded", "110104", "110102")


def test_a_dispute_across_areas_is_for_the_district():
    found = ask("beijing", "neighbour", CHAOYANG, flags=[Flag.CROSS_AREA])
    assert (found.row, found.lead.id) == ("BJ32", "pmc-chaoyang")
    minor = [Flag.CROSS_AREA, Flag.MINOR_INVOLVED]
    police = {"source": Source.POLICE, "sender": "police-chaoyang-town"}
    kept = ask("beijing", "neighbour", CHAOYANG, flags=minor, **police)
    assert kept.decision.action is Action.STAY


@pytest.mark.parametrize(
    ("kind", "place", "organisation", "body"),
    [
        ("neighbour", "110105190391", None, "pmc-village-chaoyang-town"),
        ("labour_other", "110105090", None, "pmc-chaoyang-street"),
        ("contract", "110105090", "firm-chaoyang-1", "chamber-chaoyang"),
        ("labour_other", "110105090", "unit-chaoyang-2", "enterprise-chaoyang"),
        ("traffic", "110105090", None, "trade-chaoyang"),
        ("medical", "110105090", None, "trade-medical-beijing"),
    ],
)
def test_the_five_lanes(kind, place, organisation, body):
    assert lead("beijing", kind, place, organisation=organisation) == body


def test_a_tribunal_sends_to_the_room_that_stands_with_it():
    asked = HandoffKind.COURT_DELEGATED_MEDIATION
    sent = {"source": Source.COURT, "sender": "tribunal-chaoyang-town", "asked": asked}
    found = lead("beijing", "contract", CHAOYANG, **sent)
    assert found == "room-tribunal-chaoyang-town"
