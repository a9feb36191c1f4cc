"""Stories of hands: who is asked, who takes it, and what happens when nobody does."""

from __future__ import annotations

from tests.stories.cases import (
    CENTRE,
    COUNTY,
    NEIGHBOURS,
    PETITION,
    POLICE,
    TOWN,
    VILLAGE,
)
from tests.stories.telling import Teller


async def neighbours_settle_in_the_village(tell: Teller) -> None:
    """The police refer, the village takes it, and it ends there with a reply."""
    case = await tell.refer(POLICE, **NEIGHBOURS)
    assert case.standing() == ("offered", POLICE, VILLAGE)

    await case.does(VILLAGE, "accept", mediators=1)
    assert case.standing() == ("in_hand", VILLAGE, None)
    unwilling = case.may_not(VILLAGE, "start_mediation", rights_notice=True)
    assert unwilling == "refused.not-all-willing"
    await case.is_mediated_by(VILLAGE)
    await case.does(
        VILLAGE,
        "record_outcome",
        result="agreed_written",
        amount={"yuan": "1200"},
        performed=True,
    )
    assert case.may_not(VILLAGE, "close") == "refused.no-reply"
    await case.is_closed_by(VILLAGE)

    (agreed,) = case.told("outcome.recorded")
    assert agreed["performed"]
    assert case.row["holder"] == VILLAGE


async def the_village_declines_and_the_town_takes_it(tell: Teller) -> None:
    """Nobody is sent away: until the town signs, the police hold it."""
    case = await tell.refer(POLICE, **NEIGHBOURS)

    await case.does(VILLAGE, "decline", reason="lacks_capacity")
    assert case.standing() == ("offered", POLICE, TOWN)
    assert case.may_not(VILLAGE, "accept") == "not-yours"
    await case.does(TOWN, "accept")
    await case.is_mediated_by(TOWN)
    await case.does(TOWN, "record_outcome", result="agreed_oral")
    await case.is_closed_by(TOWN, "telephone")

    assert case.row["tier"] == "town"


async def a_second_decline_is_decided_by_a_public_body(tell: Teller) -> None:
    """No third body is asked: one is named, has it at once, and cannot decline."""
    case = await tell.refer(POLICE, **NEIGHBOURS)
    await case.does(VILLAGE, "decline", reason="conflict_of_interest")
    await case.does(TOWN, "decline", reason="out_of_scope")
    assert case.row["stage"] == "designating"

    assert case.may_not(COUNTY, "designate", to=VILLAGE) == "not-yours"
    await case.does(CENTRE, "designate", to=TOWN)
    assert case.standing() == ("in_hand", TOWN, None)
    refused = case.may_not(TOWN, "decline", reason="lacks_capacity")
    assert refused == "not-allowed-now"
    await case.is_mediated_by(TOWN)
    await case.does(TOWN, "record_outcome", result="settled_by_parties")
    await case.is_closed_by(TOWN)


async def nobody_answers_and_the_offer_goes_up(tell: Teller) -> None:
    """An unanswered offer lapses; what fails goes back to the petition office."""
    case = await tell.refer(PETITION, **NEIGHBOURS)
    assert case.standing() == ("offered", PETITION, VILLAGE)

    await tell.days(4)
    assert case.told("handoff.lapsed") == [{"to": VILLAGE}]
    assert case.standing() == ("offered", PETITION, TOWN)
    await case.does(TOWN, "accept")
    await case.is_mediated_by(TOWN)
    await case.does(
        TOWN,
        "record_outcome",
        result="terminated",
        end_reason="no_agreement",
        next_tier=True,
    )
    assert case.standing() == ("offered", TOWN, PETITION)
    await case.does(PETITION, "accept", topic="answers.petition")
    await case.does(PETITION, "record_outcome", result="settled_by_parties")
    await case.is_closed_by(PETITION, "letter")


async def time_runs_out_in_village_and_town(tell: Teller) -> None:
    """A month passes without agreement, twice, and the county ends it."""
    case = await tell.refer(POLICE, **NEIGHBOURS)
    await case.does(VILLAGE, "accept")
    await case.is_mediated_by(VILLAGE)

    await tell.days(32)
    assert case.standing() == ("offered", VILLAGE, TOWN)
    await case.does(TOWN, "accept")
    await case.is_mediated_by(TOWN)
    await tell.days(34)
    assert case.standing() == ("offered", TOWN, COUNTY)
    await case.does(COUNTY, "accept")
    await case.is_mediated_by(COUNTY)
    await case.does(COUNTY, "record_outcome", result="agreed_oral")
    await case.is_closed_by(COUNTY)

    assert [done["clock"] for done in case.told("clock.breached")] == ["mediation"] * 2
    assert [done["tier"] for done in case.told("handoff.accepted")] == [
        "village",
        "town",
        "county",
    ]


async def it_is_not_performed_and_taken_up_again(tell: Teller) -> None:
    """A closed dispute is reopened under its own code, and settled after all."""
    case = await tell.refer(POLICE, **NEIGHBOURS)
    await case.does(VILLAGE, "accept")
    await case.is_mediated_by(VILLAGE)
    await case.does(VILLAGE, "record_outcome", result="agreed_written")
    await case.is_closed_by(VILLAGE)
    receipt = case.receipt

    await tell.days(1)
    await case.does(TOWN, "reopen", reason="not_performed")
    assert case.standing() == ("offered", VILLAGE, VILLAGE)
    await case.does(VILLAGE, "accept")
    await case.is_mediated_by(VILLAGE)
    await case.does(VILLAGE, "record_outcome", result="agreed_written", performed=True)
    await case.is_closed_by(VILLAGE)

    assert case.receipt == receipt
    assert len(case.told("dispute.closed")) == 2
