"""Every refusal has words, Chinese and English, that use only the facts there are."""

from __future__ import annotations

import ast
from itertools import chain
from pathlib import Path
from string import Formatter

import pytest

from services.intake.refusals import text as intake_text
from services.problems import STATUS, problem
from services.texts import LANGUAGES, Texts, text
from shared.events.errors import FengqiaoError, RefusedError, UnknownDisputeError

ROOT = Path(__file__).parents[2]
SOURCES = [*ROOT.glob("services/**/*.py"), *ROOT.glob("shared/**/*.py")]
TREES = [ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES]
INTAKE = [
    ast.parse(path.read_text(encoding="utf-8"))
    for path in ROOT.glob("services/intake/*.py")
]


def calls(trees, *names):
    for node in chain.from_iterable(map(ast.walk, trees)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in names:
                yield node


def literal(call, place):
    argument = call.args[place] if len(call.args) > place else None
    return argument.value if isinstance(argument, ast.Constant) else None


def codes():
    classes = (
        n for tree in TREES for n in ast.walk(tree) if isinstance(n, ast.ClassDef)
    )
    for found in classes:
        for line in found.body:
            if isinstance(line, ast.Assign) and line.targets[0].id == "code":
                yield line.value.value


@pytest.mark.parametrize("code", sorted(set(codes())))
def test_every_error_has_a_title_and_words(code):
    assert code in text
    assert f"{code}.title" in text


def test_every_reason_for_a_refusal_has_a_title_and_words():
    reasons = {literal(call, 0) for call in calls(TREES, "RefusedError")} - {None}

    assert [r for r in sorted(reasons) if f"refused.{r}.title" not in text] == []
    assert [r for r in sorted(reasons) if f"refused.{r}" not in text] == []


def test_every_fault_of_a_field_and_of_a_file_has_words():
    faults = {literal(call, 0) for call in calls(INTAKE, "wrong")}
    faults |= {
        literal(c, 1)
        for c in calls(INTAKE, "refused", "FieldProblem", "_problem", "Cell")
    }
    files = {literal(call, 0) for call in calls(INTAKE, "FileRefusedError")}

    assert [f for f in faults - {None} if f"field.{f}" not in intake_text] == []
    assert [f for f in files - {None} if f"file.{f}" not in intake_text] == []


@pytest.mark.parametrize("texts", [text, intake_text], ids=["errors", "intake"])
def test_both_languages_tell_the_same_facts(texts):
    for code in texts.codes():
        used = [
            {
                name
                for _, name, _, _ in Formatter().parse(texts.raw(code, language))
                if name
            }
            for language in LANGUAGES
        ]
        assert used[0] == used[1], code


def test_facts_are_listed_as_each_language_does():
    facts = {"reference": "A1", "fields": ["kind", "place"]}

    assert "kind、place" in text("refused.reference-reused", "zh", **facts)
    assert "kind, place" in text("refused.reference-reused", "en", **facts)


def test_a_fact_that_is_missing_does_not_spoil_an_answer():
    assert "—" in text("unknown-dispute", "zh")


def test_a_text_that_is_missing_is_an_error_of_ours():
    with pytest.raises(KeyError, match="no text for 'nothing'"):
        text("nothing", "zh")
    assert "error.title.zh" not in text


def test_a_package_without_a_message_file_has_no_texts():
    with pytest.raises(FileNotFoundError):
        Texts("shared").codes()


def test_an_error_is_told_with_its_status_and_words():
    found = problem(UnknownDisputeError("330681-X"))

    assert found["status"] == 404
    assert "330681-X" in found["detail"]
    assert "330681-X" in found["detail_en"]


def test_a_reason_may_have_a_status_of_its_own():
    named = problem(RefusedError("unknown-body", "x", body="b"))
    plain = problem(RefusedError("no-reply", "x"))

    assert (named["status"], plain["status"]) == (422, 409)


def test_an_error_nobody_worded_is_still_answered():
    class NewError(FengqiaoError):
        code = "brand-new"

    assert problem(NewError("x"))["status"] == 500
    assert problem(RefusedError("brand-new", "x"))["status"] == 409


def test_no_words_point_to_a_part_that_only_one_way_of_answering_has():
    texts = [text.raw(c, lang) for c in text.codes() for lang in LANGUAGES]

    assert not [t for t in texts if "见 errors" in t or "see errors" in t]


def test_the_table_of_status_has_no_code_of_nobody():
    assert [code for code in STATUS if code not in text] == []
