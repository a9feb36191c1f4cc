"""What routing adds to its decisions in a story, and why not another body."""

from __future__ import annotations

import pytest

from services.audit import render, render_story
from services.audit.messages import Text
from services.audit.reasons import NO_REASONS, explained
from services.audit.steps import Beside, Ground, Told
from services.audit.story import tell
from shared.events.routing import Routed
from tests.unit import audit_histories as told
from tests.unit.test_audit_render_story import a_story

GATES = tuple(
    Ground(
        table=table,
        row=row,
        legal_basis="design default",
        zh="没有上述情形",
        en="None of these",
    )
    for table, row in (("danger", "D99"), ("unsuitable", "U99"))
)
RECORDED = tuple(Ground(**dict(row)) for row in (told.ROW, told.GONE))
TERMS = Told(
    zh="移送；须各方当事人同意",
    en="Referral; with consent",
    legal_basis="人民调解法第17条",
    provisional=True,
    data={"consent": "parties"},
)
LINKAGE = Told(zh="不属于四所一庭", en="not members", data={"members": []})
WAY = Text(zh="若一方人数为10人以上", en="if ten")


class Routing:
    """Adds the same to every decision, and counts what was searched for."""

    def __init__(self) -> None:
        self.searched: list[tuple[str, int, str]] = []

    def beside(self, routed, at):
        return Beside(rows=(*GATES, *RECORDED), handoff=TERMS, linkage=LINKAGE)

    def why_not(self, code, routed, at, target):
        self.searched.append((code, routed.request, target))
        return Told(
            zh="不由中心承接", en="not the centre", more=(WAY,), data={"ways": 1}
        )


@pytest.fixture
def words():
    return told.sample_words()


@pytest.fixture
def routing():
    return Routing()


def decisions(routing, words, target=None, telling=None):
    steps = tell((telling or told.declined_once()).history, words)
    found = [*explained(steps, told.CODE, routing, words, target)]
    assert [step.number for step in found] == [step.number for step in steps]
    return [step for step in found if isinstance(step.event, Routed)]


def written(routing, words, target=None):
    history = told.waiting_for_the_village().history
    story = a_story(history, words)
    steps = tuple(explained(story.steps, told.CODE, routing, words, target))
    story = story.model_copy(update={"steps": steps})
    return render.to_text(render_story.story(story, words))


def test_every_row_that_fired_is_told_and_those_recorded_as_the_story_words_them(
    routing, words
):
    first, *_ = decisions(routing, words)

    assert [row.row for row in first.why.rows] == ["D99", "U99", "W67", "NB-01"]
    assert first.why.rows[2].zh
    assert first.why.rows[0].zh == "没有上述情形"


def test_without_the_question_nothing_is_searched_and_where_to_ask_is_told(
    routing, words
):
    found = decisions(routing, words)

    assert routing.searched == []
    for step in found:
        assert step.why.why_not is None
        assert f"fengqiao story {told.CODE} --why-not" in step.why.ask.zh
        assert step.why.ask.link == f"/disputes/{told.CODE}/story?why_not=BODY"


def test_why_not_is_told_of_every_decision_as_words_and_as_data(routing, words):
    found = decisions(routing, words, "centre-zhuji")

    assert routing.searched == [
        (told.CODE, step.event.request, "centre-zhuji") for step in found
    ]
    assert len(found) > 1
    assert all(step.why.ask is None for step in found)
    assert {step.why.why_not.data["ways"] for step in found} == {1}


def test_where_nobody_can_make_it_again_the_story_is_as_it_was(words):
    steps = tell(told.declined_once().history, words)

    for target in (None, "centre-zhuji"):
        found = explained(steps, told.CODE, NO_REASONS, words, target)
        assert tuple(found) == steps


def test_the_story_says_it_in_lines_and_the_offer_does_not_repeat_it(routing, words):
    text = written(routing, words)

    gates = "依据 by: 人身危险关 danger/D99、适宜性关 unsuitable/U99 没有上述情形"
    assert text.count(gates) == 1
    assert text.count("way/W67") == 1
    assert (
        "移交方式 way of handing on: 移送；须各方当事人同意（人民调解法第17条） 暂定"
        "  Referral; with consent provisional"
    ) in text
    assert "联动 linkage: 不属于四所一庭  not members" in text
    assert (
        f"为何不是其他机构 why not another body: fengqiao story {told.CODE} --why-not"
    ) in text


def test_the_story_says_why_not_with_the_nearest_change(routing, words):
    text = written(routing, words, "centre-zhuji")

    assert (
        "为何不是其他机构 why not another body: 不由中心承接；若一方人数为10人以上"
        "  not the centre; if ten"
    ) in text
    assert "--why-not" not in text
