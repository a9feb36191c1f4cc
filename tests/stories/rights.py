"""Stories of rights: to law at any time, safety first, nobody bound by others."""

from __future__ import annotations

from typing import Any

from tests.stories.cases import (
    CONTRACT,
    COURT,
    FAMILY,
    GUIDANCE,
    GYM,
    NEIGHBOURS,
    POLICE,
    PROCURATORATE,
    ROOM,
    TOWN,
    VILLAGE,
)
from tests.stories.telling import Teller

MEMBERS = 120
AGREED: dict[str, Any] = {
    "amount": {"yuan": "60000", "exactness": "at_least"},
    "performed": True,
}


async def a_party_refuses_and_is_led_to_law(tell: Teller) -> None:
    """One clear refusal ends mediation; the lawful ways are told, and it is closed."""
    case = await tell.refer(POLICE, **NEIGHBOURS)
    await case.does(VILLAGE, "accept")

    await case.does(VILLAGE, "record_consent", party=2, willing=False)
    assert case.row["stage"] == "led_to_law"
    (led,) = case.told("dispute.led_to_law")
    assert led["routes"] == ["court", "legal_aid"]
    told = [notice["to"] for notice in case.told("notice.queued")]
    assert {"party:1", "party:2"} <= set(told)
    await case.is_closed_by(VILLAGE, "letter")


async def a_party_goes_to_law_in_the_middle(tell: Teller) -> None:
    """Suing is never refused, also not while mediation goes on."""
    case = await tell.refer(POLICE, **NEIGHBOURS)
    await case.does(VILLAGE, "accept")
    await case.is_mediated_by(VILLAGE)
    await tell.days(2)

    await case.does(VILLAGE, "choose_law", party=1)
    assert case.row["stage"] == "led_to_law"
    (ended,) = case.told("outcome.recorded")
    assert ended["end_reason"] == "suit_filed"
    await case.is_closed_by(VILLAGE)


async def violence_at_home_stays_with_the_police(tell: Teller) -> None:
    """No offer, no letter to anybody at home; a person decides every day anew."""
    case = await tell.refer(POLICE, **FAMILY)
    assert case.standing() == ("kept", POLICE, None)

    await tell.days(1.5)
    assert len(case.told("supervision.issued")) == 1
    await case.does(POLICE, "record_outcome", result="not_accepted")
    await case.is_closed_by(POLICE)

    assert case.told("handoff.offered") == []
    told = {notice["to"] for notice in case.told("notice.queued")}
    assert not any(to.startswith("party:") for to in told)


async def what_a_court_delegated_goes_back_to_it(tell: Teller) -> None:
    """Mediation fails, and the court cannot decline what it has kept the duty for."""
    case = await tell.refer(COURT, **CONTRACT)
    assert case.standing() == ("offered", COURT, TOWN)
    await case.does(TOWN, "accept")
    await case.is_mediated_by(TOWN)

    await case.does(
        TOWN,
        "record_outcome",
        result="terminated",
        end_reason="no_agreement",
        next_tier=True,
    )
    assert case.standing() == ("offered", TOWN, COURT)
    assert case.told("handoff.offered")[-1]["kind"] == "return_handoff"
    refused = case.may_not(COURT, "decline", reason="lacks_capacity")
    assert refused == "refused.must-take"
    await case.does(COURT, "accept", topic="answers.court")
    assert case.row["holder"] == COURT
    await case.does(COURT, "record_outcome", result="taken_to_law")
    await case.is_closed_by(COURT, "letter")


async def an_appraisal_takes_longer_than_the_limit(tell: Teller) -> None:
    """Its time is not counted; somebody looks at it all the same, and both sides agree."""
    case = await tell.refer(COURT, **CONTRACT)
    await case.does(TOWN, "accept")
    await case.is_mediated_by(TOWN)
    on_mediation = {"clock": "mediation"}
    refused = case.may_not(TOWN, "pause_clock", reason="hearing", **on_mediation)
    assert refused == "refused.no-such-pause"
    await case.does(TOWN, "pause_clock", reason="appraisal", **on_mediation)
    (paused,) = case.state(tell.world.now())["paused"]
    assert paused["reason"] == "appraisal"

    await tell.days(35)
    assert case.row["stage"] == "mediating"
    assert case.row["next_clock"] == "pause_review"
    assert [order["clock"] for order in case.told("supervision.issued")] == [
        "pause_review"
    ]
    await case.does(TOWN, "resume_clock", topic="answers.other", **on_mediation)
    assert case.row["next_clock"] == "mediation"
    assert case.told("clock.resumed")[0]["paused_at"] == paused["paused_at"]
    agreed = {"days": 10, "all_agree": True}
    await case.does(TOWN, "extend_clock", **agreed, **on_mediation)
    await case.does(TOWN, "record_outcome", result="agreed_written")
    await case.is_closed_by(TOWN)


async def the_gym_members_are_paid(tell: Teller) -> None:
    """120 members through the procuratorate: 118 agree, one leaves, nobody is bound."""
    case = await tell.refer(PROCURATORATE, **GYM)
    assert case.standing() == ("offered", PROCURATORATE, GUIDANCE)
    await case.does(GUIDANCE, "accept", topic="answers.other")
    assert case.standing() == ("offered", GUIDANCE, ROOM)
    await case.does(ROOM, "accept", mediators=4)

    await case.does(ROOM, "record_consent", party=0, willing=True)
    await case.does(ROOM, "choose_law", party=57)
    assert case.row["stage"] == "in_hand"
    await case.does(ROOM, "start_mediation", rights_notice=True)
    await tell.days(7)
    agreed = {**AGREED, "ratified": 118}
    bound = case.may_not(ROOM, "record_outcome", result="agreed_written", **agreed)
    assert bound == "refused.not-ratified"
    await case.does(ROOM, "record_outcome", result="agreed_part", **agreed)
    await case.is_closed_by(ROOM)

    (outcome,) = case.told("outcome.recorded")
    assert (outcome["parties"], outcome["ratified"]) == (MEMBERS + 1, 118)
    assert case.told("handoff.accepted")[-1]["mediators"] == 4
