"""The end: a reply to the parties, striking off the ledger, and taking up again."""

from __future__ import annotations

import pytest

from services.escalation.commands import Close, RecordOutcome, RecordReply, Reopen
from services.escalation.domain import Stage
from shared.events.errors import NotAllowedNowError, NotYoursError, RefusedError
from shared.events.escalation import (
    ClockStarted,
    ClockStopped,
    DisputeClosed,
    DisputeReopened,
    ReplyRecorded,
    RouteRequested,
)
from shared.events.vocabulary import Flag, Result, RouteReason, Tier
from tests.unit.custody_scenarios import (
    CENTRE,
    FACTS,
    ROUTING_CLOCK,
    TOWN,
    VILLAGE,
    accepted,
    agreed,
    closed,
    correction,
    kept_for_safety,
    led_to_law,
    mediating,
    offer,
    offered,
    party_chose_law,
    refused_by_party,
    registered,
    reopened,
    replied,
    stay,
)

BY_TELEPHONE = {"way": "telephone"}


def test_the_parties_are_told_and_how():
    assert replied().said == (ReplyRecorded(by=VILLAGE, way="telephone"),)


def test_after_the_reply_it_is_struck_off():
    assert closed().said == (
        ClockStopped(clock="close_out", met=True),
        DisputeClosed(by=VILLAGE, parties=2),
    )
    assert closed().state.clocks == ()


def test_what_was_led_to_law_is_closed_in_the_same_way():
    told = led_to_law().does(RecordReply, VILLAGE, **BY_TELEPHONE)

    assert told.does(Close, VILLAGE).state.stage is Stage.CLOSED


@pytest.mark.parametrize("dispute", [agreed, led_to_law])
def test_nothing_is_closed_without_a_reply(dispute):
    with pytest.raises(RefusedError, match="no reply to the parties is recorded"):
        dispute().does(Close, VILLAGE)


def test_a_reply_counts_only_for_the_result_it_was_about():
    danger = replied().hears(correction(Flag.WEAPON)).hears(stay(2))
    settled = danger.does(RecordOutcome, VILLAGE, result=Result.SETTLED_BY_PARTIES)

    with pytest.raises(RefusedError, match="no reply"):
        settled.does(Close, VILLAGE)


@pytest.mark.parametrize(
    "dispute",
    [registered, offered, accepted, mediating, kept_for_safety, refused_by_party],
)
@pytest.mark.parametrize(
    ("command", "more"), [(Close, {}), (RecordReply, BY_TELEPHONE)]
)
def test_nothing_is_closed_or_answered_before_its_outcome(dispute, command, more):
    found = dispute()

    with pytest.raises(NotAllowedNowError):
        found.does(command, found.state.holder, **more)


def test_the_lawful_way_is_told_before_a_dispute_can_be_closed():
    """A party chose law: the body cannot close while routing still seeks the way."""
    with pytest.raises(NotAllowedNowError, match="must be led_to_law or resolved"):
        party_chose_law().does(RecordReply, VILLAGE, **BY_TELEPHONE)


@pytest.mark.parametrize(
    ("command", "more"), [(Close, {}), (RecordReply, BY_TELEPHONE)]
)
def test_only_the_holder_closes_and_answers(command, more):
    with pytest.raises(NotYoursError):
        replied().does(command, TOWN, **more)


def test_a_closed_dispute_is_taken_up_again_and_routed_anew():
    assert reopened().said == (
        DisputeReopened(by=VILLAGE, reason="not_performed"),
        RouteRequested(
            request=2,
            reason=RouteReason.REOPENED,
            facts=FACTS,
            holder=VILLAGE,
            tier=Tier.VILLAGE,
        ),
        ClockStarted(clock=ROUTING_CLOCK),
    )
    assert reopened().state.holder == VILLAGE


def test_any_body_a_party_turns_to_may_reopen():
    again = closed().does(Reopen, CENTRE, reason="relapse")

    assert (again.state.holder, again.said[0].by) == (VILLAGE, CENTRE)


def test_a_reopened_dispute_goes_its_whole_way_again():
    again = mediating(accepted(reopened().hears(offer(2))))

    assert not again.state.replied
    assert agreed(again).does(RecordReply, VILLAGE, way="letter").said[0].way == (
        "letter"
    )


@pytest.mark.parametrize("dispute", [registered, accepted, agreed, led_to_law])
def test_only_what_is_closed_is_reopened(dispute):
    with pytest.raises(NotAllowedNowError, match="must be closed"):
        dispute().does(Reopen, VILLAGE, reason="relapse")


def test_a_dispute_is_not_closed_twice():
    with pytest.raises(NotAllowedNowError):
        closed().does(Close, VILLAGE)
