"""Files as editors save them: what they decide, with which grounds, and notes."""

from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from services.routing.dmn import (
    Demands,
    Seen,
    Why,
    compile_model,
    load,
    read,
    read_xml,
    write_xml,
)
from services.routing.dmn.values import Kind

FILES = Path(__file__).parent / "dmn"
LEGAL = Demands(("法律依据",), in_description="法律依据")


@pytest.mark.parametrize(
    ("kind", "persons", "amount", "at", "body", "helpers"),
    [
        ("邻里", 2, 900, time(9), "村调解委员会", 1),
        ("邻里", 2, 900, time(18), "综合服务中心", 0),  # office hours end open
        (
            "邻里",
            10,
            900,
            time(9),
            "综合服务中心",
            0,
        ),  # a group, so not for the village
        ("婚姻", 2, Decimal("50000.01"), time(8), "村调解委员会", 1),
        ("劳动", 500, 0, None, "劳动调解中心", 2),
        (None, None, None, None, "综合服务中心", 0),
    ],
)
def test_a_graph_of_camunda_modeler_decides(kind, persons, amount, at, body, helpers):
    graph = load(FILES / "handoff_camunda.dmn", LEGAL)
    inputs = {"纠纷类别": kind, "涉及人数": persons, "登记 时刻": at}
    answer = graph.evaluate("移交去向", {**inputs, "amount in dispute": amount})
    assert answer.value == {"承办单位": body, "协办 数": helpers}


def test_an_answer_tells_its_rows_their_grounds_and_what_they_saw():
    graph = load(FILES / "handoff_camunda.dmn", LEGAL)
    inputs = {"纠纷类别": "劳动", "涉及人数": 12}
    severity, handoff = graph.evaluate("Decision_handoff", inputs).made
    assert (severity.value, severity.matched) == ("红", (1, 3))
    assert [row.id for row in severity.fired] == ["DecisionRule_s1"]
    assert handoff.fired[0].annotations == {"法律依据": "劳动争议调解仲裁法第十条"}
    assert handoff.seen == (
        Seen("类别", "纠纷类别", "劳动"),
        Seen("等级", "风险等级", "红"),
        Seen("时刻", "登记 时刻", None),
    )


def test_a_graph_of_another_editor_decides():
    graph = load(FILES / "terms_other.dmn", Demands(("法律依据",)))
    inputs = {"等级": "红", "登记日": date(2025, 5, 1), "已办 天数": 31, "顺延 天数": 0}
    at_once, reminder = graph.evaluate("期限", inputs).value
    assert at_once == {"时长": timedelta(days=1), "事由": "即办"}
    assert reminder == {"时长": timedelta(hours=36), "事由": '已超期 "催办"'}
    assert graph.evaluate("剩余", inputs).value == -1
    late = graph.evaluate("期限", {**inputs, "登记日": None, "等级": "绿"}).asked
    assert [row.annotations["备注"] for row in late.fired] == ["两行\n文字"]


def test_an_input_without_a_type_of_its_own_has_that_of_its_columns():
    inputs = load(FILES / "handoff_camunda.dmn").inputs
    assert {name: one.kind for name, one in inputs.items()} == {
        "纠纷类别": Kind.STRING,
        "涉及人数": Kind.INTEGER,
        "登记 时刻": Kind.TIME,
        "amount in dispute": Kind.NUMBER,
    }


def test_what_does_not_change_a_decision_is_left_out_with_a_note():
    notes = load(FILES / "handoff_camunda.dmn").notes
    assert [note.told("zh") for note in notes] == [
        "文件 handoff_camunda.dmn：knowledgeSource“人民调解法”不影响决策，未读入。"
    ]


def test_a_table_alone_declares_its_inputs_by_its_columns():
    text = (FILES / "handoff_camunda.dmn").read_text(encoding="utf-8")
    start, end = text.index('<decision id="Decision_handoff"'), text.index("<knowledge")
    before = text[: text.index("<inputData")]
    alone = before + text[start:end] + "</definitions>"
    for needed in ("Decision_severity", "InputData_0k1", "InputData_0k3"):
        tag = "requiredDecision" if needed.startswith("D") else "requiredInput"
        alone = alone.replace(f'<{tag} href="#{needed}" />', "")
    graph = compile_model(read_xml(alone.encode(), "f"))
    assert [*graph.inputs] == ["纠纷类别", "风险等级", "登记 时刻"]
    assert {note.why for note in graph.notes} == {Why.NOTE_UNDECLARED}


@pytest.mark.parametrize("name", ["handoff_camunda.dmn", "terms_other.dmn"])
@pytest.mark.parametrize("version", ["1.3", "1.4", "1.5"])
def test_a_file_is_written_and_read_in_every_version(name, version):
    model = read(FILES / name)
    changed = type(model)(**{**vars(model), "version": version})
    assert read_xml(write_xml(changed), name) == changed
