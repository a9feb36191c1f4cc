"""`fengqiao rules explain`: for people in both languages, for programs as JSON."""

from __future__ import annotations

import json
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from services.cli import rules_explain
from tests.unit.test_explaining import CASE_CODE, explanations


@pytest.fixture(autouse=True)
def a_house(monkeypatch):
    @contextmanager
    def house():
        yield SimpleNamespace(explanations=explanations)

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


def test_both_are_json_for_programs(capfdbinary):
    rules_explain.explain(CASE_CODE, as_json=True)
    rules_explain.explain(CASE_CODE, request=1, as_json=True)
    rules_explain.explain(CASE_CODE, why_not="justice-zhuji", as_json=True)

    every, one, why = _values(capfdbinary.readouterr().out.decode())
    assert every == [one]
    assert (why["outcome"], why["complete"]) == ("none", True)


def _values(text):
    reader, at = json.JSONDecoder(), 0
    while at < len(text.rstrip()):
        value, end = reader.raw_decode(text, at)
        yield value
        at = end + 1
