"""What a body might try in order to be rid of a dispute, to keep it, or to hide it."""

from __future__ import annotations

import pytest

from services.escalation.commands import (
    Accept,
    AskRoute,
    Close,
    Decline,
    Designate,
    PassUp,
    Recall,
    RecordConsent,
    RecordOutcome,
    RecordReply,
    Reopen,
)
from services.escalation.domain import Stage
from shared.events.errors import NotAllowedNowError, NotYoursError, RefusedError
from shared.events.escalation import ClockStopped
from shared.events.vocabulary import DeclineReason, Result, RouteReason
from tests.unit.custody_scenarios import (
    CENTRE,
    COURT,
    JUSTICE,
    POLICE,
    TOWN,
    VILLAGE,
    Dispute,
    accepted,
    agreed,
    declined_once,
    designation_asked,
    dispatching,
    mediating,
    offered,
    offered_to_town,
    party_chose_law,
    recalled,
    refused_by_party,
)

SETTLED = {"result": Result.SETTLED_BY_PARTIES}
LACKS = {"reason": DeclineReason.LACKS_CAPACITY}


def stopped(dispute: Dispute) -> set[str]:
    return {e.clock for e in dispute.said if isinstance(e, ClockStopped)}


def test_offering_and_recalling_again_and_again_gives_no_more_time_to_decide():
    busy = recalled()
    for _ in range(5):
        busy = offered(busy.later(days=1).does(AskRoute, POLICE))
        busy = busy.does(Recall, POLICE, reason="later")

    assert busy.clock("holder_decides") == recalled().clock("holder_decides")
    assert busy.later(seconds=1).looks_at("holder_decides").said[1].body == POLICE


def test_who_was_supervised_for_it_is_supervised_for_it_again():
    late = recalled().after("holder_decides")

    again = offered(late.does(AskRoute, POLICE)).does(Recall, POLICE, reason="later")

    said = again.looks_at("holder_decides").said
    assert (said[1].body, said[1].order) == (POLICE, 2)


def test_the_next_holder_and_the_next_time_have_their_own_time_to_decide():
    again = recalled().later(days=10).does(AskRoute, POLICE)
    taken = offered(again, lead=TOWN, clocks=()).does(Accept, TOWN).later(days=1)
    back = offered(taken.does(PassUp, TOWN), lead=CENTRE).does(
        Recall, TOWN, reason="later"
    )
    assert back.clock("holder_decides").started_at == again.now

    settled = recalled().does(RecordOutcome, POLICE, **SETTLED)
    closed = settled.does(RecordReply, POLICE, way="letter").does(Close, POLICE)
    reopened = closed.later(days=30).does(Reopen, POLICE, reason="relapse")
    back = offered(reopened).does(Recall, POLICE, reason="later")
    assert back.clock("holder_decides").started_at == back.now


def test_passing_up_and_recalling_does_not_stop_the_limit_of_mediation():
    busy = mediating()
    for _ in range(5):
        busy = offered(busy.does(PassUp, VILLAGE), lead=TOWN).later(days=2)
        busy = busy.does(Recall, VILLAGE, reason="later")

    assert busy.clock("mediation") == mediating().clock("mediation")


def test_a_body_that_accepts_and_does_nothing_loses_it_to_the_next_tier():
    idle = accepted().after("mediation")

    assert idle.state.asked is RouteReason.DEADLINE_PASSED


def test_a_body_that_declined_cannot_take_it_all_the_same():
    asked = offered(declined_once(), lead=TOWN)

    for command, more in [(Accept, {}), (Decline, LACKS)]:
        with pytest.raises(NotYoursError, match=f"that is for {TOWN}"):
            asked.does(command, VILLAGE, **more)


@pytest.mark.parametrize(("command", "more"), [(Accept, {}), (Decline, LACKS)])
def test_an_offer_is_answered_once(command, more):
    answered = offered().does(command, VILLAGE, **more)

    for again, words in [(Accept, {}), (Decline, LACKS)]:
        with pytest.raises(NotAllowedNowError):
            answered.does(again, VILLAGE, **words)


@pytest.mark.parametrize(
    ("command", "more"),
    [
        (RecordOutcome, SETTLED),
        (RecordConsent, {"party": 1, "willing": False}),
        (PassUp, {}),
        (AskRoute, {}),
    ],
)
def test_who_gave_it_away_has_no_say_any_more(command, more):
    with pytest.raises(NotYoursError, match=f"that is for {VILLAGE}"):
        accepted().does(command, POLICE, **more)


def test_whoever_is_only_asked_has_no_say_yet():
    with pytest.raises(NotYoursError, match=f"that is for {POLICE}"):
        offered().does(RecordOutcome, VILLAGE, **SETTLED)


@pytest.mark.parametrize("body", [POLICE, TOWN, CENTRE])
def test_nobody_names_itself_who_was_not_asked_to_name(body):
    with pytest.raises(NotYoursError, match=f"that is for {JUSTICE}"):
        designation_asked().does(Designate, body, to=body)


def test_nobody_designates_what_was_only_offered():
    with pytest.raises(NotAllowedNowError, match="must be designating"):
        offered().does(Designate, JUSTICE, to=JUSTICE)


def test_a_designation_is_not_made_twice():
    made = designation_asked().does(Designate, JUSTICE, to=TOWN)

    with pytest.raises(NotAllowedNowError):
        made.does(Designate, JUSTICE, to=VILLAGE)


def test_who_was_designated_cannot_decline():
    made = designation_asked().does(Designate, JUSTICE, to=TOWN)

    with pytest.raises(NotAllowedNowError):
        made.does(Decline, TOWN, **LACKS)


def test_consent_written_down_afterwards_does_not_undo_a_refusal():
    undone = refused_by_party().does(RecordConsent, VILLAGE, party=2, willing=True)

    assert undone.state.asked is RouteReason.PARTY_REFUSED


@pytest.mark.parametrize("ended", [refused_by_party, party_chose_law])
@pytest.mark.parametrize(
    ("command", "more", "error"),
    [
        (RecordOutcome, SETTLED, RefusedError),
        (RecordReply, {"way": "letter"}, NotAllowedNowError),
        (Close, {}, NotAllowedNowError),
        (PassUp, {}, NotAllowedNowError),
        (AskRoute, {}, NotAllowedNowError),
    ],
)
def test_nothing_comes_between_a_party_and_the_lawful_way(ended, command, more, error):
    with pytest.raises(error):
        ended().does(command, VILLAGE, **more)


def test_silence_of_routing_is_seen_even_when_it_was_asked_again():
    """The question is put anew; its clock starts anew and is not called done."""
    chosen = dispatching().later(hours=1)
    holder = chosen.state.holder

    ended = chosen.does(RecordConsent, holder, party=1, willing=False)

    assert stopped(ended) == {"holder_decides"}
    assert ended.clock("routing").started_at == chosen.now


def test_an_agreement_reached_late_is_still_an_agreement():
    late = offered(mediating().after("mediation"), lead=TOWN)

    assert agreed(late).state.stage is Stage.RESOLVED


def test_what_the_next_tier_was_offered_is_not_closed_behind_its_back():
    with pytest.raises(NotAllowedNowError):
        offered_to_town().does(Close, VILLAGE)


def test_a_court_that_stays_silent_does_not_stop_the_parties():
    silent = offered(party_chose_law(), lead=COURT, may_decline=False)
    for _ in range(3):
        silent = silent.after("answer")
        assert silent.state.orders >= 1
        assert silent.state.asked is RouteReason.LAPSED
        silent = offered(silent, lead=COURT, may_decline=False)


def test_whoever_recalls_must_decide_and_is_watched():
    late = recalled().after("holder_decides")

    assert late.said[1].body == POLICE
    assert "holder_decides" in late.clocks
