"""The story of a dispute: order, words, grounds; and what was known at which time."""

from __future__ import annotations

import pytest

from services.audit.names import RuleWords
from services.audit.replay import state_at
from services.audit.story import readings, tell, versions
from services.audit.wording import Words
from services.routing.packs import Pack
from shared.bodies import Words as RowWords
from shared.events.audit import StoryRead
from shared.events.base import Actor, Recorded
from shared.events.delivery import MessageParked
from shared.events.escalation import ConsentRecorded
from shared.events.intake import DisputeCorrected
from tests.unit import audit_histories as told


@pytest.fixture
def words() -> Words:
    return told.sample_words()


def test_all_of_a_story_can_be_told(words):
    for telling in (told.declined_once(), told.settled_in_the_village()):
        for step in tell(telling.history, words):
            assert "{" not in step.what.zh + step.what.en
            assert step.what.zh != step.what.en


def test_a_step_says_who_acted_why_and_by_which_rows_of_which_versions(words):
    steps = tell(told.waiting_for_the_village().history, words)

    decision = the_decision(steps)
    asked = steps[decision.why.step - 1]
    assert [row.row for row in decision.why.rows] == ["W67", "NB-01"]
    assert decision.why.versions == {"table": "2026-01@77e0", "directory": "1f"}
    assert asked.name == "route.requested.v1"
    assert (steps[0].who.person, steps[0].why.step) == ("陈一鸣", None)
    assert steps[0].who.name.zh == "枫桥镇样例派出所"


def the_decision(steps):
    (decision,) = [step for step in steps if step.name == "dispute.routed.v1"]
    return decision


def test_a_row_that_decided_is_told_in_words_unless_the_tables_have_it_no_more(words):
    decision = the_decision(tell(told.waiting_for_the_village().history, words))

    present, gone = decision.why.rows
    assert present.zh == "公安移送的其他民间纠纷：由乡镇起步，驻所调解室优先"
    assert present.en.startswith("Other civil disputes from the police")
    assert (gone.row, gone.zh, gone.en) == ("NB-01", None, None)
    assert gone.legal_basis == "人民调解法第17条"


def test_how_the_body_was_found_is_told_step_by_step(words):
    decision = the_decision(tell(told.waiting_for_the_village().history, words))

    passed_over, found = decision.why.search
    assert passed_over.zh == "枫桥镇样例派出所已退回或者逾期未签收，不再找它"
    assert (found.code, found.en) == (
        "found",
        "found Fengxi Sample Village Mediation Committee",
    )


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (("place-succeeded", "330681109", "330681"), "区划诸暨市枫桥镇已并入诸暨市"),
        (("not-in-force", "pmc-gone", "2026-03-02"), "pmc-gone在2026-03-02当日不在"),
        (("asked-a-neighbour", told.TOWN), "asked-a-neighbour pmc-fengqiao"),
        (("not-in-force", told.TOWN), "not-in-force pmc-fengqiao"),
    ],
)
def test_a_step_of_a_search_has_names_for_its_codes_and_is_kept_if_unknown(
    words, step, said
):
    assert words.searched(step).zh.startswith(said)


def test_rows_are_told_in_the_words_of_the_rules_that_decided(words):
    row, gone = ("way", "W67"), ("lead", "NB-01")
    newest = {key: RowWords(zh="现在", en="now") for key in (row, gone)}
    then = {row: RowWords(zh="当时", en="then")}
    rules = RuleWords(newest, {"2026-01@77e0": then})
    steps = tell(told.waiting_for_the_village().history, words.under(rules))

    decision = the_decision(steps)
    offer = next(step for step in steps if step.name == "handoff.offered.v1")
    assert [row.zh for row in decision.why.rows] == ["当时", "现在"]
    assert offer.why.rows == decision.why.rows
    assert versions(steps, words.under(rules))[0].present


def test_a_decision_says_whether_the_tables_are_at_hand_that_decided(words):
    first, second = told.waiting_for_the_village(), told.declined_once()
    steps = [
        *tell(first.history, words),
        *(step for step in tell(second.history, words) if step.why.versions),
    ]

    (used,) = versions(steps, words)
    now = {"table": Pack.load("sample").version}
    why = steps[-1].why.model_copy(update={"versions": now})
    *_, newest = versions([*steps, steps[-1].model_copy(update={"why": why})], words)

    assert used.versions == {"table": "2026-01@77e0", "directory": "1f"}
    assert len(used.steps) == 3
    assert (used.present, newest.present) == (False, True)


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


def test_every_party_at_once_is_said_in_words(words):
    telling = told.in_mediation()
    telling.says("escalation", ConsentRecorded(party=0, willing=True), 50)
    telling.says("escalation", ConsentRecorded(party=2, willing=False), 51)

    told_so = {step.what.zh for step in tell(telling.history, words)}

    assert {"调解意愿：全体当事人同意调解", "调解意愿：2号当事人不同意调解"} <= told_so


def test_a_correction_names_the_fields_and_the_parties(words):
    telling, first = told.newly_registered(), told.registered()
    changed = DisputeCorrected(
        changed=("place", "parties.2"),
        facts=told.FACTS,
        parties=first.parties,
        narrative=first.narrative,
        fingerprint={},
    )
    telling.says("intake", changed, 9)

    *_, last = tell(telling.history, words)

    assert last.what.zh == "移送单位更正登记内容：地点、2号当事人"


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
