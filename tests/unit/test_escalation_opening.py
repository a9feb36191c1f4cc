"""From registration to what routing answers: who holds it, and what is asked."""

from __future__ import annotations

import pytest

from services.escalation.domain import Custody, Stage
from shared.calendar import Unit
from shared.events.errors import InvariantBrokenError, RefusedError
from shared.events.escalation import (
    ClockStarted,
    ClockStopped,
    CustodyOpened,
    DesignationAsked,
    HandoffOffered,
    KeptForSafety,
    LedToLaw,
    RouteRequested,
)
from shared.events.vocabulary import Flag, HandoffKind, RouteReason, Tier
from tests.unit.custody_scenarios import (
    ANSWER,
    ANSWER_CLOCK,
    CLOSE_OUT_CLOCK,
    CODE,
    DESIGNATION,
    FACTS,
    FIRST_CLOCK,
    JUSTICE,
    MEDIATION,
    MONDAY,
    POLICE,
    REGISTERED,
    ROUTING_CLOCK,
    ROW,
    SAFETY_REVIEW,
    THURSDAY_NIGHT,
    TOWN,
    VILLAGE,
    Dispute,
    accepted,
    clock,
    closed,
    declined_once,
    declined_twice,
    designation,
    designation_asked,
    kept_for_safety,
    law,
    led_to_law,
    limit,
    offer,
    offered,
    parties,
    registered,
    stay,
)

STOPPED_ROUTING = ClockStopped(clock="routing", met=True)
SENT_ON = (ClockStopped(clock="first_handling", met=True), STOPPED_ROUTING)


def test_body_of_first_contact_holds_the_dispute_from_the_first_second():
    assert registered().said == (
        CustodyOpened(
            holder=POLICE, code=CODE, parties=2, respondents=(2,), facts=FACTS
        ),
        ClockStarted(clock=FIRST_CLOCK),
        RouteRequested(
            request=1, reason=RouteReason.REGISTERED, facts=FACTS, holder=POLICE
        ),
        ClockStarted(clock=ROUTING_CLOCK),
    )


def test_a_dispute_is_registered_only_once():
    assert registered().hears(REGISTERED).said == ()


def test_nothing_is_made_of_a_decision_on_a_dispute_that_nobody_registered():
    assert Dispute().hears(offer(request=0)).said == ()


def test_the_body_that_routing_names_is_offered_the_dispute():
    assert registered().hears(offer(co_handlers=("women",))).said == (
        *SENT_ON,
        HandoffOffered(
            request=1,
            to=VILLAGE,
            sender=POLICE,
            kind=HandoffKind.REFERRAL,
            tier=Tier.VILLAGE,
            may_decline=True,
            dispatches=False,
            answer_by=THURSDAY_NIGHT,
            clocks=(MEDIATION,),
            co_handlers=("women",),
            rows=(ROW,),
        ),
        ClockStarted(clock=ANSWER_CLOCK),
    )


def test_an_offer_without_kind_is_a_referral():
    assert offered(kind=None).said[2].kind is HandoffKind.REFERRAL


def test_the_answer_lapses_whatever_the_rule_called_it():
    odd = limit("confirm", 3, Unit.WORKING_DAYS)

    assert offered(answer=odd).clock("answer").terms == ANSWER


def test_an_offer_does_not_move_custody():
    assert offered().state.holder == POLICE


def test_a_public_body_is_asked_to_designate():
    assert designation_asked().said == (
        STOPPED_ROUTING,
        DesignationAsked(
            request=3,
            designator=JUSTICE,
            proposed=TOWN,
            tier=Tier.TOWN,
            clocks=(MEDIATION,),
            rows=(ROW,),
        ),
        ClockStarted(clock=clock(DESIGNATION, THURSDAY_NIGHT)),
    )


def test_a_designation_has_a_limit_even_if_its_rule_gives_none():
    asked = declined_twice().hears(designation(3, answer=None))

    assert asked.clock("designation").due == THURSDAY_NIGHT
    assert asked.clock("designation").provisional


def test_a_dangerous_dispute_stays_where_it_is_until_a_person_decides():
    tuesday = MONDAY.replace(day=3)
    assert kept_for_safety().said == (
        *SENT_ON,
        KeptForSafety(holder=POLICE, rows=(ROW,)),
        ClockStarted(clock=clock(SAFETY_REVIEW, tuesday)),
    )


def test_an_unsuitable_dispute_is_led_to_law():
    administrative = registered(Flag.ADMINISTRATIVE).hears(law(1))

    assert administrative.said == (
        *SENT_ON,
        LedToLaw(holder=POLICE, routes=("court", "legal_aid"), parties=2, rows=(ROW,)),
        ClockStarted(clock=CLOSE_OUT_CLOCK),
    )
    assert administrative.state.stage is Stage.LED_TO_LAW


@pytest.mark.parametrize("answer", [offer(1), designation(1), stay(1), law(1)])
@pytest.mark.parametrize(
    "dispute",
    [offered, accepted, declined_once, designation_asked, led_to_law, closed],
)
def test_an_answer_to_an_older_question_changes_nothing(dispute, answer):
    assert dispute().hears(answer).said == ()


@pytest.mark.parametrize(
    ("dispute", "answer"),
    [(offered, offer), (designation_asked, designation), (kept_for_safety, stay)],
)
def test_an_answer_that_comes_twice_counts_once(dispute, answer):
    found = dispute()

    assert found.hears(answer(found.request)).said == ()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (offer(lead=None), "no-lead"),
        (offer(answer=None), "no-lead"),
        (designation(1, designator=None), "no-designator"),
    ],
)
def test_a_decision_that_names_nobody_is_refused_for_repair(answer, reason):
    with pytest.raises(RefusedError, match="mend its rule row") as refused:
        registered().hears(answer)

    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("state", "what"),
    [
        (registered().state.model_copy(update={"holder": ""}), "without a holder"),
        (registered().state.model_copy(update={"clocks": ()}), "without a next clock"),
    ],
)
def test_an_open_dispute_without_holder_or_clock_is_never_recorded(state, what):
    with pytest.raises(InvariantBrokenError, match=what):
        state.check()


def test_nothing_and_closed_disputes_need_neither():
    Custody().check()
    closed().state.check()


def test_respondents_are_known_wherever_they_stand_in_the_list():
    turned = tuple(
        party.model_copy(update={"number": number})
        for number, party in enumerate(reversed(parties(3)), start=1)
    )

    assert registered(among=turned).state.respondents == {1}
