"""A party's way to law is open at every moment, and in a group it is its own."""

from __future__ import annotations

import pytest

from services.escalation.commands import ChooseLaw, Recall, RecordConsent
from services.escalation.domain import Stage
from shared.events.errors import NotAllowedNowError, RefusedError
from shared.events.escalation import (
    ClockStarted,
    ClockStopped,
    ConsentRecorded,
    HandoffRecalled,
    LedToLaw,
    OutcomeRecorded,
    RouteRequested,
)
from shared.events.vocabulary import EndReason, Result, RouteReason, Tier
from tests.unit.custody_scenarios import (
    CENTRE,
    COURT,
    FACTS,
    POLICE,
    ROUTING_CLOCK,
    TOWN,
    VILLAGE,
    accepted,
    agreed,
    closed,
    correction,
    declined_once,
    designation,
    designation_asked,
    dispatching,
    group_mediating,
    group_registered,
    kept_for_safety,
    law,
    led_to_law,
    mediating,
    not_settled,
    offer,
    offered,
    offered_to_town,
    parties,
    party_chose_law,
    passed_up,
    recalled,
    refused_by_party,
    registered,
    replied,
    stay,
)

BEFORE_THE_END = [
    registered,
    offered,
    recalled,
    accepted,
    dispatching,
    mediating,
    passed_up,
    offered_to_town,
    declined_once,
    designation_asked,
    kept_for_safety,
]
ENDED = [refused_by_party, not_settled]
OVER = [party_chose_law, led_to_law, agreed, replied]


def chooses_law(dispute, party: int = 1):
    return dispute.does(ChooseLaw, CENTRE, party=party)


def test_choice_of_law_ends_mediation_and_the_lawful_ways_are_sought():
    assert party_chose_law().said == (
        ConsentRecorded(party=1, willing=False),
        OutcomeRecorded(
            by=COURT,
            result=Result.TERMINATED,
            end_reason=EndReason.SUIT_FILED,
            parties=2,
        ),
        ClockStopped(clock="mediation", met=True),
        RouteRequested(
            request=2,
            reason=RouteReason.PARTY_CHOSE_LAW,
            facts=FACTS,
            holder=VILLAGE,
            tier=Tier.VILLAGE,
        ),
        ClockStarted(clock=ROUTING_CLOCK),
    )
    assert isinstance(led_to_law().said[1], LedToLaw)


@pytest.mark.parametrize("dispute", BEFORE_THE_END)
def test_choice_of_law_is_open_at_every_moment_and_by_any_body(dispute):
    chosen = chooses_law(dispute())

    assert chosen.state.asked is RouteReason.PARTY_CHOSE_LAW
    assert chosen.clocks == {"routing"}
    assert sum(isinstance(e, OutcomeRecorded) for e in chosen.history) == 1


@pytest.mark.parametrize("dispute", ENDED)
def test_choice_of_law_after_the_end_changes_the_way_but_not_the_outcome(dispute):
    chosen = chooses_law(dispute())

    assert chosen.state.asked is RouteReason.PARTY_CHOSE_LAW
    assert sum(isinstance(e, OutcomeRecorded) for e in chosen.history) == 1


@pytest.mark.parametrize("dispute", OVER)
def test_choice_of_law_is_recorded_even_when_nothing_is_left_to_end(dispute):
    assert chooses_law(dispute()).said == (ConsentRecorded(party=1, willing=False),)


def test_what_is_closed_is_reopened_first():
    with pytest.raises(NotAllowedNowError, match="must be open"):
        chooses_law(closed())


def test_only_parties_choose():
    with pytest.raises(RefusedError, match="party 3 does not exist"):
        chooses_law(mediating(), 3)


def test_an_open_offer_is_taken_back():
    chosen = chooses_law(offered_to_town())

    assert chosen.said[1] == HandoffRecalled(to=TOWN, by=CENTRE, reason="ended")
    assert ClockStopped(clock="answer", met=False) in chosen.said


def test_a_designation_under_way_is_over():
    chosen = chooses_law(designation_asked())

    assert ClockStopped(clock="designation", met=False) in chosen.said
    assert (chosen.state.offer, chosen.state.designator) == (None, None)


# What might come in between


@pytest.mark.parametrize("answer", [offer(1), designation(1), stay(1)])
def test_an_older_answer_of_routing_does_not_overtake_a_partys_choice(answer):
    assert chooses_law(registered()).hears(answer).said == ()


def test_a_correction_does_not_replace_a_partys_choice():
    corrected = party_chose_law().hears(correction())

    assert corrected.state.asked is RouteReason.PARTY_CHOSE_LAW
    assert corrected.state.requests == 3
    assert corrected.hears(law(3)).state.stage is Stage.LED_TO_LAW


def test_a_later_refusal_does_not_replace_a_partys_choice():
    refused = party_chose_law().does(RecordConsent, VILLAGE, party=2, willing=False)

    assert refused.said == (ConsentRecorded(party=2, willing=False),)


def test_the_committee_cannot_hold_back_what_returns_to_the_court():
    returned = offered(party_chose_law(), lead=COURT, may_decline=False)

    with pytest.raises(RefusedError, match="cannot recall"):
        returned.does(Recall, VILLAGE, reason="we_go_on")


def test_choice_of_law_while_it_returns_asks_again():
    returned = offered(party_chose_law(), lead=COURT, may_decline=False)

    assert chooses_law(returned).state.asked is RouteReason.PARTY_CHOSE_LAW


# Groups


@pytest.mark.parametrize("leave", [RecordConsent, ChooseLaw])
def test_a_claimant_who_leaves_does_not_stop_the_others(leave):
    more = {"willing": False} if leave is RecordConsent else {}

    left = group_mediating(12).does(leave, VILLAGE, party=5, **more)

    assert left.said == (ConsentRecorded(party=5, willing=False),)
    assert left.state.stage is Stage.MEDIATING
    assert 5 not in left.state.willing


@pytest.mark.parametrize("leave", [RecordConsent, ChooseLaw])
def test_the_respondent_of_a_group_stops_it(leave):
    more = {"willing": False} if leave is RecordConsent else {}

    left = group_mediating(12).does(leave, VILLAGE, party=13, **more)

    assert left.state.stage is Stage.ROUTING
    assert isinstance(left.said[1], OutcomeRecorded)


def test_one_of_two_respondents_does_not_stop_a_group():
    left = chooses_law(group_mediating(12, 2), 13)

    assert left.state.stage is Stage.MEDIATING
    assert chooses_law(left, 14).state.asked is RouteReason.PARTY_CHOSE_LAW


def test_the_claimant_against_a_group_stops_it():
    against_many = group_mediating(1, 12)

    assert chooses_law(against_many, 5).state.stage is Stage.MEDIATING
    assert chooses_law(against_many, 1).state.stage is Stage.ROUTING


def test_when_the_last_of_a_side_has_left_it_ends():
    left = group_mediating(10)
    for party in range(1, 10):
        left = chooses_law(left, party)
        assert left.state.stage is Stage.MEDIATING

    assert chooses_law(left, 10).state.stage is Stage.ROUTING


def test_who_left_a_group_may_come_back():
    left = chooses_law(group_mediating(12), 5)

    back = left.does(RecordConsent, VILLAGE, party=5, willing=True)

    assert 5 in back.state.willing
    assert 5 not in back.state.left


def test_all_of_a_group_may_refuse_at_once():
    refused = accepted(offered(group_registered())).does(
        RecordConsent, VILLAGE, party=0, willing=False
    )

    assert refused.state.asked is RouteReason.PARTY_REFUSED


def test_two_claimants_are_no_group_and_each_may_end_it():
    two = chooses_law(registered(among=parties(2)), 2)

    assert two.state.asked is RouteReason.PARTY_CHOSE_LAW
    assert two.state.holder == POLICE
