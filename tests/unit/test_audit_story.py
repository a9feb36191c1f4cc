"""The story of a dispute: order, words, grounds; and what was known at which time."""

from __future__ import annotations

import pytest

# Every event class must exist before the completeness of the words is tried.
import shared.events.delivery
import shared.events.escalation
import shared.events.intake
import shared.events.notifications
import shared.events.routing  # noqa: F401
from services.audit.grouping import lines
from services.audit.messages import messages
from services.audit.names import RegionNames
from services.audit.order import in_causal_order
from services.audit.replay import state_at
from services.audit.story import readings, tell
from services.audit.wording import Words
from shared.events import routing, vocabulary
from shared.events.audit import StoryRead
from shared.events.base import Actor, Recorded, event_classes
from shared.events.delivery import MessageParked
from shared.events.escalation import ConsentRecorded, DisputeReopened
from shared.region import Region
from tests.unit import audit_histories as told

SPEAKERS = ("intake", "escalation", "routing", "notifications", "delivery")


@pytest.fixture(scope="session")
def words() -> Words:
    return Words(RegionNames(Region.load("sample")), messages())


def test_every_public_event_has_a_sentence():
    ours = [
        kind
        for kind in event_classes()
        if kind.is_public and kind.__module__.removeprefix("shared.events.") in SPEAKERS
    ]

    assert {kind.event_name for kind in ours} == messages().sentences.keys()


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        ("source", vocabulary.Source),
        ("flag", vocabulary.Flag),
        ("handoff_kind", vocabulary.HandoffKind),
        ("tier", vocabulary.Tier),
        ("route_reason", vocabulary.RouteReason),
        ("decline_reason", vocabulary.DeclineReason),
        ("result", vocabulary.Result),
        ("end_reason", vocabulary.EndReason),
        ("action", routing.Action),
        ("severity", routing.Severity),
    ],
)
def test_every_code_has_words(table, codes):
    assert messages().words[table].keys() == set(codes)


def test_all_of_a_story_can_be_told(words):
    for telling in (told.declined_once(), told.settled_in_the_village()):
        for step in tell(telling.history, words):
            assert "{" not in step.what.zh + step.what.en
            assert step.what.zh != step.what.en


def test_a_step_says_who_acted_why_and_by_which_rows_of_which_versions(words):
    steps = tell(told.waiting_for_the_village().history, words)

    (decision,) = [step for step in steps if step.name == "dispute.routed.v1"]
    asked = steps[decision.why.step - 1]
    assert decision.why.rows == (told.ROW,)
    assert decision.why.versions == {"lead": "2026-01@77e0", "directory": "sample@1f"}
    assert asked.name == "route.requested.v1"
    assert (steps[0].who.person, steps[0].why.step) == ("陈一鸣", None)
    assert steps[0].who.name.zh == "枫桥镇样例派出所"


def test_a_registration_is_told_in_both_languages(words):
    first = tell(told.newly_registered().history, words)[0]

    assert first.what.zh.startswith(f"登记纠纷，一案一码{told.CODE}，来源：公安机关")
    assert "诸暨市枫桥镇" in first.what.zh
    assert "Fengqiao Town, Zhuji City, 2 parties" in first.what.en


def test_a_provisional_clock_is_marked(words):
    first, *_ = tell(told.newly_registered().history, words)

    (clock,) = first.clocks
    assert (clock.words.zh, clock.provisional) == ("首次处理", True)
    assert clock.due == told.after(1440)
    assert clock.legal_basis == "design default"


def test_sealed_content_is_never_shown(words):
    steps = tell(told.newly_registered(3).history, words)

    assert told.SECRET not in "".join(step.model_dump_json() for step in steps)
    assert steps[0].data["narrative"] == "【密封】"
    assert [party["name"] for party in steps[0].data["parties"]] == ["【密封】"] * 3


def test_steps_stand_after_their_causes_though_all_happened_in_one_instant(words):
    at_once = [
        event.model_copy(update={"recorded_at": told.MONDAY})
        for event in told.declined_once().told
    ]

    steps = tell(told.heard_as(at_once[::-1]), words)

    assert len(steps) == len(at_once)
    for step in steps:
        assert step.why.step is None or step.why.step < step.number
    places = [step.place for step in steps if step.place.startswith("escalation")]
    assert places == [f"escalation:{n}" for n in range(1, len(places) + 1)]


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


def test_notices_of_a_group_are_told_together_and_kept_one_by_one(words):
    steps = tell(told.newly_registered(120).history, words)

    together = [line for line in lines(steps, words) if len(line.steps) > 1]
    assert [line.what.zh for line in together] == [
        "待通知120份（当事人）：登记告知（当事人）",
        "120份通知已送出（文件）",
    ]
    assert [line.numbers for line in together] == ["5…124", "125…244"]
    assert len(steps) == 4 + 240


def test_a_sending_goes_back_to_its_notice(words):
    steps = tell(told.newly_registered(3).history, words)

    sent = [step for step in steps if step.name == "notice.sent.v1"]
    queued = [steps[step.why.step - 1] for step in sent]
    assert [step.data["notice"] for step in queued] == [
        step.data["notice"] for step in sent
    ]


def test_every_party_at_once_is_said_in_words(words):
    telling = told.in_mediation()
    telling.says("escalation", ConsentRecorded(party=0, willing=True), 50)
    telling.says("escalation", ConsentRecorded(party=2, willing=False), 51)

    told_so = {step.what.zh for step in tell(telling.history, words)}

    assert {"调解意愿：全体当事人同意调解", "调解意愿：2号当事人不同意调解"} <= told_so


def test_an_event_of_a_newer_release_is_told_by_its_name(words):
    telling = told.newly_registered()
    newer = telling.told[-1].model_copy(
        update={"name": "mediation.suspended.v1", "version": 90, "data": {"by": "x"}}
    )

    *_, last = tell([*telling.history, *told.heard_as([newer])], words)

    assert last.what.zh == "收到本版本尚不能解读的事件：mediation.suspended.v1"
    assert last.data == {"by": "x"}


def own(event, version: int, at: float, actor: Actor) -> Recorded:
    """Something audit says itself."""
    return Recorded(
        speaker="audit",
        dispute=told.DISPUTE,
        version=version,
        occurred_at=told.after(at),
        recorded_at=told.after(at),
        actor=actor,
        cause="by-itself",
        event=event,
    )


def test_what_audit_puts_aside_is_a_step_and_who_reads_is_none(words):
    history = told.newly_registered().history
    aside = MessageParked(
        message=told.DISPUTE,
        service="audit",
        came_from="intake",
        reason="fields do not fit: data",
        behind=True,
    )
    reader = Actor(body="petition-zhuji", person="何文")
    history.append(own(aside, 90, 60, Actor(body="fengqiao", role="audit")))
    history.append(own(StoryRead(what="story"), 91, 61, reader))

    steps, (reading,) = tell(history, words), readings(history, words)

    assert steps[-1].what.zh.startswith("消息待修复（审计服务，来自intake）")
    assert steps[-1].what.zh.endswith("而等待）")
    assert (reading.who.person, reading.read_at) == ("何文", told.after(61))
    assert len(steps) == len(history) - 1


# Two times: when it happened, and when it was known


def test_what_was_reported_late_holds_from_when_it_happened():
    history = told.settled_but_reported_late().history
    wednesday, thursday = told.after(2 * 1440), told.after(3 * 1440)

    assert state_at(history, wednesday).stage == "resolved"
    assert state_at(history, wednesday, known_at=wednesday).stage == "mediating"
    assert state_at(history, wednesday, known_at=thursday).stage == "resolved"


def test_a_state_at_a_time_knows_nothing_of_what_came_after():
    history = told.settled_in_the_village().history

    at_first = state_at(history, told.after(-30))
    offered = state_at(history, told.after(10))

    assert (at_first.stage, at_first.holder) == ("registered", told.POLICE)
    assert (offered.stage, offered.custody.offered_to) == ("offered", told.VILLAGE)
    assert state_at(history, told.after(-31)).stage == "unknown"
