"""What audit makes of everything it hears, in whatever order the speakers are heard."""

from __future__ import annotations

from functools import reduce
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.audit.custody import Stage
from services.audit.domain import Dispute
from shared.events.audit import EventHeard
from shared.events.clocks import Pause
from shared.events.delivery import MessageParked, MessageReleased
from shared.events.escalation import (
    ClockBreached,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    ClockStopped,
    DesignationAsked,
    DisputeClosed,
    DisputeReopened,
    HandoffDesignated,
    HandoffRecalled,
    KeptForSafety,
    LedToLaw,
    SupervisionIssued,
)
from shared.events.intake import ReferralReturned
from shared.events.vocabulary import Tier
from tests.unit import audit_histories as told
from tests.unit.audit_hearings import HISTORIES, interleavings


def folded(events) -> Dispute:
    return reduce(Dispute.told, events, Dispute())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_order_in_which_speakers_are_heard_changes_nothing(data):
    events = data.draw(st.sampled_from(HISTORIES))().told

    mixed = data.draw(interleavings(events))

    assert folded(mixed) == folded(events)


def test_a_registered_dispute_has_a_holder_and_a_next_clock_before_custody_is_heard():
    only_intake = [e for e in told.newly_registered().told if e.speaker == "intake"]

    dispute = folded(only_intake)

    assert dispute.code == told.CODE
    assert (dispute.stage, dispute.holder) == (Stage.REGISTERED, told.POLICE)
    assert [clock.name for clock in dispute.clocks] == ["first_handling"]
    assert dispute.is_open


def test_an_offer_shows_who_is_asked_while_custody_stays():
    dispute = folded(told.waiting_for_the_village().told)

    assert dispute.stage is Stage.OFFERED
    assert (dispute.holder, dispute.custody.offered_to) == (told.POLICE, told.VILLAGE)
    assert [clock.name for clock in dispute.clocks] == ["first_handling", "answer"]


def test_acceptance_moves_custody_and_the_clocks():
    dispute = folded(told.in_mediation().told)

    assert (dispute.stage, dispute.holder) == (Stage.MEDIATING, told.VILLAGE)
    assert dispute.custody.tier is Tier.VILLAGE
    assert dispute.custody.offered_to is None
    assert [clock.name for clock in dispute.clocks] == ["mediation"]


def test_a_decline_brings_the_next_body():
    dispute = folded(told.declined_once().told)

    assert dispute.stage is Stage.OFFERED
    assert (dispute.holder, dispute.custody.offered_to) == (told.POLICE, told.TOWN)
    assert dispute.decision.request == 2


def test_a_closed_dispute_has_an_outcome_and_no_clock():
    dispute = folded(told.settled_in_the_village().told)

    assert dispute.stage is Stage.CLOSED
    assert not dispute.is_open
    assert dispute.clocks == ()
    assert dispute.custody.outcome.ratified == 2
    assert (dispute.notices.queued, dispute.notices.sent) == (5, 5)
    assert (dispute.since, dispute.updated_at) == (
        told.MONDAY,
        told.after(4 * 1440 + 7),
    )


@pytest.mark.parametrize(
    ("events", "stage", "holder"),
    [
        (
            [HandoffRecalled(to=told.VILLAGE, by=told.POLICE, reason="已和好")],
            "held",
            None,
        ),
        ([KeptForSafety(holder=told.POLICE, rows=(told.ROW,))], "kept", None),
        (
            [LedToLaw(holder=told.POLICE, routes=("court",), parties=2, rows=())],
            "led_to_law",
            None,
        ),
        (
            [
                DesignationAsked(
                    request=2,
                    designator="justice-zhuji",
                    proposed=told.TOWN,
                    tier=Tier.TOWN,
                    clocks=(),
                    rows=(told.ROW,),
                )
            ],
            "designating",
            None,
        ),
        (
            [HandoffDesignated(by="justice-zhuji", to=told.TOWN, tier=Tier.TOWN)],
            "in_hand",
            told.TOWN,
        ),
        ([DisputeReopened(by=told.POLICE, reason="再起争执")], "routing", None),
    ],
)
def test_each_turn_of_custody_is_a_stage(events, stage, holder):
    telling = told.waiting_for_the_village()
    for event in events:
        telling.says("escalation", event, 100)

    dispute = folded(telling.told)

    assert (dispute.stage, dispute.holder) == (stage, holder or told.POLICE)
    assert dispute.custody.offered_to is None


def test_a_limit_that_passed_is_counted_and_runs_anew_after_supervision():
    telling = told.in_mediation()
    limit = {"clock": "mediation", "due": told.after(1), "fired_at": told.after(2)}
    telling.says("escalation", ClockBreached(holder=told.VILLAGE, **limit), 200)
    order = SupervisionIssued(body=told.VILLAGE, clock="mediation", order=1)
    telling.says("escalation", order, 200)
    telling.says("escalation", ClockStarted(clock=told.a_clock("mediation", 9000)), 200)

    dispute = folded(telling.told)

    assert (dispute.custody.breaches, dispute.custody.orders) == (1, 1)
    assert [clock.due for clock in dispute.clocks] == [told.after(9000)]


def pausing(telling, at: float = 100):
    paused = ClockPaused(
        clock="mediation",
        by=told.VILLAGE,
        reason=Pause.APPRAISAL,
        paused_at=told.after(at),
    )
    telling.says("escalation", paused, at, cause="command-8")
    review = ClockStarted(clock=told.a_clock("pause_review", 30 * 1440))
    telling.says("escalation", review, at, cause="command-8")
    return telling, paused


def test_what_stands_still_is_told_and_is_not_the_next_clock():
    telling, paused = pausing(told.in_mediation())

    dispute = folded(telling.told)

    assert [clock.name for clock in dispute.clocks] == ["pause_review", "mediation"]
    assert dispute.custody.paused == (paused,)


def test_what_goes_on_stands_still_no_more():
    telling, paused = pausing(told.in_mediation())
    later = told.a_clock("mediation", 60 * 1440)
    going_on = paused.model_dump(exclude={"clock"}) | {"clock": later}
    telling.says("escalation", ClockResumed(**going_on), 200)

    dispute = folded(telling.told)

    assert dispute.custody.paused == ()
    assert later in dispute.clocks


@pytest.mark.parametrize(
    "end",
    [
        ClockStopped(clock="mediation", met=False),
        ClockStarted(clock=told.a_clock("mediation", 9000)),
        DisputeClosed(by=told.VILLAGE, parties=2),
    ],
)
def test_a_pause_ends_with_its_clock(end):
    telling, _ = pausing(told.in_mediation())
    telling.says("escalation", end, 200)

    assert folded(telling.told).custody.paused == ()


def parked(message, behind=False) -> MessageParked:
    return MessageParked(
        message=message,
        service="intake",
        came_from="referrals.police",
        reason="the body is not JSON in UTF-8",
        behind=behind,
    )


def test_a_referral_that_waits_for_repair_has_no_code_and_is_open_until_released():
    telling, message = told.Telling(), uuid4()
    telling.says("intake", parked(message), 0)
    waiting = folded(telling.told)
    released = MessageReleased(
        message=message, service="intake", by="x/王静", why="已补正", repaired=True
    )
    telling.says("intake", released, 5)

    assert (waiting.stage, waiting.code, waiting.is_open) == ("to_repair", None, True)
    assert not folded(telling.told).is_open


def test_what_audit_puts_aside_itself_counts_too():
    dispute = folded(told.newly_registered().told).evolve(parked(uuid4()))

    assert len(dispute.waiting) == 1
    assert dispute.stage is Stage.ROUTING


def test_a_returned_referral_is_no_dispute():
    telling = told.Telling()
    returned = ReferralReturned(
        sender=told.POLICE,
        reference="JJ-9",
        source="police",
        reason="no-dispute",
        fingerprint={},
    )
    telling.says("intake", returned, 0)

    dispute = folded(telling.told)

    assert (dispute.stage, dispute.is_open) == (Stage.RETURNED, False)


def of_a_newer_release(name: str, **data) -> EventHeard:
    return EventHeard(
        speaker="escalation",
        version=9,
        name=name,
        occurred_at=told.MONDAY,
        recorded_at=told.MONDAY,
        actor=told.MEDIATOR,
        cause="command-9",
        data=data,
    )


@pytest.mark.parametrize(
    "event",
    [
        of_a_newer_release("mediation.suspended.v1", by=told.VILLAGE),
        of_a_newer_release("dispute.closed.v1", by=["not", "a", "body"]),
    ],
)
def test_an_event_nobody_here_can_read_is_counted_and_changes_nothing_else(event):
    before = folded(told.in_mediation().told)

    after = before.told(event)

    known = {"unread": 1, "heard_to": after.heard_to}
    assert after == before.model_copy(update=known)
