"""The one order of a story: causes first, and what followed at once right after."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from operator import attrgetter

from hypothesis import given, settings
from hypothesis import strategies as st

from services.audit.causes import causes
from services.audit.order import in_causal_order
from shared.events.audit import EventHeard
from shared.events.escalation import DisputeReopened
from tests.unit import audit_histories as told
from tests.unit.audit_hearings import HISTORIES, by_speaker, interleavings


def at(event: EventHeard, seconds: float) -> EventHeard:
    moment = told.MONDAY + timedelta(seconds=seconds)
    return event.model_copy(update={"recorded_at": moment})


@st.composite
def with_clocks_that_cannot_be_trusted(draw, events):
    """The same events, recorded at any times: equal, close, far, or backwards."""
    seconds = st.sampled_from([0, 0.5, 1, 30, 60, 61, 300, 90_000, -5])
    return [at(event, draw(seconds)) for event in events]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_nothing_stands_before_its_cause_or_before_what_its_speaker_said_earlier(data):
    whole = data.draw(st.sampled_from(HISTORIES))().told
    events = data.draw(with_clocks_that_cannot_be_trusted(whole))

    order = in_causal_order(data.draw(interleavings(events)))

    number = {event.place: n for n, event in enumerate(order)}
    assert len(order) == len(events)
    for place, cause in causes(events).items():
        assert cause is None or number[cause] < number[place]
    for said in by_speaker(order):
        assert said == sorted(said, key=lambda event: number[event.place])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_order_of_hearing_changes_nothing_whatever_the_clocks_say(data):
    whole = data.draw(st.sampled_from(HISTORIES))().told
    events = data.draw(with_clocks_that_cannot_be_trusted(whole))

    mixed = data.draw(interleavings(events))

    assert in_causal_order(mixed) == in_causal_order(events)


def names(order):
    """What happened, with repetitions of the same left out."""
    return [name.rpartition(".")[0] for name, _ in groupby(order, attrgetter("name"))]


FROM_REGISTRATION_TO_OFFER = [
    "dispute.registered",
    "custody.opened",
    "clock.started",
    "route.requested",
    "dispute.routed",
    "handoff.offered",
    "clock.started",
    "notice.queued",
    "notice.sent",
]


def test_custody_and_routing_are_told_before_notices_though_all_was_one_instant():
    events = [at(event, 0) for event in told.waiting_for_the_village().told]

    assert names(in_causal_order(events)) == [
        *FROM_REGISTRATION_TO_OFFER,
        "notice.queued",
        "notice.sent",
    ]


def test_what_followed_within_a_minute_is_told_with_what_it_followed_from():
    slow = {"notifications": 40, "routing": 3, "escalation": 2, "intake": 0}
    events = [
        at(event, slow[event.speaker])
        for event in told.newly_registered().told
        if event.name != "notice.sent.v1"
    ]
    reopened = DisputeReopened(by=told.POLICE, reason="再起争执")
    telling = told.Telling()
    telling.told = events
    telling.says("escalation", reopened, 0.5, cause="command-9")

    assert names(in_causal_order(telling.told)) == [
        *("dispute.registered", "custody.opened", "clock.started", "route.requested"),
        *("notice.queued", "dispute.reopened"),
    ]


def test_what_followed_later_stands_where_its_time_is():
    telling = told.waiting_for_the_village()
    (late,) = telling.queues([told.TOWN], "corrected", 3, telling.told[0].place)
    telling.says("escalation", told.DECLINED, 60, cause="command-2")
    telling.sends(late, 90, tries=3)

    *_, declined, sent = in_causal_order(telling.told)

    assert declined.name == "handoff.declined.v1"
    assert (sent.name, sent.cause) == ("notice.sent.v1", f"{late}/3")


def test_what_was_recorded_together_stays_together():
    events = [at(event, 0) for event in told.in_mediation().told]

    order = names(in_causal_order(events))

    accepted = order.index("handoff.accepted")
    assert order[accepted : accepted + 3] == [
        *("handoff.accepted", "clock.stopped", "clock.started")
    ]


def test_a_clock_that_ran_backwards_does_not_turn_the_story_around():
    telling = told.newly_registered()
    reopened = DisputeReopened(by=told.POLICE, reason="再起争执")
    telling.says("escalation", reopened, -5, cause="notifications:2")

    order = [event.place for event in in_causal_order(telling.told)]

    assert order.index("notifications:2") < order.index("escalation:4")
    assert order.index("escalation:3") < order.index("escalation:4")


def test_causes_in_a_circle_are_told_all_the_same():
    first, second, *_ = told.newly_registered().told
    circle = [first.model_copy(update={"cause": second.place}), second]

    assert len(in_causal_order(circle)) == 2


def test_a_sending_goes_back_to_its_notice():
    events = told.newly_registered(3).told

    found = causes(events)

    notice_of = {event.place: event.data.get("notice") for event in events}
    sent = [event.place for event in events if event.name == "notice.sent.v1"]
    assert [notice_of[found[place]] for place in sent] == list(map(notice_of.get, sent))
