"""More time: as the rule of a clock says it, by whom, how often and how much."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from services.escalation.commands import (
    Accept,
    Designate,
    ExtendClock,
    PauseClock,
    ResumeClock,
)
from services.escalation.extending import Allowed, allowed
from services.escalation.offices import Offices
from services.routing.packs import Pack
from shared.calendar import SHANGHAI, Unit
from shared.events.clocks import Pause
from shared.events.errors import NotYoursError, RefusedError
from shared.events.escalation import ClockExtended, ExtensionReason
from shared.region import Region
from tests.unit.custody_scenarios import (
    JUSTICE,
    POLICE,
    SECOND,
    TOWN,
    VILLAGE,
    Dispute,
    accepted,
    declined_twice,
    designated,
    designation,
    limit,
    mediating,
    offered,
)

JUDICIAL = "judicial-fengqiao"
COMPLEX = {"reason": ExtensionReason.COMPLEX}
AGREED = {"all_agree": True}


def handling(extension: str | None, amount=60, unit=Unit.CALENDAR_DAYS, **rule: object):
    told = {"pauses": (), "extension": extension, **rule}
    return limit("handling", amount, unit, **told)


def held(extension: str | None, by: str = VILLAGE, **rule: object) -> Dispute:
    """A body holds it whose own duty has a limit."""
    asked = offered(lead=by, clocks=(handling(extension, **rule),))
    return asked.does(Accept, by)


def extended(dispute: Dispute, days: int, by: str = VILLAGE, **more: object) -> Dispute:
    return dispute.does(ExtendClock, by, clock="handling", days=days, **more)


def night(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 23, 59, 59, tzinfo=SHANGHAI)


# Whose it is


def test_the_head_of_the_holder_gives_more_time_with_a_reason():
    before = held("head+30")

    longer = extended(before, 30, **COMPLEX)

    assert before.clock("handling").due == night(5, 6)  # 1 to 5 May are holidays
    assert longer.said == (
        ClockExtended(
            clock=before.clock("handling").model_copy(
                update={"due": night(6, 5), "counted_to": night(6, 5)}
            ),
            by=VILLAGE,
            reason=ExtensionReason.COMPLEX,
        ),
    )


@pytest.mark.parametrize("post", ["head", "president", "chair"])
def test_posts_of_the_holder_speak_through_it(post):
    assert extended(held(f"{post}+10"), 10, **COMPLEX).said
    with pytest.raises(NotYoursError, match=f"that is for {VILLAGE}"):
        extended(held(f"{post}+10"), 10, by=POLICE, **COMPLEX)


def test_the_superior_gives_it_and_not_the_holder_itself():
    before = held("superior+30", by=JUDICIAL)

    assert extended(before, 30, by=JUSTICE, **COMPLEX).said[0].by == JUSTICE
    for by in (JUDICIAL, POLICE):
        with pytest.raises(NotYoursError, match=f"that is for {JUSTICE}"):
            extended(before, 30, by=by, **COMPLEX)


def test_without_a_superior_in_the_directory_nobody_gives_it():
    with pytest.raises(RefusedError, match="names no superior of pmc-") as refused:
        extended(held("superior+30"), 30, by=JUSTICE, **COMPLEX)
    assert refused.value.reason == "no-superior"


def test_a_superior_that_did_not_exist_yet_is_none():
    region = Region.load("sample")

    assert Offices(region, date(2026, 3, 2)).superior(JUDICIAL) == JUSTICE
    assert Offices(region, date(2023, 12, 31)).superior(JUDICIAL) is None


def test_who_sent_it_gives_more_time_for_what_it_assigned():
    before = held("sender")

    assert extended(before, 30, by=POLICE, **COMPLEX).said[0].by == POLICE
    with pytest.raises(NotYoursError, match=f"that is for {POLICE}"):
        extended(before, 30, **COMPLEX)


def test_of_what_was_designated_the_sender_is_who_designated_it():
    asked = declined_twice().hears(designation(3, clocks=(handling("sender"),)))
    made = asked.does(Designate, JUSTICE, to=TOWN)

    assert extended(made, 30, by=JUSTICE, **COMPLEX).said
    assert designated().state.sender == JUSTICE


def test_the_parties_agree_through_the_holder():
    assert extended(held("parties"), 30, **AGREED).said[0].by is None
    with pytest.raises(NotYoursError):
        extended(held("parties"), 30, by=POLICE, **AGREED)


# How much, and how often


def test_a_rule_with_a_measure_is_used_once():
    once = extended(held("head+30"), 10, **COMPLEX)

    with pytest.raises(RefusedError, match="its rule allows that once") as refused:
        extended(once, 10, **COMPLEX)
    assert refused.value.reason == "extended-already"


def test_no_more_than_the_rule_allows():
    with pytest.raises(RefusedError, match="its rule allows 30 at most") as refused:
        extended(held("head+30"), 31, **COMPLEX)
    assert refused.value.reason == "more-than-allowed"


def test_the_measure_is_in_the_unit_of_the_rule():
    rule = {"amount": 10, "unit": Unit.WORKING_DAYS}

    longer = extended(held("head+30", **rule), 10, **COMPLEX)

    assert longer.clock("handling").due == night(3, 30)


def test_parties_count_calendar_days_whatever_the_rule_counts():
    rule = {"amount": 10, "unit": Unit.WORKING_DAYS}

    assert extended(held("parties", **rule), 10, **AGREED).clock(
        "handling"
    ).due == night(3, 26)


def test_without_a_measure_it_ends_somewhere_all_the_same():
    long = extended(
        extended(held("sender"), 90, by=POLICE, **COMPLEX), 80, POLICE, **COMPLEX
    )

    with pytest.raises(RefusedError, match="more than 180 days"):
        extended(long, 30, by=POLICE, **COMPLEX)


def test_what_was_not_counted_is_no_extension():
    told = {"clock": "handling"}
    rule = {"pauses": (Pause.APPRAISAL,)}
    still = held("parties", **rule).does(
        PauseClock, VILLAGE, reason="appraisal", **told
    )
    going_on = still.later(days=100).does(ResumeClock, VILLAGE, **told)

    assert extended(going_on, 175, **AGREED).said


# What is refused


@pytest.mark.parametrize("more", [COMPLEX, AGREED])
def test_a_rule_without_extension_knows_none(more):
    with pytest.raises(RefusedError, match="cannot be extended by its rule") as refused:
        extended(held(None), 10, **more)
    assert refused.value.reason == "not-extendable"


def test_nobody_extends_what_is_over():
    over = held("head+30")

    with pytest.raises(RefusedError, match="is over"):
        extended(over.at(over.clock("handling").due + SECOND), 10, **COMPLEX)


def test_consent_of_the_parties_is_no_reason_and_a_reason_no_consent():
    with pytest.raises(RefusedError, match="say why") as refused:
        extended(held("head+30"), 10, **AGREED)
    assert refused.value.reason == "no-extension-reason"

    with pytest.raises(RefusedError, match="when all parties agree") as refused:
        extended(held("parties"), 10, **COMPLEX)
    assert refused.value.reason == "not-all-agree"


def test_labour_mediation_is_over_after_its_fifteen_days():
    labour = Pack.load("baseline").clocks["LB-01"].terms()
    going_on = mediating(accepted(offered(clocks=(labour,))))

    with pytest.raises(RefusedError, match="cannot be extended by its rule"):
        going_on.does(ExtendClock, VILLAGE, clock="mediation", days=9, **AGREED)


# The rules


def test_mediation_that_began_before_terms_told_it_may_be_extended_as_then():
    told = limit("mediation", 30, Unit.CALENDAR_DAYS)

    assert allowed(told) == Allowed("parties", None)
    assert allowed(told.model_copy(update={"pauses": ()})) is None
    assert allowed(limit("handling", 30, Unit.CALENDAR_DAYS)) is None


def test_every_extension_of_the_shipped_rules_is_one_that_is_enforced():
    found = {allowed(rule.terms()) for rule in Pack.load("baseline").clocks.values()}

    assert found == {
        None,
        *(Allowed("parties", None), Allowed("sender", None)),
        *(Allowed("head", 30), Allowed("superior", 30)),
        *(Allowed("president", 10), Allowed("president", None)),
        *(Allowed("chair", 15), Allowed("chair", 30)),
    }
