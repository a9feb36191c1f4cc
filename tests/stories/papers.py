"""Stories of papers: sent twice, sent late, corrected, contradicted, unreadable."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic_core import to_json

from shared.events.base import Actor
from shared.events.errors import RefusedError
from tests.stories.cases import (
    FENGDONG,
    JUSTICE,
    NEIGHBOURS,
    OTHER_VILLAGE,
    POLICE,
    VILLAGE,
)
from tests.stories.telling import CLERK, Case, Teller

REPAIRER = Actor(body=JUSTICE, person=CLERK, role="repair")


async def the_same_referral_comes_three_ways(tell: Teller) -> None:
    """By topic, file and HTTP: one dispute, one receipt."""
    case = tell.case(POLICE, **NEIGHBOURS)
    await case.comes_by_topic("referrals.police")
    receipt = case.receipt

    assert await case.comes_by_file() == [receipt["code"]]
    assert await case.comes_by_http() == receipt
    await case.comes_by_topic("referrals.police")
    assert case.receipt == receipt

    assert len(case.told("dispute.registered")) == 1
    await _settled_in_the_village(case)


async def the_same_reference_with_other_content(tell: Teller) -> None:
    """It is refused, and what differs is named; over a topic it waits for a person."""
    case = await tell.refer(POLICE, **NEIGHBOURS)
    other = Case(tell.world, {**case.referral, "amount": 500, "kind": "contract"})

    problem = await other.comes_by_http()
    assert problem["type"] == "urn:fengqiao:problem:refused.reference-reused"
    assert "amount, kind" in problem["detail_en"]
    await other.comes_by_topic("referrals.police")
    (parked,) = other.parked
    assert "amount, kind differ" in parked.reason

    await _settled_in_the_village(case)


async def a_correction_finds_another_village(tell: Teller) -> None:
    """Before anybody took it, a corrected place means a new route."""
    case = await tell.refer(POLICE, **NEIGHBOURS)
    assert case.standing() == ("offered", POLICE, VILLAGE)

    await case.is_corrected(place=FENGDONG)
    assert case.standing() == ("offered", POLICE, OTHER_VILLAGE)
    (recalled,) = case.told("handoff.recalled")
    assert recalled["reason"] == "facts_corrected"
    assert case.may_not(VILLAGE, "accept") == "not-yours"
    await case.does(OTHER_VILLAGE, "accept")
    await case.is_mediated_by(OTHER_VILLAGE)
    await case.does(OTHER_VILLAGE, "record_outcome", result="agreed_oral")
    await case.is_closed_by(OTHER_VILLAGE)


async def what_happened_long_ago_is_told_late(tell: Teller) -> None:
    """Both times stand in the story, and a state can be asked for as it was known."""
    monday = tell.world.now()
    arose = monday - timedelta(days=40)
    case = await tell.refer(POLICE, **NEIGHBOURS, occurred_at=arose.isoformat())
    await tell.days(2)

    signed = monday + timedelta(hours=6)
    await case.does(VILLAGE, "accept", occurred_at=signed.isoformat())
    (registered,) = case.told("dispute.registered")
    assert registered["arose_at"].startswith(arose.date().isoformat())
    (accepted,) = [s for s in case.steps if s["name"].startswith("handoff.accepted")]
    assert accepted["occurred_at"] != accepted["recorded_at"]
    tuesday = monday + timedelta(days=1)
    assert case.state(tuesday)["holder"] == VILLAGE
    assert case.state(tuesday, known_at=tuesday)["holder"] == POLICE

    await case.is_mediated_by(VILLAGE)
    await case.does(VILLAGE, "record_outcome", result="agreed_oral")
    await case.is_closed_by(VILLAGE)


async def an_unreadable_referral_is_repaired(tell: Teller) -> None:
    """It is put aside, listed, repaired by a named person, and goes on like any other."""
    case = tell.case(POLICE, **NEIGHBOURS)
    broken = to_json({**case.referral, "parties": "样例甲、样例乙", "kind": "quarrel"})
    await case.comes_by_topic("referrals.police", broken)
    (parked,) = case.parked
    assert parked.body == broken
    assert "parties: wrong-type" in parked.reason

    repaired = to_json(case.referral)
    with pytest.raises(RefusedError, match="which person"):
        tell.world.house.release(
            parked.message, by=Actor(body=JUSTICE), why="", body=repaired
        )
    released = tell.world.release(
        parked.message, by=REPAIRER, why="当事人分列", body=repaired
    )
    assert released == [parked.message]
    await tell.days(0)
    assert case.parked == []
    await _settled_in_the_village(case)


async def an_answer_to_no_dispute_is_repaired(tell: Teller) -> None:
    """The police answer under a code that is none; a person finds the right one."""
    case = await tell.refer(POLICE, **NEIGHBOURS)
    number = f"{case.referral['reference']}/recall"
    recall = {
        "command_id": number,
        "by": POLICE,
        "person": CLERK,
        "command": "recall",
        "reason": "crime",
    }
    wrong = to_json({"code": "330681-0000-0000-0000-0", "command": recall})
    await case.comes_by_topic("answers.police", wrong)
    (parked,) = case.parked

    right = to_json({"code": case.code, "command": recall})
    tell.world.release(parked.message, by=REPAIRER, why="编号有误", body=right)
    await tell.days(0)
    assert case.standing() == ("held", POLICE, None)
    await case.does(POLICE, "record_outcome", result="not_accepted")
    await case.is_closed_by(POLICE)


async def _settled_in_the_village(case: Case) -> None:
    await case.does(VILLAGE, "accept")
    await case.is_mediated_by(VILLAGE)
    await case.does(VILLAGE, "record_outcome", result="agreed_oral")
    await case.is_closed_by(VILLAGE)
