"""Changji (昌吉): guidance committees assign, rooms stand with those who send disputes."""

from __future__ import annotations

from shared.bodies import BodyKind
from shared.events.routing import Action
from shared.events.vocabulary import Flag, HandoffKind, RouteReason, Source, Tier
from tests.unit.regions_given import ask, bodies, lead

MANAS = "652324"
FARM = "652324521"
DISPATCHED = {"reason": RouteReason.DISPATCHED, "tier": Tier.COUNTY}


def test_a_guidance_committee_assigns_and_neither_mediates_nor_designates():
    committees = bodies("changji", BodyKind.GUIDANCE_COMMITTEE)
    assert len(committees) == 7
    assert all(body.dispatcher for body in committees)
    assert not any(body.mediates or body.public for body in committees)


def test_a_group_that_the_procuratorate_entrusts_is_dispatched_to_the_courts_room():
    asked = {"asked": HandoffKind.ENTRUSTED_MEDIATION, "side": 120}
    sent = {"source": Source.PROCURATORATE, "sender": "procuratorate-manas", **asked}
    first = ask("changji", "consumer_other", MANAS, **sent)
    assert first.lead.id == "guidance-manas"
    assert "experts-manas" in first.co_handlers
    then = ask("changji", "consumer_other", MANAS, **sent, **DISPATCHED)
    assert then.decision.handoff is HandoffKind.DISPATCH_DOWN
    assert then.lead.id == "room-court-manas"
    assert set(then.co_handlers) >= {"consumer-manas", "market-manas", "court-manas"}


def test_a_petition_goes_to_the_room_that_stands_with_its_sender():
    asked = {"source": Source.PETITION, "asked": HandoffKind.PETITION_TO_MEDIATION}
    place = "652324100391"
    bureau = lead("changji", "neighbour", place, sender="petition-manas", **asked)
    assert bureau == "room-petition-manas"
    office = lead("changji", "neighbour", place, sender="petition-manas-town", **asked)
    assert office == "pmc-village-manas-town"


def test_a_county_without_a_finance_centre_is_served_by_the_prefectures():
    assert lead("changji", "finance", MANAS) == "finance-manas"
    assert lead("changji", "finance", "652328") == "finance-prefecture"


def test_an_administrative_dispute_has_a_centre_of_its_own_unless_nothing_is_civil():
    found = ask("changji", "administrative_dispute", MANAS)
    assert found.lead.id == "admin-centre-prefecture"
    law = ask("changji", "administrative_dispute", MANAS, flags=[Flag.ADMINISTRATIVE])
    assert law.decision.action is Action.LAW
    assert ask("otog", "administrative_dispute", "150624").decision.action is Action.LAW


def test_the_farm_inside_manas_leads_and_the_county_assists_across_the_border():
    found = ask("changji", "neighbour", FARM, flags=[Flag.CROSS_AREA])
    assert (found.row, found.lead.id) == ("CJ18", "pmc-farm147")
    assert found.co_handlers[0] == "guidance-manas"
