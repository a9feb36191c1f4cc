"""What happens when a limit comes near or passes. A breach never blocks a party."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.escalation.commands import Accept, ChooseLaw, Decline
from services.escalation.domain import Stage
from shared.calendar import Unit
from shared.events.clocks import OnBreach
from shared.events.errors import NotAllowedNowError
from shared.events.escalation import (
    ClockBreached,
    ClockStarted,
    ClockWarned,
    HandoffLapsed,
    RouteRequested,
    SupervisionIssued,
)
from shared.events.vocabulary import DeclineReason, RouteReason, Tier
from tests.unit.custody_scenarios import (
    ANSWER_CLOCK,
    COURT,
    FACTS,
    JUSTICE,
    MEDIATION_CLOCK,
    POLICE,
    SECOND,
    TOWN,
    VILLAGE,
    accepted,
    agreed,
    closed,
    designation_asked,
    dispatching,
    kept_for_safety,
    limit,
    mediating,
    offer,
    offered,
    offered_to_town,
    party_chose_law,
    passed_up,
    recalled,
    registered,
)


def breach(clock, holder: str, fired_at):
    return ClockBreached(
        clock=clock.name, holder=holder, due=clock.due, fired_at=fired_at
    )


# Warning


def test_the_responsible_body_is_warned_when_a_quarter_of_the_time_is_left():
    length = ANSWER_CLOCK.due - ANSWER_CLOCK.started_at
    near = offered().at(ANSWER_CLOCK.started_at + length * 0.75)

    assert near.looks_at("answer").said == (
        ClockWarned(
            clock="answer", holder=VILLAGE, due=ANSWER_CLOCK.due, fired_at=near.now
        ),
    )
    assert near.at(near.now - SECOND).looks_at("answer").said == ()


def test_a_warning_is_given_once():
    warned = offered().later(days=3).looks_at("answer")

    assert warned.later(hours=1).looks_at("answer").said == ()
    assert "answer" in warned.clocks


def test_a_limit_of_hours_gives_no_warning():
    hours = limit("answer", 8, Unit.HOURS, OnBreach.LAPSE)
    asked = offered(answer=hours)

    for passed in (7, 8):
        assert asked.later(hours=passed).looks_at("answer").said == ()
    assert asked.later(hours=8, seconds=1).looks_at("answer").said != ()


def test_after_a_long_stop_a_missed_warning_is_not_made_up_for():
    late = offered().at(ANSWER_CLOCK.due + timedelta(days=9)).looks_at("answer")

    assert late.said[0] == breach(ANSWER_CLOCK, VILLAGE, late.now)


def test_the_last_second_is_still_in_time():
    assert offered().at(ANSWER_CLOCK.due).looks_at("answer").said == ()
    assert offered().after("answer").said != ()


@pytest.mark.parametrize("dispute", [registered, accepted, agreed, closed])
def test_a_clock_that_does_not_run_does_nothing(dispute):
    assert dispute().later(days=900).looks_at("answer").said == ()


# An answer lapses


def test_an_unanswered_offer_lapses_and_routing_is_asked_again():
    lapsed = offered().after("answer")

    assert lapsed.said[:3] == (
        breach(ANSWER_CLOCK, VILLAGE, lapsed.now),
        HandoffLapsed(to=VILLAGE),
        RouteRequested(
            request=2,
            reason=RouteReason.LAPSED,
            facts=FACTS,
            holder=POLICE,
            declines=1,
            passed_over=(VILLAGE,),
        ),
    )
    assert lapsed.clocks == {"routing"}
    assert lapsed.clock("routing").started_at == lapsed.now


@pytest.mark.parametrize(
    ("command", "more"),
    [(Accept, {}), (Decline, {"reason": DeclineReason.LACKS_CAPACITY})],
)
def test_after_the_lapse_it_is_too_late_to_answer(command, more):
    with pytest.raises(NotAllowedNowError, match="the dispute is routing"):
        offered().after("answer").does(command, VILLAGE, **more)


def test_silence_counts_like_a_decline():
    lapsed = offered().after("answer")
    again = offered(lapsed, lead=TOWN, tier=Tier.TOWN).after("answer")

    assert again.state.declines == 2
    assert again.state.passed_over == (VILLAGE, TOWN)


def test_silence_of_a_body_with_the_duty_by_law_is_supervised():
    returned = offered(party_chose_law(), lead=COURT, may_decline=False)
    silent = returned.after("answer")

    assert silent.said[1:3] == (
        SupervisionIssued(body=COURT, clock="answer", order=1),
        HandoffLapsed(to=COURT),
    )
    assert silent.state.asked is RouteReason.LAPSED


# Time to settle it passes


def test_when_mediation_takes_too_long_the_next_tier_is_asked():
    late = mediating().after("mediation")

    assert late.said[:2] == (
        breach(MEDIATION_CLOCK, VILLAGE, late.now),
        RouteRequested(
            request=2,
            reason=RouteReason.DEADLINE_PASSED,
            facts=FACTS,
            holder=VILLAGE,
            tier=Tier.VILLAGE,
            tried=(VILLAGE,),
        ),
    )
    assert late.clocks == {"routing"}


def test_meanwhile_the_parties_may_still_agree():
    late = mediating().after("mediation")

    assert agreed(late).state.stage is Stage.RESOLVED
    assert agreed(offered(late, lead=TOWN)).clocks == {"close_out"}


@pytest.mark.parametrize("dispute", [offered_to_town, passed_up])
def test_what_is_on_its_way_already_is_not_sent_on_its_way_again(dispute):
    late = dispute().after("mediation")

    assert late.said == (breach(MEDIATION_CLOCK, VILLAGE, late.now),)
    assert late.state.requests == dispute().state.requests
    assert late.clocks


# Supervision


@pytest.mark.parametrize(
    ("dispute", "clock", "body"),
    [
        (registered, "first_handling", POLICE),
        (registered, "routing", POLICE),
        (recalled, "holder_decides", POLICE),
        (designation_asked, "designation", JUSTICE),
        (kept_for_safety, "safety_review", POLICE),
        (agreed, "close_out", VILLAGE),
    ],
)
def test_whose_limit_passed_is_supervised_and_the_clock_starts_anew(
    dispute, clock, body
):
    before = dispute()

    late = before.after(clock)

    started = late.said[2].clock
    assert late.said == (
        breach(before.clock(clock), body, late.now),
        SupervisionIssued(body=body, clock=clock, order=1),
        ClockStarted(clock=started),
    )
    assert (started.terms, started.started_at) == (before.clock(clock).terms, late.now)
    assert started.due > late.now


def test_supervision_orders_are_counted():
    late = agreed().after("close_out").after("close_out")

    assert late.said[1] == SupervisionIssued(body=VILLAGE, clock="close_out", order=2)


def test_after_a_long_stop_one_order_is_issued_and_not_many():
    year = agreed().later(days=365).looks_at("close_out")

    assert len(year.said) == 3
    assert year.looks_at("close_out").said == ()


def test_first_handling_is_watched_until_the_dispute_is_sent_on():
    late = registered().after("first_handling")

    assert late.said[1].body == POLICE
    assert offered(late).clocks == {"answer"}


def test_a_limit_that_only_answers_can_lapse_on_is_supervised():
    """A rule that lets another clock lapse must not make a body lose the dispute."""
    odd = limit("handling", 3, Unit.WORKING_DAYS, OnBreach.LAPSE)
    late = accepted(offered(clocks=(odd,))).after("handling")

    assert late.said[1] == SupervisionIssued(body=VILLAGE, clock="handling", order=1)
    assert late.state.stage is Stage.IN_HAND


def test_a_dispatching_body_that_decides_nothing_is_supervised_too():
    assert dispatching().after("holder_decides").clocks == {
        "holder_decides",
        "routing",
    }


@pytest.mark.parametrize(
    ("dispute", "clock"),
    [
        (registered, "first_handling"),
        (offered, "answer"),
        (mediating, "mediation"),
        (designation_asked, "designation"),
        (kept_for_safety, "safety_review"),
    ],
)
def test_a_breach_never_stands_before_a_partys_way_to_law(dispute, clock):
    chosen = dispute().after(clock).does(ChooseLaw, COURT, party=1)

    assert chosen.state.asked is RouteReason.PARTY_CHOSE_LAW


def test_an_answer_of_routing_ends_the_supervision_of_routing():
    late = registered().after("routing")

    assert "routing" not in late.hears(offer(1)).clocks
