"""`fengqiao rules explain`: for people in both languages, for programs as JSON."""

from __future__ import annotations

import json
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from services.cli import ask, rules_explain
from services.cli.words import in_words
from shared.events.errors import RefusedError, UnknownDisputeError
from tests.unit.test_explaining import CASE_CODE, explanations
from tests.unit.test_explaining_hands import DECIDED, ROW, WISH, recorded


@pytest.fixture(autouse=True)
def a_house(monkeypatch):
    @contextmanager
    def house():
        yield SimpleNamespace(
            explanations=lambda: explanations(
                find_hands=lambda _: recorded(WISH, DECIDED)
            )
        )

    monkeypatch.setattr(rules_explain, "a_house", house)


def test_every_decision_is_told_with_rows_facts_and_versions(capsys):
    rules_explain.explain(CASE_CODE)

    told = capsys.readouterr().out
    assert "第1次分派决定" in told
    assert "lead/L50 公安移送的家庭、邻里、宅基地纠纷" in told
    assert "所见情况" in told and "暂定" in told and "规则表" in told


def test_why_not_is_told_as_a_list_of_changes(capsys):
    rules_explain.explain(CASE_CODE, why_not="centre-zhuji")

    told = capsys.readouterr().out
    assert "  2. 若一方人数为10人以上，则由" in told
    assert "if the larger side had 10 persons or more" in told


def test_what_people_did_stands_under_the_decision(capsys):
    rules_explain.explain(CASE_CODE)

    told = capsys.readouterr().out.replace("\n", "")
    assert "人工决定 · decided by people: 2026-03-02 09:00 2号当事人请求" in told
    assert f"计入lead/{ROW.row}行" in told


def test_a_code_that_nothing_has_is_told_as_it_was_typed():
    with pytest.raises(UnknownDisputeError) as refused:
        rules_explain.explain("NOPE" * 20)

    assert f"没有查到纠纷 {'NOPE' * 10}。" in in_words(refused.value)


@pytest.mark.parametrize(
    ("typed", "said"),
    [("nobody-x", "没有机构 nobody-x。"), ("某某", "没有 --why-not 所写的机构")],
)
def test_a_body_that_is_not_there_is_told(typed, said):
    with pytest.raises(RefusedError) as refused:
        rules_explain.explain(CASE_CODE, why_not=typed)

    assert said in in_words(refused.value)


def test_both_are_json_for_programs(capfdbinary):
    rules_explain.explain(CASE_CODE, as_json=True)
    rules_explain.explain(CASE_CODE, request=1, as_json=True)
    rules_explain.explain(CASE_CODE, why_not="justice-zhuji", as_json=True)

    every, one, why = _values(capfdbinary.readouterr().out.decode())
    assert every == [one]
    assert [deed["deed"] for deed in one["by_hand"]] == ["asked", "decided"]
    assert one["by_hand"][1]["reason"] == "wrong_row"
    assert (why["outcome"], why["complete"]) == ("none", True)


def _values(text):
    reader, at = json.JSONDecoder(), 0
    while at < len(text.rstrip()):
        value, end = reader.raw_decode(text, at)
        yield value
        at = end + 1


class Audit:
    """Told what a story is asked with; it never has one to tell."""

    def __init__(self):
        self.asked = []

    def story(self, code, why_not):
        self.asked.append((code, why_not))
        raise UnknownDisputeError(code)


@pytest.mark.parametrize("why_not", [None, "centre-zhuji"])
def test_a_story_is_asked_for_with_the_body_that_was_typed(monkeypatch, why_not):
    audit = Audit()

    @contextmanager
    def house():
        yield SimpleNamespace(audit=audit)

    monkeypatch.setattr(ask, "a_house", house)
    with pytest.raises(UnknownDisputeError):
        ask.story(CASE_CODE, why_not=why_not)

    assert audit.asked == [(CASE_CODE, why_not)]


def test_terms_and_linkage_of_a_decision_are_told(capsys):
    rules_explain.explain(CASE_CODE)

    told = capsys.readouterr().out.replace("\n", "")
    assert "移交方式 · way of handing on: 移送；须各方当事人同意" in told
    assert "（人民调解法第17、18条; 本软件建议值，非法律; 参照" in told
    assert "联动 · linkage: 四所一庭成员：枫桥镇样例派出所、" in told
    assert "；不属于四所一庭：枫西样例村人民调解委员会 · members of" in told
