"""Excel in and out: the sheets people see, exact round trips, and what is refused."""

import io
import zipfile
from contextlib import suppress
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.routing.dmn import (
    Demands,
    DmnRefusedError,
    Why,
    compile_model,
    load,
    read,
    read_xlsx,
    read_xml,
    write_xlsx,
    write_xml,
)
from services.routing.dmn.model import (
    Aggregation,
    Decision,
    DecisionTable,
    HitPolicy,
    InputColumn,
    InputData,
    LiteralExpression,
    Model,
    OutputColumn,
    Rule,
    TypeDefinition,
)

FILES = Path(__file__).parent / "dmn"
BY_HAND = [
    ["移交去向", "输入", "输入 Input", "输出", "注释", "Annotation"],
    ["u", "纠纷类别", "涉及 人数", "去向", "法律依据", "备注"],
    ["类型", "string", "number", "string"],
    ["允许值", '"邻里","劳动"', None, '"村调解委员会","劳动调解中心","联合调解"'],
    ["缺省", None, None, '"联合调解"'],
    [1, '"邻里"', "<10", '"村调解委员会"', "人民调解法第二十条"],
    [2, '"劳动"', "[1..10)", '"劳动调解中心"', "劳动争议调解仲裁法第十条", 5],
    [None, None, 10, '"联合调解"', "=不是公式"],
]


def workbook(*sheets):
    """What Excel saves: sheets by name, rows of typed cells."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for cell in (c for row in sheet for c in row if c.data_type == "f"):
            if cell.value == "=不是公式":
                cell.data_type = "s"
    return saved(book)


def saved(book):
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def changed(row, column, value):
    """The sheet made by hand with one cell changed; counted from 1 as Excel does."""
    rows = [[*one] + [None] * (6 - len(one)) for one in BY_HAND]
    rows += [[None] * 6 for _ in range(row - len(rows))]
    rows[row - 1][column - 1] = value
    return workbook(("表", rows))


def test_a_table_made_by_hand_in_excel_decides():
    model = read_xlsx(workbook(("表", BY_HAND)), "表.xlsx")
    graph = compile_model(model, Demands(("法律依据",)))
    answer = graph.evaluate("移交去向", {"纠纷类别": "劳动", "涉及 人数": 3})
    (fired,) = answer.asked.fired
    assert answer.value == "劳动调解中心"
    assert fired.annotations == {"法律依据": "劳动争议调解仲裁法第十条", "备注": "5"}
    asked = {"纠纷类别": "劳动", "涉及 人数": 10}
    (joint,) = graph.evaluate("移交去向", asked).asked.fired
    assert joint.annotations["法律依据"] == "=不是公式"
    assert graph.evaluate("移交去向", {}).asked.by_default


def test_sheets_may_build_on_each_other_by_name():
    severity = [
        ["等级", "输入", "输出"],
        ["F", "人数", "等级"],
        ["类型", "number", "string"],
        [1, ">= 10", '"红"'],
        [2, "-", '"绿"'],
    ]
    handoff = [
        ["去向", "输入", "输出"],
        ["U", "等级", "去向"],
        ["类型", "string", "string"],
        [1, '"红"', '"县"'],
        [2, 'not("红")', '"村"'],
    ]
    data = workbook(("一", handoff), ("二", severity), ("空", []))
    graph = compile_model(read_xlsx(data, "f"))
    assert graph.evaluate("去向", {"人数": 12}).value == "县"
    assert [made.name for made in graph.evaluate("去向", {}).made] == ["等级", "去向"]


def test_another_reader_sees_the_table_as_the_standard_draws_it():
    model = read(FILES / "handoff_camunda.dmn")
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx(model)))
    assert book.sheetnames == ["风险等级", "移交去向", "模型 Model"]
    rows = [[c.value for c in row] for row in book["移交去向"].iter_rows()]
    assert rows[0][0] == "移交去向" and rows[0][1] == rows[0][3] == "输入 Input"
    assert rows[1][:6] == [
        "U",
        "纠纷类别",
        "风险等级",
        "登记 时刻",
        "承办单位",
        "协办 数",
    ]
    assert rows[3][:2] == ["允许值 Allowed", '"邻里","劳动","婚姻"']
    assert rows[7][:5] == ["1", '"邻里","婚姻"', 'not("红")', *rows[7][3:5]]
    assert all(c.data_type != "f" for sheet in book for row in sheet for c in row)


@pytest.mark.parametrize("name", ["handoff_camunda.dmn", "terms_other.dmn"])
def test_another_program_may_save_the_workbook_again(name):
    model = read(FILES / name)
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx(model)))
    assert read_xlsx(saved(book), "again.xlsx") == model


def test_the_same_model_gives_the_same_bytes():
    model = read(FILES / "terms_other.dmn")
    assert write_xlsx(model) == write_xlsx(model)


TEXT = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]))
TOLD = (TEXT | st.sampled_from(["=1+1", "_x000D_", "a\nb", "<&>\"'", "-", "1.50"])).map(
    lambda text: text.strip()
)
NAMED = TOLD.filter(bool)
IDS = st.text("abcXYZ_-0123456789甲", min_size=1, max_size=5)
INPUTS = st.builds(InputColumn, TOLD, TOLD, TOLD, TOLD, TOLD)
OUTPUTS = st.builds(OutputColumn, TOLD, TOLD, TOLD, TOLD, TOLD, TOLD)


@st.composite
def tables(draw):
    inputs = draw(st.lists(INPUTS, max_size=3).map(tuple))
    outputs = draw(st.lists(OUTPUTS, max_size=2).map(tuple))
    told = draw(st.lists(TOLD, max_size=2).map(tuple))
    cells = [st.tuples(*[TOLD] * len(part)) for part in (inputs, outputs, told)]
    rules = draw(st.lists(st.builds(Rule, *cells, TOLD, TOLD), max_size=3).map(tuple))
    policy = draw(st.sampled_from([*HitPolicy]))
    collects = policy is HitPolicy.COLLECT
    total = draw(st.sampled_from([*Aggregation])) if collects else Aggregation.NONE
    label, own_id = draw(TOLD), draw(TOLD)
    return DecisionTable(inputs, outputs, rules, policy, total, told, label, own_id)


@st.composite
def models(draw):
    """Models of any texts: what they would mean is no matter here."""
    ids = draw(st.lists(IDS, min_size=2, max_size=5, unique=True))
    half = draw(st.integers(1, len(ids) - 1))
    requires = st.lists(st.sampled_from(ids), max_size=3).map(tuple)
    logic = tables() | st.builds(LiteralExpression, TOLD, TOLD, TOLD)
    told = [TOLD] * 5
    decisions = [
        draw(st.builds(Decision, st.just(own), TOLD, logic, requires, *told))
        for own in ids[:half]
    ]
    given = [
        draw(st.builds(InputData, st.just(o), TOLD, TOLD, TOLD)) for o in ids[half:]
    ]
    types = draw(
        st.lists(st.builds(TypeDefinition, TOLD, NAMED, TOLD, TOLD), max_size=2)
    )
    version = draw(st.sampled_from(["1.3", "1.4", "1.5"]))
    return Model(
        *(draw(TOLD) for _ in range(3)),
        tuple(decisions),
        tuple(given),
        tuple(types),
        version,
    )


@settings(max_examples=60, deadline=None)
@given(model=models())
def test_any_model_goes_through_xml_and_excel_and_back_unchanged(model):
    assert read_xml(write_xml(model), "x") == model
    assert read_xlsx(write_xlsx(model), "x") == model


@pytest.mark.parametrize(
    ("row", "column", "value", "why", "place"),
    [
        (1, 2, "条件", Why.CAPTION, ("", "B")),
        (1, 2, None, Why.STRAY_CELL, ("", "B")),
        (2, 1, "X", Why.HIT_POLICY, ("2", "A")),
        (3, 1, "种类", Why.HEADER_ROW, ("3", "A")),
        (7, 1, 3, Why.ROW_NUMBER, ("7", "A")),
        (7, 3, "=1+1", Why.FORMULA, ("7", "C")),
        (7, 3, date(2026, 1, 31), Why.DATE_CELL, ("7", "C")),
        (7, 3, "#N/A", Why.ERROR_CELL, ("7", "C")),
    ],
)
def test_a_slip_on_a_sheet_is_refused_with_its_cell(row, column, value, why, place):
    with pytest.raises(DmnRefusedError) as refused:
        read_xlsx(changed(row, column, value), "表.xlsx")
    found = [(f.why, f.place.decision, *f.place[2:]) for f in refused.value.faults]
    assert (why, "表", *place) in found


def test_a_slip_in_a_cell_is_refused_with_row_and_column():
    model = read_xlsx(changed(7, 2, "劳动"), "表.xlsx")
    with pytest.raises(DmnRefusedError, match="第 2 行，列“纠纷类别”：“劳动”若是文字"):
        compile_model(model)


def test_a_hidden_sheet_is_not_passed_over():
    book = openpyxl.load_workbook(
        io.BytesIO(workbook(("表", BY_HAND), ("旧", BY_HAND)))
    )
    book["旧"].sheet_state = "hidden"
    assert why_refused(saved(book)) == [Why.HIDDEN_SHEET]


def test_a_sheet_that_the_model_names_must_be_there():
    data = write_xlsx(read(FILES / "handoff_camunda.dmn"))
    book = openpyxl.load_workbook(io.BytesIO(data))
    book["移交去向"].title = "改名"
    assert why_refused(saved(book)) == [Why.MODEL_SHEET]


def test_what_is_no_workbook_or_a_bomb_is_refused():
    good = write_xlsx(read(FILES / "terms_other.dmn"))
    assert why_refused(b"PK") == [Why.BROKEN_WORKBOOK]
    assert why_refused(good[:500]) == [Why.BROKEN_WORKBOOK]
    assert why_refused(with_part("x", b"")) == [Why.BROKEN_WORKBOOK]
    zeros = with_part("xl/bomb.xml", b"0" * (64 * 1024 * 1024))
    assert why_refused(zeros) == [Why.TOO_LARGE]
    entity = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    assert why_refused(with_part("xl/_rels/workbook.xml.rels", entity)) == [
        Why.UNSAFE_XML
    ]
    assert why_refused(workbook(("空", []))) == [Why.NO_TABLE]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_and_nothing_else(data):
    good = data.draw(st.sampled_from([EXCEL, XML]))
    place = data.draw(st.integers(0, len(good) - 1))
    harm = data.draw(st.binary(max_size=4))
    damaged = good[:place] + harm + good[place + len(harm) :]
    with suppress(DmnRefusedError):
        compile_model((read_xml if good is XML else read_xlsx)(damaged, "x"))


XML = (FILES / "terms_other.dmn").read_bytes()
EXCEL = write_xlsx(read(FILES / "terms_other.dmn"))


def why_refused(data):
    with pytest.raises(DmnRefusedError) as refused:
        read_xlsx(data, "表.xlsx")
    return [fault.why for fault in refused.value.faults]


def with_part(name, data):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return buffer.getvalue()


def test_a_file_is_known_by_its_end(tmp_path):
    path = tmp_path / "表.XLSX"
    path.write_bytes(workbook(("表", BY_HAND)))
    assert [*load(path).inputs] == ["纠纷类别", "涉及 人数"]
