"""Facts that the sender corrects: what is asked again, and what goes on."""

from __future__ import annotations

import pytest

from services.escalation.domain import Stage
from shared.events.escalation import (
    ClockStarted,
    ClockStopped,
    FactsCorrected,
    HandoffRecalled,
    RouteRequested,
)
from shared.events.vocabulary import SAFETY, Flag, RouteReason
from tests.unit.custody_scenarios import (
    FACTS,
    POLICE,
    ROUTING_CLOCK,
    VILLAGE,
    Dispute,
    accepted,
    agreed,
    all_willing,
    closed,
    correction,
    declined_once,
    designation_asked,
    facts,
    group_mediating,
    kept_for_safety,
    led_to_law,
    mediating,
    not_settled,
    offer,
    offered,
    offered_to_town,
    parties,
    passed_up,
    recalled,
    stay,
)

CRIMINAL = correction(Flag.CRIMINAL)
CORRECTED = FactsCorrected(facts=facts(Flag.CRIMINAL), parties=2, respondents=(2,))


def asked_again(request: int, reason: RouteReason = RouteReason.CORRECTED):
    return RouteRequested(
        request=request, reason=reason, facts=facts(Flag.CRIMINAL), holder=POLICE
    )


def test_with_new_facts_whoever_gave_up_may_be_asked_again():
    (asked,) = [
        event
        for event in offered_to_town().hears(CRIMINAL).said
        if isinstance(event, RouteRequested)
    ]

    assert (asked.reason, asked.tried) == (RouteReason.CORRECTED, ())


def test_new_facts_while_it_is_offered_take_the_offer_back():
    assert offered().hears(CRIMINAL).said == (
        CORRECTED,
        HandoffRecalled(to=VILLAGE, by=POLICE, reason="facts_corrected"),
        ClockStopped(clock="answer", met=False),
        asked_again(2),
        ClockStarted(clock=ROUTING_CLOCK),
    )


def test_new_facts_while_somebody_is_to_designate_end_that():
    corrected = designation_asked().hears(CRIMINAL)

    assert ClockStopped(clock="designation", met=False) in corrected.said
    assert corrected.state.stage is Stage.ROUTING
    assert corrected.state.designator is None


def test_new_facts_spare_the_holder_its_decision():
    corrected = recalled().hears(CRIMINAL)

    assert corrected.clocks == {"routing"}
    assert corrected.said[2] == asked_again(2)


def test_an_open_question_is_asked_again_for_its_own_reason():
    corrected = declined_once().hears(CRIMINAL)

    assert corrected.said[1].reason is RouteReason.DECLINED
    assert (corrected.said[1].declines, corrected.said[1].request) == (1, 3)
    assert corrected.hears(offer(2)).said == ()


def test_a_question_that_follows_a_failed_mediation_is_not_lost():
    assert not_settled().hears(CRIMINAL).state.asked is RouteReason.FAILED


@pytest.mark.parametrize(
    "dispute", [accepted, mediating, passed_up, agreed, led_to_law]
)
def test_after_acceptance_new_facts_are_only_remembered(dispute):
    corrected = dispute().hears(CRIMINAL)

    assert corrected.said == (CORRECTED,)
    assert corrected.state.facts == facts(Flag.CRIMINAL)


def test_facts_of_a_closed_dispute_are_remembered_for_its_reopening():
    corrected = closed().hears(correction(Flag.WEAPON))

    assert [type(e) for e in corrected.said] == [FactsCorrected]
    assert corrected.state.stage is Stage.CLOSED


def test_what_nobody_registered_is_not_corrected():
    assert Dispute().hears(CRIMINAL).said == ()


@pytest.mark.parametrize("danger", sorted(SAFETY))
@pytest.mark.parametrize("dispute", [accepted, mediating, agreed, led_to_law])
def test_danger_that_shows_later_is_always_routed_again(dispute, danger):
    warned = dispute().hears(correction(danger))

    assert warned.state.asked is RouteReason.CORRECTED
    kept = warned.hears(stay(warned.request))
    assert (kept.state.stage, kept.clocks) == (Stage.KEPT, {"safety_review"})


def test_danger_stops_mediation_and_consent_given_before_it_does_not_count():
    kept = mediating().hears(correction(Flag.DOMESTIC_VIOLENCE)).hears(stay(2))

    assert (kept.state.mediating, kept.state.willing) == (False, frozenset())


def test_danger_that_is_known_already_is_not_news():
    known = kept_for_safety().hears(correction(Flag.DOMESTIC_VIOLENCE))

    assert known.said == (
        FactsCorrected(
            facts=facts(Flag.DOMESTIC_VIOLENCE), parties=2, respondents=(2,)
        ),
    )


def test_danger_that_is_said_to_be_over_waits_for_a_person():
    calm = kept_for_safety().hears(correction())

    assert calm.state.stage is Stage.KEPT
    assert calm.state.facts == FACTS


def test_danger_that_shows_while_the_next_tier_is_asked_takes_the_offer_back():
    warned = offered_to_town().hears(correction(Flag.WEAPON))

    assert warned.state.offer is None
    assert warned.state.asked is RouteReason.CORRECTED
    assert warned.hears(stay(3)).clocks == {"safety_review"}


def test_other_parties_are_other_persons_and_are_asked_again():
    changed = all_willing().hears(correction(among=parties(2)))

    assert changed.state.willing == frozenset()
    assert changed.state.parties == 3


def test_a_late_claimant_of_a_group_does_not_stop_its_mediation():
    late = group_mediating(120).hears(correction(Flag.GROUP, among=parties(121)))

    assert late.state.stage is Stage.MEDIATING
    assert late.state.respondents == {122}


def test_the_same_parties_keep_their_consent():
    assert all_willing().hears(CRIMINAL).state.willing == {1, 2}
