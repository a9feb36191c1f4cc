"""A story as lines for a reader: what belongs together is one line, and nothing hides."""

from __future__ import annotations

import pytest

from services.audit.grouping import lines
from services.audit.story import tell
from services.audit.wording import Words
from shared.events.escalation import (
    ClockExtended,
    ClockResumed,
    ClockStarted,
    ClockStopped,
    ExtensionReason,
)
from shared.events.notifications import NoticeFailed, NoticeRetried
from tests.unit import audit_histories as told
from tests.unit.test_audit_fold import pausing


@pytest.fixture
def words() -> Words:
    return told.sample_words()


def told_in_lines(telling, words):
    return lines(tell(telling.history, words), words)


def notices(telling, words):
    return [line for line in told_in_lines(telling, words) if line.is_notice]


def test_a_dispute_of_two_parties_is_read_in_few_lines(words):
    found = told_in_lines(told.settled_in_the_village(), words)

    steps = sorted(step.number for line in found for step in line.steps)
    assert steps == list(range(1, 26))
    assert len(found) == 13


def test_all_notices_of_one_cause_are_one_line_if_they_went_out_at_once(words):
    telling = told.newly_registered(120)
    telling.notifies([told.POLICE], "receipt", 2, telling.told[0].place)

    (line,) = notices(telling, words)

    assert line.what.zh == "通知：已告知枫桥镇样例派出所（文件）、当事人120人（文件）"
    assert line.what.en == (
        "notices: told Fengqiao Sample Police Station (file), 120 parties (file)"
    )
    assert line.numbers == "5…246"


def test_notices_of_two_causes_are_two_lines(words):
    found = notices(told.waiting_for_the_village(), words)

    assert [line.what.zh for line in found] == [
        "通知：已告知当事人2人（文件）",
        "通知：已告知枫西样例村人民调解委员会（文件）",
    ]


def test_one_party_alone_is_named_by_its_number(words):
    telling = told.Telling()
    start = telling.says("intake", told.registered(), 0)
    telling.notifies(["party:2"], "registered_party", 1, start)

    assert [line.what.zh for line in notices(telling, words)] == [
        "通知：已告知2号当事人（文件）"
    ]


def test_what_waits_is_retried_or_failed_stands_on_lines_of_its_own(words):
    telling = told.Telling()
    start = telling.says("intake", told.registered(4), 0)
    everybody = [f"party:{number}" for number in range(1, 5)]
    well, again, never, _ = telling.queues(everybody, "registered_party", 1, start)
    telling.sends(well, 1)
    missed = {"channel": "email", "tries": 1, "reason": "no-answer-in-time"}
    for notice in (again, never):
        retried = NoticeRetried(notice=notice, **missed, next_try=told.after(6))
        telling.says("notifications", retried, 1, cause=f"{notice}/1")
    telling.sends(again, 6, tries=2)
    failed = NoticeFailed(notice=never, channel="email", tries=2, reason="no-channel")
    telling.says("notifications", failed, 6, cause=f"{never}/2")

    assert [line.what.zh for line in notices(telling, words)] == [
        "通知：已告知1号当事人（文件）",
        "通知：待告知当事人3人，内容：登记告知（当事人）",
        "通知：第1次未送出，待告知当事人2人（电子邮件），原因：对方未及时应答；"
        "2026-03-02 09:06后再试",
        "通知：第2次送出，已告知2号当事人（文件）",
        "通知：未能告知3号当事人（电子邮件），原因：没有可用的通知方式；已试2次，须由人工告知",
    ]


def test_a_notice_that_waited_long_for_its_first_attempt_does_not_look_prompt(words):
    telling = told.Telling()
    start = telling.says("intake", told.registered(), 0)
    (notice,) = telling.queues(["party:1"], "registered_party", 1, start)
    telling.sends(notice, 600)

    waiting, sent = notices(telling, words)

    assert waiting.what.zh.startswith("通知：待告知1号当事人")
    assert sent.what.zh == "通知：第1次送出，已告知1号当事人（文件）"
    assert sent.main.recorded_at == told.after(600)


def test_sendings_at_different_times_are_different_lines(words):
    telling = told.Telling()
    start = telling.says("intake", told.registered(), 0)
    for minutes, notice in zip(
        (600, 1200),
        telling.queues(["party:1", "party:2"], "registered_party", 1, start),
        strict=True,
    ):
        telling.sends(notice, minutes)

    _, *sent = notices(telling, words)

    assert [line.main.recorded_at for line in sent] == [
        told.after(600),
        told.after(1200),
    ]


def test_many_sendings_among_others_do_not_fill_the_line_with_numbers(words):
    telling = told.Telling()
    start = telling.says("intake", told.registered(20), 0)
    everybody = [f"party:{number}" for number in range(1, 21)]
    first = telling.queues(everybody, "registered_party", 1, start)
    second = telling.queues(everybody, "corrected", 1, "command-2")
    for both in zip(first, second, strict=True):
        for notice in both:
            telling.sends(notice, 1)

    found = notices(telling, words)

    assert [line.numbers for line in found] == [
        "2…21、42、44、…、80",
        "22…41、43、45、…、81",
    ]


def test_a_sending_whose_notice_was_not_heard_is_still_told(words):
    telling = told.newly_registered()
    telling.told = [e for e in telling.told if e.name != "notice.queued.v1"]

    found = notices(telling, words)

    assert [line.what.zh for line in found] == ["通知已送出（文件），第1次"] * 2


def test_limits_stand_with_what_started_and_ended_them(words):
    found = told_in_lines(told.in_mediation(), words)

    (accepted,) = [each for each in found if each.main.name == "handoff.accepted.v1"]
    assert [step.event for step in accepted.clocks] == [
        ClockStopped(clock="answer", met=True),
        ClockStopped(clock="first_handling", met=True),
        ClockStarted(clock=told.a_clock("mediation", 30 * 1440)),
    ]
    assert not any(isinstance(line.main.event, ClockStarted) for line in found)


def test_limits_that_ended_first_stand_with_what_came_after(words):
    telling = told.newly_registered()
    stopped = ClockStopped(clock="routing", met=True)
    telling.says("escalation", stopped, 9, cause="routing:1")
    telling.says("escalation", told.DECLINED, 9, cause="routing:1")

    *_, last = told_in_lines(telling, words)

    assert last.main.event == told.DECLINED
    assert [step.event for step in last.clocks] == [stopped]


def test_a_pause_and_its_end_are_told_with_who_and_why(words):
    telling, paused = pausing(told.in_mediation(), 130)
    later = told.a_clock("mediation", 60 * 1440)
    going_on = paused.model_dump(exclude={"clock"}) | {"clock": later}
    telling.says("escalation", ClockResumed(**going_on), 140, cause="command-9")

    *_, still, going = told_in_lines(telling, words)

    by = "枫西样例村人民调解委员会"
    assert still.what.zh == f"时限中止计算：调解，由{by}记录，原因：鉴定、检验"
    assert still.what.en.endswith("Committee: appraisal")
    assert [step.event.clock.name for step in still.clocks] == ["pause_review"]
    assert going.what.zh == (
        "时限恢复计算：调解，至2026-05-01 09:00；自2026-03-02 11:10起因鉴定、检验未计入"
    )
    assert [line.due for line in going.main.clocks] == [later.due]


@pytest.mark.parametrize(
    ("told_by", "zh", "en"),
    [
        ({}, "，经双方同意", ", by consent of the parties"),
        (
            {"by": told.TOWN, "reason": ExtensionReason.COMPLEX},
            "，由枫桥镇样例人民调解委员会批准，理由：案情复杂",
            "Committee: a complex matter",
        ),
    ],
)
def test_more_time_is_told_with_who_gave_it(words, told_by, zh, en):
    telling = told.in_mediation()
    longer = ClockExtended(clock=told.a_clock("mediation", 60 * 1440), **told_by)
    telling.says("escalation", longer, 130, cause="command-9")

    *_, line = told_in_lines(telling, words)

    assert line.what.zh == f"延长时限：调解，至2026-05-01 09:00{zh}"
    assert line.what.en.endswith(en)


def test_a_limit_that_changes_by_itself_is_a_line(words):
    telling = told.in_mediation()
    longer = ClockExtended(clock=told.a_clock("mediation", 60 * 1440))
    telling.says("escalation", longer, 130, cause="command-9")
    stopped = ClockStopped(clock="mediation", met=False)
    telling.says("escalation", stopped, 140, cause="command-10")

    *_, extended, ended = told_in_lines(telling, words)

    assert (extended.main.event, extended.clocks) == (longer, [])
    assert ended.main.event == stopped
