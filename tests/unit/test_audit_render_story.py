"""How a story looks on paper: a header, numbered lines, a footer; nothing said twice."""

from __future__ import annotations

import pytest

from services.audit import forms, render, render_story
from services.audit.about import about
from services.audit.custody import Stage
from services.audit.steps import Story
from services.audit.story import readings, tell, versions
from services.audit.views import Row
from services.audit.wording import Words
from shared.events.audit import StoryRead
from shared.events.base import Actor, Recorded
from shared.events.escalation import DisputeReopened
from tests.unit import audit_histories as told

ROW = Row(
    dispute=told.DISPUTE,
    code=told.CODE,
    kind="neighbour",
    place="330681109",
    source="police",
    sender=told.POLICE,
    holder=told.POLICE,
    stage=Stage.OFFERED,
    open=True,
    tier=None,
    offered_to=told.VILLAGE,
    next_clock="answer",
    next_due=told.after(3 * 1440),
    provisional=True,
    registered_at=told.MONDAY,
    updated_at=told.MONDAY,
    persons=2,
    parked=0,
    since=told.MONDAY,
)


@pytest.fixture
def words() -> Words:
    return told.sample_words()


def a_story(history: list[Recorded], words: Words) -> Story:
    steps = tell(history, words)
    return Story(
        dispute=told.DISPUTE,
        code=told.CODE,
        about=about(ROW, words),
        steps=steps,
        versions=versions(steps, words),
        readings=readings(history, words),
    )


def written(history: list[Recorded], words: Words) -> str:
    return render.to_text(render_story.story(a_story(history, words), words))


HEADER = """\
办理经过 story  330681-7KQ2-9XWM-4T0A-7
类别 kind              邻里纠纷 neighbours
地点 place             诸暨市枫桥镇 Fengqiao Town, Zhuji City
来源 source            公安机关 police
移送单位 sender        枫桥镇样例派出所 Fengqiao Sample Police Station
涉及人数 persons       2
承办 holder            枫桥镇样例派出所 Fengqiao Sample Police Station
状态 state             待接收 offered
待接收单位 offered to  枫西样例村人民调解委员会 Fengxi Sample Village Mediation Committee
登记时间 registered    2026-03-02 09:00

  1. 2026-03-02 08:30  枫桥镇样例派出所 陈一鸣（officer）
"""

DECISION = """\
  9. 2026-03-02 09:03  系统（分派）
     第1次分派决定：提请接收，难易程度：简单，提请原因：新登记；牵头单位：枫西样例村人民调解委员会；移交方式：移送
     routing decision 1: offer it; severity simple; asked because: registered; lead: Fengxi Sample Village Mediation Committee; by way of referral
     依据 by: 分流表 way/W67 公安移送的其他民间纠纷：由乡镇起步，驻所调解室优先（本软件建议值，非法律）  Other civil disputes from the police: start at the township, its room at the station first
     依据 by: 牵头单位表 lead/NB-01（人民调解法第17条） 暂定  provisional
     所见情况 facts seen: 来源 公安机关；类别 邻里纠纷；地点 诸暨市枫桥镇；涉及人数 2；一方人数 1；所请移交方式 移送  source police; kind neighbours; place Fengqiao Town, Zhuji City; persons 2; larger side 1; handoff asked for referral
     查找 search: 枫桥镇样例派出所已退回或者逾期未签收，不再找它；找到枫西样例村人民调解委员会  Fengqiao Sample Police Station declined or did not answer, so it was passed over; found Fengxi Sample Village Mediation Committee
     版本 versions: 规则表 tables 2026-01@77e0、机构名录 directory 1f
     起因：第4步 because of step 4
10…11. 2026-03-02 09:04  系统（承办与时限）
     枫桥镇样例派出所向枫西样例村人民调解委员会提出移送，请于2026-03-05 09:00前答复
     Fengqiao Sample Police Station offered it to Fengxi Sample Village Mediation Committee (referral), to be answered by 2026-03-05 09:00
     时限 clock: 开始：答复移交 至 2026-03-05 09:00（本软件建议值，非法律）  started: answer to an offer until 2026-03-05 09:00
12…13. 2026-03-02 09:05  通知：已告知枫西样例村人民调解委员会（文件）
     notices: told Fengxi Sample Village Mediation Committee (file)
"""  # noqa: E501


def test_a_story_begins_with_what_it_is_about(words):
    text = written(told.waiting_for_the_village().history, words)

    assert text.startswith(HEADER)


def test_a_decision_is_told_with_its_grounds_which_the_offer_does_not_repeat(words):
    text = written(told.waiting_for_the_village().history, words)

    assert DECISION in text


def test_a_cause_is_named_only_if_it_does_not_stand_just_above(words):
    text = written(told.in_mediation().history, words)

    causes = [line.strip() for line in text.splitlines() if "起因" in line]
    assert causes == [
        "起因：第1步 because of step 1",
        "起因：第4步 because of step 4",
    ]
    assert "command-2" not in text


def test_the_limit_of_a_dispute_that_nobody_has_opened_yet_is_told_all_the_same(words):
    telling = told.newly_registered()
    telling.told = telling.told[:1]

    text = written(telling.history, words)

    assert (
        "时限 clock: 首次处理 至 2026-03-03 09:00（本软件建议值，非法律） 暂定"
        "  first handling until 2026-03-03 09:00 provisional"
    ) in text


def test_when_something_was_learned_is_said_only_if_it_was_late(words):
    telling = told.settled_but_reported_late()

    text = written(telling.history, words)

    late = [line.strip() for line in text.splitlines() if "才知悉" in line]
    assert late == [
        "2026-03-02 09:00才知悉 learned only at 2026-03-02 09:00",
        "2026-03-05 09:00才知悉 learned only at 2026-03-05 09:00",
    ]


def test_what_somebody_typed_cannot_steer_the_terminal(words):
    telling = told.settled_in_the_village()
    rude = DisputeReopened(by=told.VILLAGE, reason="再起\x1b[2J争执\n 99. [bold]假的")
    telling.says("escalation", rude, 9000, by=Actor(body="x", person="\x1b]0;"))

    text = written(telling.history, words)

    assert "\x1b" not in text
    assert "再起 [2J争执  99. [bold]假的" in text
    assert not any(line.startswith(" 99.") for line in text.splitlines())


def read_at(minutes: float, person: str, version: int) -> Recorded:
    return Recorded(
        speaker="audit",
        dispute=told.DISPUTE,
        version=version,
        occurred_at=told.after(minutes),
        recorded_at=told.after(minutes),
        actor=Actor(body="petition-zhuji", person=person),
        cause=f"read/{version}",
        event=StoryRead(what="story"),
    )


def test_a_story_ends_with_what_decided_it_and_who_has_read_it(words):
    history = [
        *told.declined_once().history,
        read_at(70, "何文", 90),
        read_at(75, "李样", 91),
        read_at(80, "何文", 92),
    ]

    *_, used, often, once = written(history, words).splitlines()

    assert used == (
        "版本 versions  规则表 tables 2026-01@77e0、机构名录 directory 1f  "
        "第9、17步；依据的说明文字取自现行规则表 "
        "steps 9, 17; the grounds are worded as in the present tables"
    )
    assert often == (
        "查阅 read by   诸暨市样例信访局 何文  "
        "2次，最近2026-03-02 10:20 2 times, last 2026-03-02 10:20"
    )
    assert "李样" in once


def test_as_json_a_story_is_whole(words):
    found = forms.story_json(a_story(told.settled_in_the_village().history, words))

    assert [step["number"] for step in found["steps"]] == list(range(1, 26))
    assert found["about"] == forms.row_json(ROW, words)
    assert found["versions"] == [
        {
            "versions": {"table": "2026-01@77e0", "directory": "1f"},
            "steps": [9],
            "present": False,
        }
    ]
    rows = found["steps"][8]["why"]["rows"]
    assert (
        rows[0].items() >= {"table": "way", "row": "W67", "provisional": False}.items()
    )
    assert rows[0]["zh"].startswith("公安移送")
    assert rows[1]["zh"] is None
