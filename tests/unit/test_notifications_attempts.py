"""What becomes of a notice: sent once, tried again with growing pauses, or given up."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from services.notifications.domain import Correspondence, Missed, Notice, Standing
from services.notifications.table import notice_table
from shared.events.notifications import (
    Addressee,
    DisputeLearned,
    NoticeFailed,
    NoticeQueued,
    NoticeRetried,
    NoticeSent,
)
from tests.unit.notifications_given import CODE, FACTS, MONDAY, POLICE

ID = UUID("0c5d8f1e-0000-5000-8000-00000000000a")
QUEUED = NoticeQueued(
    notice=ID, to="party:2", template="closed_party", facts={}, about="escalation:x:1"
)
BUSY = Missed(channel="webhook", reason="http-500", give_up=False)
GONE = Missed(channel="webhook", reason="http-410", give_up=True)
PAUSES = notice_table().pauses


def given(*events):
    state = Correspondence()
    for event in events:
        state = state.evolve(event)
    return state


def learned(*numbers, silent=False):
    return DisputeLearned(
        speaker="intake",
        code=CODE,
        holder=POLICE,
        facts=FACTS,
        parties=2,
        silent=silent,
        addressees=tuple(Addressee(number=n) for n in numbers),
    )


def after_misses(count):
    state = given(QUEUED)
    for _ in range(count):
        for event in state.missed(ID, BUSY, PAUSES, MONDAY):
            state = state.evolve(event)
    return state


def test_a_notice_that_went_out_is_sent():
    state = given(QUEUED)

    assert list(state.sent(ID, "file")) == [
        NoticeSent(notice=ID, channel="file", tries=1)
    ]


def test_what_was_sent_is_never_sent_nor_missed_again():
    state = given(QUEUED, NoticeSent(notice=ID, channel="file", tries=1))

    assert state.open(ID) is None
    assert list(state.sent(ID, "file")) == []
    assert list(state.missed(ID, BUSY, PAUSES, MONDAY)) == []
    assert list(state.withheld(ID)) == []


def test_pauses_grow_from_a_minute_to_a_day():
    pauses = []
    for tries in range(len(PAUSES)):
        (event,) = after_misses(tries).missed(ID, BUSY, PAUSES, MONDAY)
        pauses.append(event.next_try - MONDAY)

    minutes = [1, 5, 30, 120, 360, 720, 1440]
    assert pauses == [timedelta(minutes=m) for m in minutes]


def test_a_missed_attempt_is_tried_again_later():
    assert list(given(QUEUED).missed(ID, BUSY, PAUSES, MONDAY)) == [
        NoticeRetried(
            notice=ID,
            channel="webhook",
            tries=1,
            reason="http-500",
            next_try=MONDAY + timedelta(minutes=1),
        )
    ]


def test_after_the_last_attempt_a_person_must_tell_them():
    state = after_misses(len(PAUSES))

    assert list(state.missed(ID, BUSY, PAUSES, MONDAY)) == [
        NoticeFailed(
            notice=ID, channel="webhook", tries=len(PAUSES) + 1, reason="http-500"
        )
    ]


def test_a_channel_that_can_never_work_is_given_up_at_once():
    assert list(given(QUEUED).missed(ID, GONE, PAUSES, MONDAY)) == [
        NoticeFailed(notice=ID, channel="webhook", tries=1, reason="http-410")
    ]


def test_a_letter_to_a_party_is_held_back_when_danger_came_to_light():
    (event,) = given(QUEUED, learned(1, 2, silent=True)).withheld(ID)

    assert event == NoticeFailed(
        notice=ID, channel="withheld", tries=0, reason="safety"
    )


def test_a_party_that_intake_has_not_told_of_is_waited_for():
    notice = Notice(to="party:2", template="closed_party", facts={})

    assert not given(QUEUED).can_go(notice)
    assert given(QUEUED, learned(1, 2)).can_go(notice)


def test_a_body_needs_no_waiting():
    assert Correspondence().can_go(Notice(to=POLICE, template="closed", facts={}))


def test_how_a_notice_stands_is_remembered_with_its_last_reason():
    notice = after_misses(2).notices[ID]

    assert notice == Notice(
        to="party:2",
        template="closed_party",
        facts={},
        standing=Standing.QUEUED,
        tries=2,
        channel="webhook",
        reason="http-500",
        next_try=MONDAY + timedelta(minutes=5),
    )
