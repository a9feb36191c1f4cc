"""How the ledger, a story and a state look on paper and on a screen."""

from __future__ import annotations

from io import StringIO
from uuid import uuid4

import pytest
from rich.cells import cell_len
from rich.console import Console

from services.audit import forms, render, render_state
from services.audit.custody import Stage
from services.audit.replay import state_at
from services.audit.views import Held, Page, Row
from services.audit.wording import Words
from tests.unit import audit_histories as told
from tests.unit.test_audit_fold import folded, pausing


@pytest.fixture
def words() -> Words:
    return told.sample_words()


def a_row(**changes) -> Row:
    row = Row(
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
    return row.model_copy(update=changes)


NOTHING = dict.fromkeys(
    ("code", "kind", "place", "holder", "offered_to", "next_clock", "next_due")
)
FOR_REPAIR = a_row(**NOTHING, stage=Stage.TO_REPAIR, parked=1)


def cells(text: str) -> list[list[str]]:
    """The cells of a table, without what only fills the columns."""
    rows = [line for line in text.splitlines() if line.strip(" ─")]
    return [[c.strip() for c in row.split("  ") if c.strip()] for row in rows]


def test_the_ledger_is_chinese_first_and_headed_in_both_languages(words):
    page = Page(rows=(a_row(), FOR_REPAIR))

    text = render.to_text(render.ledger(page, words))

    assert cells(text) == [
        ["一案一码", "类别", "地点", "承办", "状态", "下一时限"],
        ["code", "kind", "place", "holder", "state", "next clock"],
        [
            "330681-7KQ2-9XWM-4T0A-7",
            "邻里纠纷",
            "诸暨市枫桥镇",
            "枫桥镇样例派出所",
            "待接收：枫西样例村人民调解委员会",
            "答复移交 2026-03-05 09:00 暂定",
        ],
        ["（无编码）", "待修复"],
    ]


def test_a_dispute_with_messages_put_aside_says_how_many(words):
    page = Page(rows=(a_row(parked=2),))

    assert "委员会（待修复消息2条）" in render.to_text(render.ledger(page, words))


def test_columns_stand_straight_under_chinese_and_latin_text(words):
    text = render.to_text(render.ledger(Page(rows=(a_row(), a_row(code="X"))), words))

    _, *rows = [line for line in text.splitlines() if "邻里" in line or "类别" in line]
    starts = {cell_len(row.partition("邻里")[0]) for row in rows}
    assert len(rows) == 2
    assert len(starts) == 1


def test_a_ledger_that_goes_on_says_from_where(words):
    following = uuid4()

    text = render.to_text(render.ledger(Page(rows=(a_row(),), next=following), words))

    assert f"还有更多，从此处继续：{following}" in text


def test_an_empty_ledger_says_so(words):
    text = render.to_text(render.ledger(Page(rows=()), words))

    assert text == "台账中没有符合条件的纠纷。  The ledger has no such dispute.\n"


def test_what_each_body_holds_is_counted(words):
    text = render.to_text(render.held([Held(told.POLICE, 12, 3)], words))

    assert ["枫桥镇样例派出所", "12", "3"] in [
        line.split() for line in text.splitlines()
    ]


def test_a_state_at_a_time_names_the_time(words):
    at = told.after(100)
    dispute = state_at(told.in_mediation().history, at)

    text = render.to_text(render_state.state(dispute, words, at))

    rows = [line.split("  ") for line in text.splitlines()]
    told_so = {row[0]: " ".join(filter(None, row[1:])).strip() for row in rows}
    assert told_so["截至（发生） as of"] == "2026-03-02 10:40"
    assert told_so["状态 state"] == "承办中 in hand"
    assert told_so["时限 running clock"] == "调解 mediation 2026-04-01 09:00"


def test_a_state_shows_since_when_a_clock_stands_still_and_why(words):
    telling, _ = pausing(told.in_mediation())

    text = render.to_text(render_state.state(folded(telling.told), words))

    assert "自2026-03-02 10:40起中止计算：鉴定、检验" in text
    assert "paused since 2026-03-02 10:40: appraisal" in text


def test_a_screen_gets_its_own_width_and_a_pipe_its_own_text(words):
    page = Page(rows=(a_row(),))
    narrow = Console(file=StringIO(), width=60, force_terminal=True)
    pipe = Console(file=StringIO(), width=60, force_terminal=False)

    for console in (narrow, pipe):
        render.show(render.ledger(page, words), console)

    assert max(map(cell_len, narrow.file.getvalue().splitlines())) > 0
    assert "\x1b[" in narrow.file.getvalue()
    assert pipe.file.getvalue() == render.to_text(render.ledger(page, words))


def test_as_json_a_row_has_codes_and_words(words):
    found = forms.ledger_json(Page(rows=(a_row(), FOR_REPAIR)), words)

    first, repair = found["rows"]
    assert (first["kind"], first["next_due"]) == (
        "neighbour",
        "2026-03-05T09:00:00+08:00",
    )
    assert first["words"]["holder"] == {
        "zh": "枫桥镇样例派出所",
        "en": "Fengqiao Sample Police Station",
    }
    assert repair["words"]["stage"] == {"zh": "待修复", "en": "to be repaired"}
    assert found["next"] is None


def test_as_json_a_state_leaves_nothing_out(words):
    history = told.settled_in_the_village().history
    end = told.after(10_000)

    found = forms.state_json(state_at(history, end), words, end)

    assert (found["stage"], found["replied"], found["parked"]) == ("closed", True, 0)
    assert found["outcome"]["amount"] == {"yuan": "60000", "exactness": "at_least"}
    assert found["closed_at"] == told.after(4 * 1440 + 5).isoformat()
    assert found["notices"] == {"queued": 5, "sent": 5, "retried": 0, "failed": 0}
