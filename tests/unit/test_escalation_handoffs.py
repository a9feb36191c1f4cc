"""Offers and their answers: accept, decline, recall, pass up, dispatch, designate."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.escalation.commands import (
    Accept,
    AskRoute,
    Decline,
    Designate,
    PassUp,
    Recall,
)
from services.escalation.domain import Stage
from shared.calendar import Unit
from shared.events.errors import NotAllowedNowError, NotYoursError, RefusedError
from shared.events.escalation import (
    ClockStarted,
    ClockStopped,
    HandoffAccepted,
    HandoffDeclined,
    HandoffDesignated,
    HandoffRecalled,
    RouteRequested,
)
from shared.events.vocabulary import DeclineReason, HandoffKind, RouteReason, Tier
from tests.unit.custody_scenarios import (
    CENTRE,
    COURT,
    FACTS,
    GUIDANCE,
    HOLDER_CLOCK,
    JUSTICE,
    MEDIATION_CLOCK,
    MONDAY,
    POLICE,
    ROOM,
    ROUTING_CLOCK,
    TOWN,
    VILLAGE,
    accepted,
    agreed,
    closed,
    declined_once,
    declined_twice,
    designated,
    designation_asked,
    dispatching,
    kept_for_safety,
    led_to_law,
    limit,
    mediating,
    offer,
    offered,
    offered_to_town,
    passed_up,
    recalled,
    registered,
    stay,
)

LACKS = {"reason": DeclineReason.LACKS_CAPACITY}


def test_acceptance_moves_custody_and_starts_the_limits_of_the_receiver():
    taken = offered().does(Accept, VILLAGE, mediators=2)

    assert taken.said == (
        HandoffAccepted(
            by=VILLAGE,
            sender=POLICE,
            kind=HandoffKind.REFERRAL,
            tier=Tier.VILLAGE,
            mediators=2,
        ),
        ClockStopped(clock="answer", met=True),
        ClockStarted(clock=MEDIATION_CLOCK),
    )
    assert (taken.state.holder, taken.state.tier) == (VILLAGE, Tier.VILLAGE)


def test_whoever_accepts_without_any_limit_must_decide_soon():
    taken = offered(clocks=()).does(Accept, VILLAGE)

    assert taken.said[-1] == ClockStarted(clock=HOLDER_CLOCK)


def test_a_body_that_dispatches_has_it_and_asks_where_to():
    assert dispatching().said[-2:] == (
        RouteRequested(
            request=2,
            reason=RouteReason.DISPATCHED,
            facts=FACTS,
            holder=GUIDANCE,
            tier=Tier.VILLAGE,
        ),
        ClockStarted(clock=ROUTING_CLOCK),
    )
    assert dispatching().state.holder == GUIDANCE


def test_the_dispatching_body_holds_it_until_the_room_takes_it():
    sent_down = offered(dispatching(), lead=ROOM, kind=HandoffKind.DISPATCH_DOWN)

    assert sent_down.state.holder == GUIDANCE
    assert sent_down.does(Accept, ROOM).state.holder == ROOM


def test_limits_of_an_earlier_holder_end_when_another_takes_it():
    taken = offered_to_town().later(days=10).does(Accept, TOWN)

    assert taken.clocks == {"mediation"}
    assert taken.clock("mediation").started_at == taken.now


def test_the_limit_of_the_receiver_runs_from_its_signature_as_told():
    wednesday = offered().later(days=2)

    told = wednesday.does(Accept, VILLAGE, occurred_at=MONDAY + timedelta(days=1))

    assert told.clock("mediation").started_at == MONDAY + timedelta(days=1)


def test_limits_of_another_kind_end_too_and_were_not_met():
    docketing = limit("docketing", 7, Unit.CALENDAR_DAYS)
    returned = offered(passed_up(), lead=COURT, clocks=(docketing,))

    taken = returned.does(Accept, COURT)

    assert ClockStopped(clock="mediation", met=False) in taken.said
    assert taken.clocks == {"docketing"}


@pytest.mark.parametrize("told", [timedelta(days=-400), timedelta(days=400)])
def test_but_neither_from_before_the_offer_nor_from_the_future(told):
    wednesday = offered().later(days=2)

    taken = wednesday.does(Accept, VILLAGE, occurred_at=MONDAY + told)

    expected = MONDAY if told < timedelta(0) else wednesday.now
    assert taken.clock("mediation").started_at == expected


def test_a_late_signature_counts_while_nobody_saw_the_limit_pass():
    assert offered().later(days=30).does(Accept, VILLAGE).state.holder == VILLAGE


def test_a_decline_asks_routing_again_without_that_body():
    assert declined_once().said == (
        HandoffDeclined(by=VILLAGE, reason=DeclineReason.LACKS_CAPACITY),
        ClockStopped(clock="answer", met=True),
        RouteRequested(
            request=2,
            reason=RouteReason.DECLINED,
            facts=FACTS,
            holder=POLICE,
            declines=1,
            passed_over=(VILLAGE,),
        ),
        ClockStarted(clock=ROUTING_CLOCK),
    )
    assert declined_once().state.holder == POLICE


def test_a_second_decline_is_counted_and_names_both_bodies():
    asked = declined_twice().said[2]

    assert (asked.declines, asked.passed_over) == (2, (VILLAGE, TOWN))


def test_declines_are_forgotten_once_somebody_takes_it():
    taken = offered(declined_once(), lead=TOWN).does(Accept, TOWN)

    assert (taken.state.declines, taken.state.passed_over) == (0, ())


def test_a_body_with_the_duty_by_law_cannot_decline():
    returned = offered(lead=POLICE, may_decline=False)

    with pytest.raises(RefusedError, match="keeps the duty by law"):
        returned.does(Decline, POLICE, **LACKS)


def test_the_sender_takes_an_unanswered_offer_back_and_must_decide():
    assert recalled().said == (
        HandoffRecalled(to=VILLAGE, by=POLICE, reason="crime_suspected"),
        ClockStopped(clock="answer", met=False),
        ClockStarted(clock=HOLDER_CLOCK),
    )
    assert recalled().state.stage is Stage.HELD


@pytest.mark.parametrize(
    ("before", "stage"),
    [
        (offered_to_town, Stage.MEDIATING),
        (
            lambda: offered(accepted().does(PassUp, VILLAGE), lead=TOWN),
            Stage.IN_HAND,
        ),
    ],
)
def test_whoever_had_it_in_hand_has_it_in_hand_again_after_a_recall(before, stage):
    back = before().does(Recall, VILLAGE, reason="parties_came_back")

    assert (back.state.stage, back.state.holder) == (stage, VILLAGE)
    assert back.clocks == {"mediation"}


def test_what_goes_back_by_law_cannot_be_recalled():
    returned = offered(passed_up(), lead=POLICE, may_decline=False)

    with pytest.raises(RefusedError, match="has the duty by law"):
        returned.does(Recall, VILLAGE, reason="changed_our_mind")


def test_a_recall_after_the_limit_passed_does_not_keep_it():
    """A committee whose time is over cannot keep the dispute by recalling its offer."""
    late = offered_to_town().after("mediation")

    kept = late.does(Recall, VILLAGE, reason="changed_our_mind")

    assert kept.said[2] == RouteRequested(
        request=3,
        reason=RouteReason.DEADLINE_PASSED,
        facts=FACTS,
        holder=VILLAGE,
        tier=Tier.VILLAGE,
        tried=(VILLAGE,),
    )
    assert kept.clocks == {"routing"}


@pytest.mark.parametrize("dispute", [recalled, kept_for_safety, accepted])
def test_the_holder_may_ask_who_should_act(dispute):
    asked = dispute()

    again = asked.does(AskRoute, asked.state.holder)

    assert [e.reason for e in again.said if isinstance(e, RouteRequested)] == [
        RouteReason.HOLDER_ASKED
    ]


@pytest.mark.parametrize("dispute", [accepted, mediating])
def test_the_holder_may_pass_it_to_the_next_tier_and_keeps_it_meanwhile(dispute):
    up = dispute().does(PassUp, VILLAGE)

    assert up.said == (
        RouteRequested(
            request=2,
            reason=RouteReason.PASSED_UP,
            facts=FACTS,
            holder=VILLAGE,
            tier=Tier.VILLAGE,
            tried=(VILLAGE,),
        ),
        ClockStarted(clock=ROUTING_CLOCK),
    )
    assert (up.state.holder, up.state.stage) == (VILLAGE, dispute().state.stage)


def test_everybody_who_held_it_and_gave_up_is_told_to_routing():
    with_town = offered_to_town().does(Accept, TOWN)

    (up, _) = with_town.does(PassUp, TOWN).said

    assert up.tried == (VILLAGE, TOWN)


@pytest.mark.parametrize("command", [PassUp, AskRoute])
def test_routing_is_not_asked_twice_at_once(command):
    with pytest.raises(RefusedError, match="has not answered") as refused:
        dispatching().does(command, GUIDANCE)

    assert refused.value.facts["asked"] is RouteReason.DISPATCHED


def test_a_designation_moves_custody_at_once():
    assert designated().said == (
        HandoffDesignated(by=JUSTICE, to=TOWN, tier=Tier.TOWN),
        ClockStopped(clock="designation", met=True),
        ClockStarted(clock=MEDIATION_CLOCK),
    )
    assert designated().state.holder == TOWN


def test_the_designator_is_not_bound_by_what_was_proposed():
    assert designation_asked().does(Designate, JUSTICE, to=CENTRE).state.holder == (
        CENTRE
    )


@pytest.mark.parametrize(
    ("dispute", "command", "more", "whose"),
    [
        (offered, Accept, {}, VILLAGE),
        (offered, Decline, LACKS, VILLAGE),
        (offered, Recall, {"reason": "x"}, POLICE),
        (recalled, AskRoute, {}, POLICE),
        (accepted, PassUp, {}, VILLAGE),
        (designation_asked, Designate, {"to": CENTRE}, JUSTICE),
    ],
)
def test_nobody_acts_for_another_body(dispute, command, more, whose):
    with pytest.raises(NotYoursError, match=f"that is for {whose}"):
        dispute().does(command, CENTRE, **more)


STAND = {
    "routing": registered,
    "offered": offered,
    "designating": designation_asked,
    "in_hand": accepted,
    "mediating": mediating,
    "kept": kept_for_safety,
    "held": recalled,
    "resolved": agreed,
    "led_to_law": led_to_law,
    "closed": closed,
}
ALLOWED = [
    (Accept, {}, {"offered"}),
    (Decline, LACKS, {"offered"}),
    (Recall, {"reason": "x"}, {"offered"}),
    (AskRoute, {}, {"held", "kept", "in_hand"}),
    (PassUp, {}, {"in_hand", "mediating"}),
    (Designate, {"to": CENTRE}, {"designating"}),
]


@pytest.mark.parametrize(
    ("command", "more", "stage"),
    [
        (command, more, stage)
        for command, more, allowed in ALLOWED
        for stage in STAND
        if stage not in allowed
    ],
)
@pytest.mark.parametrize("by", [POLICE, VILLAGE, JUSTICE])
def test_every_command_has_its_moment(command, more, stage, by):
    with pytest.raises(NotAllowedNowError, match=f"the dispute is {stage}, and must"):
        STAND[stage]().does(command, by, **more)


def test_what_is_kept_for_safety_may_be_kept_again_after_a_review():
    asked = kept_for_safety().does(AskRoute, POLICE)

    again = asked.hears(stay(2))

    assert again.state.stage is Stage.KEPT
    assert again.clocks == {"safety_review"}


def test_a_review_may_also_find_that_it_can_go_on():
    gone_on = kept_for_safety().does(AskRoute, POLICE).hears(offer(2, TOWN))

    assert gone_on.clocks == {"safety_review", "answer"}
    assert gone_on.does(Accept, TOWN).clocks == {"mediation"}
