"""Time that is not counted: for what, by whom, and by how much the end then moves."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.escalation.commands import (
    Accept,
    ChooseLaw,
    ExtendClock,
    PassUp,
    PauseClock,
    Recall,
    RecordOutcome,
    ResumeClock,
)
from services.escalation.counting import moved
from services.escalation.domain import Stage
from services.routing.packs import Pack
from shared.calendar import SHANGHAI, Unit
from shared.events.clocks import Clock, OnBreach, Pause
from shared.events.errors import (
    InvariantBrokenError,
    NotAllowedNowError,
    NotYoursError,
    RefusedError,
)
from shared.events.escalation import (
    ClockBreached,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    ClockStopped,
    ClockWarned,
    SupervisionIssued,
)
from shared.events.vocabulary import Result
from tests.unit.custody_scenarios import (
    CALENDAR,
    COURT,
    MONDAY,
    POLICE,
    SECOND,
    TOWN,
    VILLAGE,
    accepted,
    agreed,
    all_willing,
    clock,
    closed,
    default,
    limit,
    mediating,
    offered,
    registered,
)

UNITS = {"calendar_days": Unit.CALENDAR_DAYS, "working_days": Unit.WORKING_DAYS}


def pausable(amount: int = 30, unit: Unit = Unit.CALENDAR_DAYS, **rule: object):
    told = {"pauses": (Pause.APPRAISAL,), "extension": "parties", **rule}
    return limit("mediation", amount, unit, OnBreach.ESCALATE, **told)


def in_mediation(terms=None):
    return mediating(accepted(offered(clocks=(terms or pausable(),))))


def paused(dispute=None, reason=Pause.APPRAISAL, by=VILLAGE, name="mediation"):
    found = dispute or in_mediation()
    return found.does(PauseClock, by, clock=name, reason=reason)


def resumed(dispute, by=VILLAGE, name="mediation"):
    return dispute.does(ResumeClock, by, clock=name)


def night(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 23, 59, 59, tzinfo=SHANGHAI)


def due_after(terms, first: datetime, pause: datetime, resume: datetime) -> datetime:
    """When a limit ends that runs from a moment and stands still between two others."""
    dispute = accepted(offered(clocks=(terms,)).at(first))
    going_on = resumed(paused(dispute.at(pause)).at(resume))
    return going_on.clock("mediation").due


# Standing still


def test_a_clock_stands_still_and_another_one_watches_it():
    still = paused()

    review = still.clock("pause_review")
    assert still.said == (
        ClockPaused(
            clock="mediation", by=VILLAGE, reason=Pause.APPRAISAL, paused_at=MONDAY
        ),
        ClockStarted(clock=review),
    )
    assert review.terms == default("pause_review", 30, Unit.CALENDAR_DAYS)
    assert still.state.stage is Stage.MEDIATING


def test_while_it_stands_still_it_neither_warns_nor_ends():
    still = paused()

    for days in (25, 31, 900):
        assert still.later(days=days).looks_at("mediation").said == ()


def test_who_lets_it_stand_still_for_long_is_supervised_again_and_again():
    late = paused().after("pause_review")

    again = late.clock("pause_review")
    due = paused().clock("pause_review").due
    assert late.said == (
        ClockBreached(clock="pause_review", holder=VILLAGE, due=due, fired_at=late.now),
        SupervisionIssued(body=VILLAGE, clock="pause_review", order=1),
        ClockStarted(clock=again),
    )
    assert late.after("pause_review").state.orders == 2
    assert late.looks_at("mediation").said == ()


# Going on


def test_the_end_moves_by_what_was_not_counted():
    still = paused().later(days=9)

    going_on = resumed(still)

    due = datetime(2026, 4, 10, 23, 59, 59, tzinfo=SHANGHAI)
    assert going_on.said == (
        ClockResumed(
            clock=still.clock("mediation").model_copy(
                update={"due": due, "counted_to": due}
            ),
            by=VILLAGE,
            reason=Pause.APPRAISAL,
            paused_at=MONDAY,
        ),
        ClockStopped(clock="pause_review", met=True),
    )
    assert going_on.clocks == {"mediation"}


@pytest.mark.parametrize(
    ("terms", "first", "pause", "resume", "due"),
    [
        # the day of the pause counts, the day of resuming does not: Tue to Fri are off
        (pausable(10, Unit.WORKING_DAYS), (3, 2), (3, 9), (3, 13), night(3, 20)),
        # a weekend inside the pause is no working day that was lost
        (pausable(10, Unit.WORKING_DAYS), (3, 2), (3, 13), (3, 16), night(3, 17)),
        (pausable(10, Unit.WORKING_DAYS), (3, 2), (3, 13), (3, 15), night(3, 16)),
        # Qingming (4 to 6 April) is not worked, and lost to nobody
        (pausable(10, Unit.WORKING_DAYS), (3, 30), (4, 3), (4, 7), night(4, 15)),
        # calendar days: rest days inside the pause are days that were not counted
        (pausable(10), (3, 2), (3, 6), (3, 9), night(3, 16)),
        # it ends on a Saturday as counted, and what moves is that day and not its Monday
        (pausable(12), (3, 2), (3, 9), (3, 11), night(3, 16)),
        (pausable(12), (3, 2), (3, 9), (3, 12), night(3, 17)),
        # paused on its last day: it ends on the day on which it goes on
        (pausable(10), (3, 2), (3, 12), (3, 25), night(3, 25)),
        (pausable(10, Unit.WORKING_DAYS), (3, 2), (3, 16), (3, 22), night(3, 23)),
        # within one day nothing is lost
        (pausable(10), (3, 2), (3, 9), (3, 9), night(3, 12)),
        # months
        (pausable(1, Unit.MONTHS), (3, 2), (3, 9), (3, 12), night(4, 7)),
    ],
)
def test_time_is_counted_in_the_unit_of_the_rule(terms, first, pause, resume, due):
    days = (datetime(2026, *day, 10, tzinfo=SHANGHAI) for day in (first, pause, resume))

    assert due_after(terms, *days) == due


def test_hours_are_lost_to_the_minute():
    at = MONDAY + timedelta(hours=5)
    found = due_after(pausable(24, Unit.HOURS), MONDAY, at, at + timedelta(minutes=95))

    assert found == MONDAY + timedelta(hours=24, minutes=95)


def test_it_may_stand_still_again():
    once = resumed(paused().later(days=9)).later(days=1)

    twice = resumed(paused(once).later(days=5))

    assert twice.clock("mediation").due == night(4, 15)
    assert twice.state.known("mediation").uncounted == timedelta(days=14)


def test_days_of_a_year_without_a_calendar_make_the_end_provisional():
    long = pausable(200, Unit.WORKING_DAYS)
    still = paused(accepted(offered(clocks=(long,))))

    assert not still.clock("mediation").provisional
    assert resumed(still.later(days=320)).clock("mediation").provisional


def test_of_the_new_end_it_is_warned_anew_and_of_the_same_not():
    warned = in_mediation().later(days=25).looks_at("mediation")

    again = resumed(paused(warned).later(days=20)).later(days=1)
    assert isinstance(again.looks_at("mediation").said[0], ClockWarned)

    same = resumed(paused(warned).later(hours=1))
    assert same.later(days=1).looks_at("mediation").said == ()


def test_after_it_goes_on_it_ends_like_any_other():
    late = resumed(paused().later(days=9)).after("mediation")

    assert isinstance(late.said[0], ClockBreached)


@pytest.mark.parametrize("unit", Unit)
def test_a_server_whose_time_went_back_takes_nothing_away(unit):
    running = _running(pausable(2, unit), MONDAY)

    back = moved(running, MONDAY, MONDAY - timedelta(days=3), CALENDAR)

    assert back.due == running.due


def test_nobody_records_a_dispute_of_which_everything_stands_still():
    with pytest.raises(InvariantBrokenError, match="without a next clock"):
        paused().state.evolve(ClockStopped(clock="pause_review", met=True)).check()


# Two at once


def test_the_clock_that_watches_ends_with_the_last_pause():
    handling = limit("handling", 60, Unit.CALENDAR_DAYS, pauses=(Pause.APPRAISAL,))
    both = accepted(offered(clocks=(pausable(), handling)))
    still = paused(paused(both), name="handling")
    review = paused(both).clock("pause_review")

    one = resumed(still.later(days=2), name="handling")

    assert still.clock("pause_review") == one.clock("pause_review") == review
    assert resumed(one).clocks == {"mediation", "handling"}


# Custody


def test_with_custody_the_limit_and_its_pause_end_and_the_next_one_has_its_own():
    up = offered(paused().does(PassUp, VILLAGE), lead=TOWN, clocks=(pausable(),))
    taken = up.later(days=2).does(Accept, TOWN)

    assert taken.clocks == {"mediation"}
    assert taken.state.known("mediation").paused is None
    assert taken.clock("mediation").started_at == taken.now


def test_also_if_the_next_one_has_no_such_limit():
    up = offered(paused().does(PassUp, VILLAGE), lead=TOWN, clocks=())

    assert up.does(Accept, TOWN).clocks == {"holder_decides"}


def test_what_is_offered_on_still_stands_still_until_its_holder_resumes_it():
    up = offered(paused().does(PassUp, VILLAGE), lead=TOWN).later(days=1)

    assert up.does(Recall, VILLAGE, reason="later").state.known("mediation").paused
    assert resumed(up).clocks == {"answer", "mediation"}


@pytest.mark.parametrize(
    "reached", [agreed, lambda d: d.does(ChooseLaw, COURT, party=1)]
)
def test_a_pause_ends_with_mediation(reached):
    over = reached(paused())

    assert ClockStopped(clock="pause_review", met=False) in over.said
    assert not any(running.paused for running in over.state.clocks)


def test_a_pause_never_stands_before_an_outcome():
    settled = paused().does(RecordOutcome, VILLAGE, result=Result.SETTLED_BY_PARTIES)
    assert settled.clocks == {"close_out"}


# What is refused


@pytest.mark.parametrize("by", [POLICE, TOWN])
def test_only_the_holder_pauses_and_resumes(by):
    with pytest.raises(NotYoursError, match=f"that is for {VILLAGE}"):
        paused(by=by)
    with pytest.raises(NotYoursError, match=f"that is for {VILLAGE}"):
        resumed(paused(), by=by)


@pytest.mark.parametrize("dispute", [registered, offered, agreed, closed])
def test_a_clock_is_paused_only_in_hand(dispute):
    with pytest.raises(NotAllowedNowError, match="cannot pause a clock"):
        paused(dispute(), by=dispute().state.holder)


@pytest.mark.parametrize("dispute", [agreed, closed])
def test_nothing_is_resumed_after_the_end(dispute):
    with pytest.raises(NotAllowedNowError, match="cannot resume a clock"):
        resumed(dispute())


@pytest.mark.parametrize("pauses", [(), None])
def test_a_limit_whose_rule_knows_no_pause_is_not_paused(pauses):
    with pytest.raises(RefusedError, match="its rule knows no pause") as refused:
        paused(in_mediation(pausable(pauses=pauses)))
    assert refused.value.reason == "not-pausable"


@pytest.mark.parametrize("name", ["handling", "pause_review", "answer", "nonsense"])
def test_what_does_not_run_is_not_paused(name):
    with pytest.raises(RefusedError, match="is not running"):
        paused(name=name)


def test_what_is_over_is_not_paused():
    over = in_mediation()

    with pytest.raises(RefusedError, match="is over"):
        paused(over.at(over.clock("mediation").due + SECOND))
    assert paused(over.at(over.clock("mediation").due)).said


@pytest.mark.parametrize("reason", set(Pause) - {Pause.APPRAISAL})
def test_it_stands_still_only_for_what_its_rule_names(reason):
    with pytest.raises(RefusedError, match="its rule names: appraisal") as refused:
        paused(reason=reason)
    assert refused.value.reason == "no-such-pause"


def test_the_second_of_two_people_is_refused():
    with pytest.raises(RefusedError, match="stands still already"):
        paused(paused())
    with pytest.raises(RefusedError, match="does not stand still"):
        resumed(resumed(paused().later(days=1)))


def test_the_watching_clock_itself_is_not_resumed():
    with pytest.raises(RefusedError, match="does not stand still"):
        resumed(paused(), name="pause_review")


def test_what_stands_still_is_not_extended():
    with pytest.raises(RefusedError, match="cannot be extended meanwhile"):
        paused().does(ExtendClock, VILLAGE, clock="mediation", days=9, all_agree=True)


def test_pausing_again_and_again_gains_no_day():
    busy = in_mediation()
    for _ in range(20):
        busy = resumed(paused(busy.later(hours=1)).later(minutes=5))

    assert busy.clock("mediation").due == in_mediation().clock("mediation").due


# The rules that are shipped


def test_terms_carry_what_the_rule_says():
    clocks = Pack.load("baseline").clocks

    medical, labour = clocks["PM-11"].terms(), clocks["LB-01"].terms()
    assert (medical.pauses, medical.extension) == ((Pause.APPRAISAL,), "parties")
    assert (labour.pauses, labour.extension) == ((), None)
    assert clocks["PT-10"].terms().pauses == (Pause.HEARING,)


def test_nobody_pauses_labour_mediation():
    labour = Pack.load("baseline").clocks["LB-01"].terms()

    with pytest.raises(RefusedError, match="its rule knows no pause"):
        paused(all_willing(accepted(offered(clocks=(labour,)))))


# For any pause


def moments(days: int):
    return st.integers(0, days * 24 * 60).map(
        lambda minutes: timedelta(minutes=minutes)
    )


@settings(max_examples=300, derandomize=True, database=None, deadline=None)
@given(
    unit=st.sampled_from(Unit),
    amount=st.integers(1, 40),
    begins=moments(250),
    until_pause=moments(60),
    stands=moments(90),
    again=moments(40),
)
def test_no_pause_makes_a_limit_end_earlier(
    unit, amount, begins, until_pause, stands, again
):
    at = datetime(2024, 3, 1, tzinfo=SHANGHAI) + begins
    terms = pausable(amount if unit is not Unit.YEARS else 1, unit)
    first = _running(terms, at)
    since = min(at + until_pause, first.due)
    resumes = since + stands

    later = moved(first, since, resumes, CALENDAR)
    twice = moved(later, min(resumes, later.due), resumes + again, CALENDAR)

    assert first.due <= later.due <= twice.due
    assert later.due >= resumes
    assert later.due - first.due <= stands + timedelta(days=12)  # rolled over holidays


@settings(max_examples=300, derandomize=True, database=None, deadline=None)
@given(amount=st.integers(1, 40), until_pause=moments(50), stands=moments(90))
def test_working_days_before_and_after_the_pause_are_those_of_the_rule(
    amount, until_pause, stands
):
    at = MONDAY
    first = _running(pausable(amount, Unit.WORKING_DAYS), at)
    since = min(at + until_pause, first.due)
    resumes = since + stands

    later = moved(first, since, resumes, CALENDAR)

    counted = _worked(at, since) + _worked(resumes, later.due)
    used_up = _worked(at, since) == amount
    assert counted == amount or (used_up and _worked(resumes, later.due) <= 1)


def _running(terms, at: datetime) -> Clock:
    return clock(terms, CALENDAR.deadline(at, terms.period).due, at)


def _worked(after: datetime, until: datetime) -> int:
    """The working days after the day of one moment, up to that of another."""
    first, last = (moment.astimezone(SHANGHAI).date() for moment in (after, until))
    days = (
        date.fromordinal(n) for n in range(first.toordinal() + 1, last.toordinal() + 1)
    )
    return sum(CALENDAR.is_working_day(day) for day in days)
