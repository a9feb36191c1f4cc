"""A person decides instead of the rules: who may, when, and what follows."""

from __future__ import annotations

import pytest

from services.escalation.asking_human import AskForHuman
from services.escalation.by_hand import MAY_DECLINE, DecideByHand
from services.escalation.commands import (
    Accept,
    ChooseLaw,
    Decline,
    Recall,
    RecordConsent,
)
from services.escalation.domain import Stage
from services.routing.packs import Pack
from services.routing.packs.handoffs import MayDecline
from shared.events.errors import NotAllowedNowError, NotYoursError, RefusedError
from shared.events.escalation import (
    ClockStarted,
    ClockStopped,
    DecidedByHand,
    HandoffOffered,
    HandoffRecalled,
    HandReason,
    HumanAsked,
    SupervisionIssued,
)
from shared.events.routing import FiredRow
from shared.events.vocabulary import DeclineReason, HandoffKind, RouteReason, Tier
from tests.unit.custody_scenarios import (
    ANSWER_CLOCK,
    CENTRE,
    COURT,
    GUIDANCE,
    HUMAN_DECISION,
    JUSTICE,
    MEDIATION,
    POLICE,
    ROOM,
    ROW,
    THURSDAY_NIGHT,
    TOWN,
    VILLAGE,
    accepted,
    agreed,
    clock,
    closed,
    designation_asked,
    group_registered,
    kept_for_safety,
    law,
    led_to_law,
    mediating,
    offered,
    recalled,
    registered,
)

LEAD = FiredRow(table="lead", row="L99", legal_basis="人民调解法第8条")


def by_person(dispute, to, by=JUSTICE, reason=HandReason.WRONG_ROW):
    return dispute.does(DecideByHand, by, to=to, reason=reason)


def by_rules_to_law():
    return registered().hears(law(1))


def led_there():
    return offered(rows=(ROW, LEAD))


def test_decision_by_hand_takes_the_offer_back_and_asks_whom_it_names():
    decided = by_person(led_there(), TOWN)

    assert decided.said == (
        DecidedByHand(
            by=JUSTICE,
            to=TOWN,
            reason=HandReason.WRONG_ROW,
            holder=POLICE,
            instead_of=VILLAGE,
            request=1,
            row=LEAD,
            rows=(ROW, LEAD),
        ),
        HandoffRecalled(to=VILLAGE, by=JUSTICE, reason="decided_by_hand"),
        ClockStopped(clock="answer", met=False),
        HandoffOffered(
            request=1,
            to=TOWN,
            sender=POLICE,
            kind=HandoffKind.DESIGNATE,
            tier=Tier.TOWN,
            may_decline=False,
            dispatches=False,
            answer_by=THURSDAY_NIGHT,
            clocks=(MEDIATION,),
            co_handlers=(),
            rows=(),
        ),
        ClockStarted(clock=ANSWER_CLOCK),
    )
    assert decided.state.holder == POLICE


def test_whom_a_person_names_takes_it_like_anybody_else():
    taken = by_person(offered(), TOWN).does(Accept, TOWN)

    assert (taken.state.holder, taken.state.tier) == (TOWN, Tier.TOWN)
    assert taken.clocks == {"mediation"}


def test_what_a_public_body_decides_cannot_be_declined():
    with pytest.raises(RefusedError, match="cannot decline"):
        by_person(offered(), TOWN).does(
            Decline, TOWN, reason=DeclineReason.LACKS_CAPACITY
        )


def test_what_a_supervisor_proposes_can_be_declined():
    held = offered(lead=ROOM).does(Accept, ROOM)
    proposed = by_person(held, COURT, by=GUIDANCE)

    declined = proposed.does(Decline, COURT, reason=DeclineReason.OUT_OF_SCOPE)

    assert proposed.said[-2].kind is HandoffKind.REFERRAL
    assert declined.state.asked is RouteReason.DECLINED


@pytest.mark.parametrize("by", [VILLAGE, TOWN, COURT, POLICE, "justice-manas"])
def test_only_public_bodies_of_the_place_and_the_supervisor_decide(by):
    with pytest.raises(NotYoursError, match=f"that is for {CENTRE}"):
        by_person(offered(), TOWN, by=by)


@pytest.mark.parametrize(
    ("dispute", "chosen", "row"),
    [
        (led_there, VILLAGE, LEAD),
        (lambda: accepted(led_there()), VILLAGE, LEAD),
        (designation_asked, None, ROW),
        (kept_for_safety, POLICE, ROW),
        (recalled, None, ROW),
    ],
)
def test_the_row_that_decided_is_charged(dispute, chosen, row):
    (decided, *_) = by_person(dispute(), TOWN).said

    assert (decided.instead_of, decided.row) == (chosen, row)


def test_one_decision_of_the_rules_is_charged_once():
    again = by_person(by_person(led_there(), TOWN), CENTRE)

    assert again.said[0].row is None
    assert by_person(led_there(), TOWN).said[0].row == LEAD


@pytest.mark.parametrize(
    ("dispute", "to"),
    [(offered, VILLAGE), (accepted, VILLAGE), (mediating, VILLAGE)],
)
def test_a_decision_can_be_upheld_and_then_nothing_moves(dispute, to):
    asked = dispute().does(AskForHuman, POLICE, party=1)

    upheld = by_person(asked, to, reason=HandReason.LAWFUL)

    assert upheld.said == (
        upheld.said[0],
        ClockStopped(clock="human_decision", met=True),
    )
    assert (upheld.said[0].upheld, upheld.said[0].row) == (True, None)
    assert upheld.state.stage is dispute().state.stage


@pytest.mark.parametrize("dispute", [registered, agreed, closed])
def test_there_must_be_a_decision_that_can_still_be_changed(dispute):
    with pytest.raises((NotAllowedNowError, RefusedError)):
        by_person(dispute(), TOWN)


def test_running_mediation_is_not_taken_from_the_parties():
    with pytest.raises(NotAllowedNowError):
        by_person(mediating(), TOWN)


def test_a_body_that_the_directory_does_not_have_today_cannot_be_named():
    with pytest.raises(RefusedError, match="no such body today"):
        by_person(offered(), "pmc-nowhere")


def test_nobody_decides_over_a_party_that_goes_to_law():
    with pytest.raises(RefusedError, match="nobody decides over that"):
        by_person(led_to_law(), TOWN)


def test_a_group_goes_on_after_one_member_left():
    group = group_registered()
    left = offered(group.does(RecordConsent, POLICE, party=3, willing=False))

    assert by_person(left, TOWN).state.offer.to == TOWN


def test_the_party_that_was_handed_on_may_still_go_to_law():
    gone = by_person(offered(), TOWN).does(ChooseLaw, COURT, party=1)

    assert gone.state.asked is RouteReason.PARTY_CHOSE_LAW


def test_a_party_asks_for_a_person_and_a_clock_watches():
    asked = offered().does(AskForHuman, POLICE, party=2)

    assert asked.said == (
        HumanAsked(
            party=2, by=POLICE, holder=POLICE, decider=CENTRE, request=1, rows=(ROW,)
        ),
        ClockStarted(clock=clock(HUMAN_DECISION, THURSDAY_NIGHT)),
    )
    assert asked.state.stage is Stage.OFFERED


def test_the_wish_goes_on_when_another_body_takes_it():
    taken = offered().does(AskForHuman, POLICE, party=2).does(Accept, VILLAGE)

    assert taken.clocks == {"mediation", "human_decision"}


def test_who_is_to_decide_and_does_not_is_supervised():
    late = offered().does(AskForHuman, POLICE, party=2).does(Accept, VILLAGE)

    late = late.after("human_decision")

    (order,) = (said for said in late.said if isinstance(said, SupervisionIssued))
    assert (order.body, order.clock) == (CENTRE, "human_decision")
    assert "human_decision" in late.clocks


def test_the_same_wish_again_gives_no_new_time():
    asked = offered().does(AskForHuman, POLICE, party=1).later(days=1)

    again = asked.does(AskForHuman, VILLAGE, party=2)

    assert [type(said) for said in again.said] == [HumanAsked]


def test_an_offer_taken_back_leaves_a_clock_of_its_own():
    asked = offered().does(AskForHuman, POLICE, party=1)

    back = asked.later(minutes=5).does(Recall, POLICE, reason="changed")

    assert back.clocks == {"holder_decides", "human_decision"}


@pytest.mark.parametrize("dispute", [kept_for_safety, by_rules_to_law])
def test_what_the_rules_kept_or_led_to_law_can_be_handed_on(dispute):
    moved = by_person(dispute(), TOWN).does(Accept, TOWN)

    assert moved.state.holder == TOWN
    assert moved.clocks == {"holder_decides"}


def test_nobody_must_take_what_was_kept_for_safety():
    kept = by_person(kept_for_safety(), TOWN)
    law = by_person(by_rules_to_law(), TOWN)

    assert kept.state.offer.may_decline
    assert kept.said[-2].kind is HandoffKind.REFERRAL
    assert not law.state.offer.may_decline


def test_a_court_is_referred_to_and_may_decline_whoever_decides():
    referred = by_person(by_rules_to_law(), COURT)
    declined = referred.does(Decline, COURT, reason=DeclineReason.OUT_OF_SCOPE)

    assert referred.said[-2].kind is HandoffKind.REFERRAL
    assert declined.state.asked is RouteReason.DECLINED


@pytest.mark.parametrize("name", ["sample", "shaoxing", "changji", "otog", "beijing"])
def test_what_may_be_declined_is_what_the_matrix_says(name):
    matrix = Pack.load(name).handoffs
    said = {kind: matrix[kind].may_decline for kind in MAY_DECLINE}

    assert {kind: told is not MayDecline.NO for kind, told in said.items()} == (
        MAY_DECLINE
    )


def test_the_holder_is_not_asked_to_take_what_it_holds():
    with pytest.raises(RefusedError) as refused:
        by_person(offered(), POLICE)

    assert refused.value.reason == "holds-it-already"
