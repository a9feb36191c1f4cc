"""Otog Banner (鄂托克旗): three kinds of grid, twin centres, grassland."""

from __future__ import annotations

import pytest

from shared.bodies import BodyKind
from shared.events.vocabulary import Flag, Tier
from tests.unit.regions_given import ask, bodies, lead, pack, region


def test_grassland_is_a_category_of_otog_that_rolls_up_to_land():
    assert pack("otog").kinds["grassland"].row18 == "07"
    assert "grassland" not in pack("beijing").kinds
    found = ask("otog", "grassland", "150624201391")
    assert (found.decision.severity, found.lead.id) == ("complex", "pmc-arbas")
    assert "grassland-otog" in found.co_handlers
    title = ask("otog", "grassland", "150624201", flags=[Flag.TITLE_MATTER])
    assert title.decision.routes[0] == "government_decision"


def test_every_gacha_has_a_basic_grid_and_every_sumu_a_responsibility_grid():
    villages = [b for b in region("otog").bodies.values() if b.tier is Tier.VILLAGE]
    assert all(len(body.grids) == 2 for body in villages)
    centres = {body.place for body in bodies("otog", BodyKind.GRID_CENTRE)}
    assert {body.place[:9] for body in villages} == centres
    assert "grid-arbas" in ask("otog", "neighbour", "150624201391").co_handlers


@pytest.mark.parametrize(
    ("organisation", "kind", "place", "body"),
    [
        (None, "wage_arrears", "150624101", "pmc-qipanjing"),
        ("mine-qipanjing-1", "wage_arrears", "150624101", "pmc-mine-qipanjing"),
        ("shop-wulan-1", "consumer_other", "150624100", "pmc-shops-wulan"),
        (None, "wage_arrears", "150624404", "pmc-zone"),
    ],
)
def test_the_exclusive_grid_of_a_firm_comes_first(organisation, kind, place, body):
    assert lead("otog", kind, place, organisation=organisation) == body


def test_the_twin_centres_take_a_major_dispute_together():
    found = ask("otog", "contract", "150624100", side=12)
    assert found.lead.id == "centre-otog"
    assert found.co_handlers[0] == "legal-centre-otog"
