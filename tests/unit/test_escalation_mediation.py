"""Mediation: who must be willing, how it comes out, and when there is more time."""

from __future__ import annotations

from datetime import datetime

import pytest

from services.escalation.commands import (
    BEFORE_OUTCOME,
    ExtendClock,
    RecordConsent,
    RecordOutcome,
    StartMediation,
)
from services.escalation.domain import Stage
from shared.calendar import SHANGHAI, Unit
from shared.events.errors import NotAllowedNowError, NotYoursError, RefusedError
from shared.events.escalation import (
    ClockExtended,
    ClockStarted,
    ClockStopped,
    ConsentRecorded,
    HandoffRecalled,
    MediationStarted,
    OutcomeRecorded,
    RouteRequested,
)
from shared.events.facts import Money
from shared.events.vocabulary import EndReason, Result, RouteReason, Tier
from tests.unit.custody_scenarios import (
    CLOSE_OUT_CLOCK,
    FACTS,
    MEDIATION_CLOCK,
    POLICE,
    ROUTING_CLOCK,
    SECOND,
    TOWN,
    VILLAGE,
    accepted,
    agreed,
    all_willing,
    closed,
    declined_once,
    designation_asked,
    group_mediating,
    group_registered,
    kept_for_safety,
    led_to_law,
    limit,
    mediating,
    not_settled,
    offered,
    offered_to_town,
    party_chose_law,
    recalled,
    refused_by_party,
    registered,
    reopened,
)

NO_AGREEMENT = {"result": Result.TERMINATED, "end_reason": EndReason.NO_AGREEMENT}
STOPPED_MEDIATION = ClockStopped(clock="mediation", met=True)


def consent(dispute, party: int, willing: bool = True):
    return dispute.does(
        RecordConsent, dispute.state.holder, party=party, willing=willing
    )


# Who must be willing


def test_mediation_starts_when_every_party_is_willing_and_knows_its_rights():
    assert mediating().said == (MediationStarted(by=VILLAGE),)


def test_will_is_recorded_one_by_one_or_of_all_at_once():
    one_by_one = consent(consent(accepted(), 1), 2)

    assert one_by_one.said == (ConsentRecorded(party=2, willing=True),)
    assert one_by_one.state.willing == all_willing().state.willing == {1, 2}


def test_will_may_be_recorded_before_anybody_took_it():
    at_the_station = consent(registered(), 0)

    assert accepted(offered(at_the_station)).state.willing == {1, 2}


@pytest.mark.parametrize("willing", [(), (1,), (2,)])
def test_no_session_while_one_party_was_not_asked(willing):
    asked = accepted()
    for party in willing:
        asked = consent(asked, party)

    with pytest.raises(RefusedError, match=f"{len(willing)} of 2 parties"):
        asked.does(StartMediation, VILLAGE, rights_notice=True)


@pytest.mark.parametrize("willing", [(), (1, 2, 3), (13,)])
def test_a_group_needs_somebody_of_each_side(willing):
    asked = accepted(offered(group_registered()))
    for party in willing:
        asked = consent(asked, party)

    with pytest.raises(RefusedError, match="parties are recorded as willing"):
        asked.does(StartMediation, VILLAGE, rights_notice=True)

    both = consent(consent(asked, 7), 13)
    assert both.does(StartMediation, VILLAGE, rights_notice=True).state.mediating


def test_no_session_without_telling_the_parties_their_rights():
    with pytest.raises(ValueError, match="rights_notice"):
        all_willing().does(StartMediation, VILLAGE, rights_notice=False)


def test_one_clear_refusal_ends_mediation_of_two_parties():
    assert refused_by_party().said == (
        ConsentRecorded(party=2, willing=False),
        OutcomeRecorded(
            by=VILLAGE,
            result=Result.TERMINATED,
            end_reason=EndReason.REFUSED_BY_PARTY,
            parties=2,
        ),
        STOPPED_MEDIATION,
        RouteRequested(
            request=2,
            reason=RouteReason.PARTY_REFUSED,
            facts=FACTS,
            holder=VILLAGE,
            tier=Tier.VILLAGE,
        ),
        ClockStarted(clock=ROUTING_CLOCK),
    )


@pytest.mark.parametrize(
    "dispute",
    [registered, offered, declined_once, designation_asked, recalled, kept_for_safety],
)
def test_a_refusal_counts_wherever_the_dispute_stands(dispute):
    refused = consent(dispute(), 1, willing=False)

    assert refused.state.asked is RouteReason.PARTY_REFUSED
    assert refused.clocks == {"routing"}
    assert refused.state.offer is None


def test_a_refusal_takes_an_open_offer_back():
    refused = consent(offered(), 1, willing=False)

    assert refused.said[1] == HandoffRecalled(to=VILLAGE, by=POLICE, reason="ended")
    assert ClockStopped(clock="answer", met=False) in refused.said


def test_consent_ends_with_the_mediation_it_was_given_for():
    again = accepted(offered(not_settled(), lead=VILLAGE))

    with pytest.raises(RefusedError, match="0 of 2"):
        again.does(StartMediation, VILLAGE, rights_notice=True)


def test_consent_is_asked_anew_after_reopening():
    assert reopened().state.willing == frozenset()


def test_only_the_holder_records_consent():
    with pytest.raises(NotYoursError, match=f"that is for {VILLAGE}"):
        accepted().does(RecordConsent, TOWN, party=1, willing=True)


@pytest.mark.parametrize("dispute", [agreed, led_to_law, closed])
def test_there_is_no_consent_to_record_once_it_is_over(dispute):
    with pytest.raises(NotAllowedNowError):
        consent(dispute(), 1)


def test_a_party_that_does_not_exist_cannot_be_asked():
    with pytest.raises(RefusedError, match="there are 2"):
        consent(accepted(), 3)


@pytest.mark.parametrize("dispute", [registered, offered, mediating, agreed, closed])
def test_mediation_starts_only_in_hand(dispute):
    found = dispute()

    with pytest.raises(NotAllowedNowError, match="must be in_hand"):
        found.does(StartMediation, found.state.holder, rights_notice=True)


def test_only_the_holder_starts_mediation():
    with pytest.raises(NotYoursError):
        all_willing().does(StartMediation, TOWN, rights_notice=True)


# How it comes out


def test_an_agreement_is_recorded_and_then_the_parties_are_to_be_told():
    told = {"amount": Money(yuan=1200), "performed": True}

    assert agreed(**told).said == (
        OutcomeRecorded(
            by=VILLAGE,
            result=Result.AGREED_WRITTEN,
            amount=Money(yuan=1200),
            performed=True,
            parties=2,
        ),
        STOPPED_MEDIATION,
        ClockStarted(clock=CLOSE_OUT_CLOCK),
    )
    assert agreed().state.stage is Stage.RESOLVED


@pytest.mark.parametrize(
    "result", [Result.AGREED_WRITTEN, Result.AGREED_ORAL, Result.AGREED_PART]
)
@pytest.mark.parametrize("dispute", [registered, offered, accepted, kept_for_safety])
def test_without_mediation_there_is_no_agreement(dispute, result):
    found = dispute()

    with pytest.raises(NotAllowedNowError, match="must be mediating"):
        found.does(RecordOutcome, found.state.holder, result=result)


@pytest.mark.parametrize("dispute", [registered, offered, accepted, kept_for_safety])
def test_parties_may_settle_by_themselves_at_any_moment(dispute):
    found = dispute()

    settled = found.does(
        RecordOutcome, found.state.holder, result=Result.SETTLED_BY_PARTIES
    )

    assert settled.state.stage is Stage.RESOLVED
    assert settled.clocks == {"close_out"}
    assert settled.state.offer is None


def test_an_agreement_takes_the_offer_to_the_next_tier_back():
    assert agreed(offered_to_town()).said[0] == HandoffRecalled(
        to=TOWN, by=VILLAGE, reason="ended"
    )


def test_without_agreement_the_lawful_ways_are_sought():
    ended = mediating().does(RecordOutcome, VILLAGE, **NO_AGREEMENT)

    assert ended.said[0] == OutcomeRecorded(
        by=VILLAGE,
        result=Result.TERMINATED,
        end_reason=EndReason.NO_AGREEMENT,
        parties=2,
    )
    assert ended.state.asked is RouteReason.PARTY_CHOSE_LAW


def test_without_agreement_the_parties_may_wish_for_the_next_tier():
    assert not_settled().state.asked is RouteReason.FAILED


def test_a_refusal_told_as_outcome_is_a_refusal():
    ended = mediating().does(
        RecordOutcome,
        VILLAGE,
        result=Result.TERMINATED,
        end_reason=EndReason.REFUSED_BY_PARTY,
    )

    assert ended.state.asked is RouteReason.PARTY_REFUSED


def test_not_accepted_is_recorded_as_what_it_is():
    ended = accepted().does(RecordOutcome, VILLAGE, result=Result.NOT_ACCEPTED)

    assert ended.said[0].result is Result.NOT_ACCEPTED
    assert ended.state.asked is RouteReason.PARTY_CHOSE_LAW


@pytest.mark.parametrize(
    "reason",
    [
        EndReason.REFUSED_BY_PARTY,
        EndReason.SUIT_FILED,
        EndReason.OTHER_FORUM_ACCEPTED,
    ],
)
def test_who_does_not_want_mediation_is_not_sent_to_the_next_tier(reason):
    with pytest.raises(RefusedError, match="does not want mediation any more"):
        mediating().does(
            RecordOutcome,
            VILLAGE,
            result=Result.TERMINATED,
            end_reason=reason,
            next_tier=True,
        )


def test_the_end_of_mediation_has_a_reason():
    with pytest.raises(RefusedError, match="say why mediation ended"):
        mediating().does(RecordOutcome, VILLAGE, result=Result.TERMINATED)


@pytest.mark.parametrize("dispute", [refused_by_party, party_chose_law, not_settled])
@pytest.mark.parametrize("result", [Result.SETTLED_BY_PARTIES, Result.TAKEN_TO_LAW])
def test_no_second_outcome_while_the_way_on_is_sought(dispute, result):
    with pytest.raises(RefusedError, match="mediation has ended"):
        dispute().does(RecordOutcome, VILLAGE, result=result)


@pytest.mark.parametrize("dispute", [agreed, led_to_law, closed])
def test_an_outcome_is_recorded_once(dispute):
    with pytest.raises(NotAllowedNowError):
        dispute().does(RecordOutcome, VILLAGE, result=Result.SETTLED_BY_PARTIES)


def test_only_the_holder_records_the_outcome():
    with pytest.raises(NotYoursError):
        mediating().does(RecordOutcome, TOWN, result=Result.AGREED_ORAL)


# Agreement of a group


@pytest.mark.parametrize(("ratified", "result"), [(12, "agreed_written"), (11, None)])
def test_a_group_agrees_if_each_of_it_agreed(ratified, result):
    found = group_mediating(12)

    if result:
        assert agreed(found, ratified=ratified).said[0].ratified == ratified
    else:
        with pytest.raises(RefusedError, match="11 of 12 in the group"):
            agreed(found, ratified=ratified)


def test_a_representative_cannot_agree_for_the_others():
    with pytest.raises(RefusedError, match="nobody can agree for another"):
        agreed(group_mediating(12))


def test_part_of_a_group_may_agree():
    part = agreed(group_mediating(12), result=Result.AGREED_PART, ratified=3)

    assert part.state.stage is Stage.RESOLVED


def test_who_left_the_group_need_not_agree():
    without = consent(group_mediating(12), 5, willing=False)

    assert agreed(without, ratified=11).state.stage is Stage.RESOLVED


def test_not_more_agree_than_there_are():
    with pytest.raises(RefusedError, match="14 ratified, but there are 13"):
        agreed(group_mediating(12), ratified=14)


# More time


def extended(dispute, days: int, clock: str = "mediation", by: str = VILLAGE):
    return dispute.does(ExtendClock, by, clock=clock, days=days, all_agree=True)


def test_more_time_counts_from_the_old_end():
    assert extended(mediating(), 30).said == (
        ClockExtended(
            clock=MEDIATION_CLOCK.model_copy(
                update={
                    "due": datetime(2026, 5, 6, 23, 59, 59, tzinfo=SHANGHAI),
                    "counted_to": datetime(2026, 5, 1, 23, 59, 59, tzinfo=SHANGHAI),
                }
            )
        ),
    )  # 1 May to 5 May are holidays in 2026


def test_an_extended_clock_warns_again():
    warned = mediating().later(days=25).looks_at("mediation")

    longer = extended(warned, 30)

    assert longer.later(days=25).looks_at("mediation").said != ()


def test_nobody_extends_mediation_for_ever():
    long = extended(extended(mediating(), 90), 80)

    with pytest.raises(RefusedError, match="more than 180 days"):
        extended(long, 30)


def test_there_is_no_more_time_once_it_is_over():
    over = mediating().at(MEDIATION_CLOCK.due + SECOND)

    with pytest.raises(RefusedError, match="cannot be extended"):
        extended(over, 30)


def test_more_time_needs_all_parties():
    with pytest.raises(ValueError, match="all_agree"):
        mediating().does(
            ExtendClock, VILLAGE, clock="mediation", days=30, all_agree=False
        )


DOCKETING = limit("docketing", 7, Unit.CALENDAR_DAYS)


@pytest.mark.parametrize(
    ("dispute", "clock"),
    [
        (accepted, "handling"),
        (lambda: accepted(offered(clocks=(DOCKETING,))), "docketing"),
        (lambda: accepted(offered(clocks=())), "holder_decides"),
    ],
)
def test_parties_cannot_give_a_body_more_time_for_its_own_duty(dispute, clock):
    with pytest.raises(RefusedError, match="cannot be extended by its rule"):
        extended(dispute(), 30, clock)


@pytest.mark.parametrize("dispute", [registered, offered, agreed, closed])
def test_time_is_extended_only_in_hand(dispute):
    found = dispute()

    with pytest.raises(NotAllowedNowError, match="cannot extend a clock"):
        extended(found, 30, by=found.state.holder)


def test_only_the_holder_asks_for_more_time():
    with pytest.raises(NotYoursError):
        extended(mediating(), 30, by=TOWN)


def test_stages_before_the_outcome_are_all_but_the_last_ones():
    over = {Stage.UNKNOWN, Stage.RESOLVED, Stage.LED_TO_LAW, Stage.CLOSED}

    assert set(Stage) - set(BEFORE_OUTCOME) == over
