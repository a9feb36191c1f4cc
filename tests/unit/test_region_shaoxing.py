"""Shaoxing (绍兴): joint centres of towns, studios, and a county centre that sorts."""

from __future__ import annotations

from shared.events.vocabulary import Flag, HandoffKind, RouteReason, Source, Tier
from tests.unit.regions_given import ask, lead

FENGQIAO = "330681109"
PASSED_UP = {"reason": RouteReason.PASSED_UP, "tier": Tier.VILLAGE}
DISPATCHED = {"reason": RouteReason.DISPATCHED, "tier": Tier.COUNTY}


def test_a_hard_dispute_goes_to_the_joint_mediation_centre_of_the_town():
    found = ask("shaoxing", "contract", FENGQIAO, flags=[Flag.CROSS_AREA])
    assert found.lead.id == "joint-fengqiao"
    assert set(found.co_handlers) >= {"police-fengqiao", "tribunal-fengqiao"}
    assert "procuratorate-zhuji" in found.co_handlers


def test_what_a_village_passes_up_goes_to_the_brand_studio_first():
    place = f"{FENGQIAO}391"
    assert lead("shaoxing", "neighbour", place) == "pmc-village-fengxi"
    assert lead("shaoxing", "neighbour", place, **PASSED_UP) == "studio-fengqiao"


def test_the_county_centre_sorts_what_the_hotline_brings_and_sends_it_down():
    hotline = {"source": Source.HOTLINE, "sender": "hotline-shaoxing"}
    centre = ask("shaoxing", "neighbour", f"{FENGQIAO}391", **hotline).lead
    assert (centre.id, centre.dispatcher) == ("centre-zhuji", True)
    again = hotline | DISPATCHED
    down = lead("shaoxing", "neighbour", f"{FENGQIAO}391", **again)
    assert down == "pmc-village-fengxi"
    assert lead("shaoxing", "contract", FENGQIAO, **again) == "room-centre-zhuji"


def test_a_major_dispute_out_of_time_is_supervised_and_not_handed_up():
    (clock,) = ask("shaoxing", "contract", FENGQIAO, side=12).decision.clocks
    assert (clock.on_breach, clock.provisional) == ("supervise", True)
    (usual,) = ask("otog", "contract", "150624100", side=12).decision.clocks
    assert usual.on_breach == "escalate"


def test_a_court_keeps_its_own_limit_in_a_major_dispute():
    court = {"source": Source.COURT, "asked": HandoffKind.COURT_DELEGATED_MEDIATION}
    (clock,) = ask("shaoxing", "contract", FENGQIAO, side=12, **court).decision.clocks
    assert (clock.period.amount, clock.on_breach) == (30, "escalate")


def test_a_trader_of_a_market_is_heard_by_the_committee_of_the_market():
    keqiao = "330603090"
    assert lead("shaoxing", "contract", keqiao) == "pmc-keqiao-street"
    stall = lead("shaoxing", "contract", keqiao, organisation="stall-keqiao-1")
    assert stall == "market-keqiao-street-pmc"
