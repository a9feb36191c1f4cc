"""What is refused at load: each with its place, and words that say what to write."""

from dataclasses import replace
from datetime import time
from decimal import Decimal
from pathlib import Path
from string import Formatter

import pytest

from services.routing.dmn import (
    Demands,
    DmnInputError,
    DmnRefusedError,
    Why,
    compile_model,
    load,
    read,
    read_xml,
)
from services.routing.dmn.faults import Place, texts
from services.routing.dmn.model import (
    Decision,
    DecisionTable,
    HitPolicy,
    InputColumn,
    InputData,
    Model,
    OutputColumn,
    Rule,
    TypeDefinition,
)
from shared.events.errors import FengqiaoError

FILES = Path(__file__).parent / "dmn"
HANDOFF = (FILES / "handoff_camunda.dmn").read_text(encoding="utf-8")
TERMS = (FILES / "terms_other.dmn").read_text(encoding="utf-8")
LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10)
)


def faults(text, demands=None):
    with pytest.raises(DmnRefusedError) as refused:
        compile_model(read_xml(text.encode(), "规则.dmn"), demands)
    return [(fault.why, fault.place) for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", Why.BROKEN_XML),
        (b"<a", Why.BROKEN_XML),
        (HANDOFF[:3000].encode(), Why.BROKEN_XML),
        (HANDOFF.encode("utf-16"), Why.UNSAFE_XML),
        (b"<?xml version='1.0' encoding='gb18030'?><a/>", Why.UNSAFE_XML),
        (b"\xff\xfe<", Why.BROKEN_XML),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', Why.UNSAFE_XML),
        (f"<!DOCTYPE a [{LAUGHS}]><a>&l9;</a>".encode(), Why.UNSAFE_XML),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "http://a.invalid/">]><a/>', Why.UNSAFE_XML),
        (b"<a>" * 100 + b"</a>" * 100, Why.TOO_DEEP),
        (b"<a " + b" ".join(b"a%d=''" % n for n in range(99)) + b"/>", Why.TOO_MANY),
        (b"<a>" + b" " * (32 * 1024 * 1024) + b"</a>", Why.TOO_LARGE),
        (b"<html/>", Why.NOT_DMN),
        (HANDOFF.replace("20191111/MODEL", "20180521/MODEL").encode(), Why.NOT_DMN),
    ],
    ids=range(14),
)
def test_what_is_no_safe_dmn_file_is_not_read(data, why):
    with pytest.raises(DmnRefusedError) as refused:
        read_xml(data, "规则.dmn")
    assert [fault.why for fault in refused.value.faults] == [why]
    assert refused.value.facts["file"] == "规则.dmn"


@pytest.mark.parametrize(
    ("old", "new", "why", "place"),
    [
        # what is changed in the file, and where the refusal says that it is
        (
            'not("红")',
            "not(红)",
            Why.UNQUOTED,
            ("移交去向", "1 (DecisionRule_h1)", "等级"),
        ),
        (
            '"劳动"</text>',
            '"劳务"</text>',
            Why.NOT_ALLOWED,
            ("移交去向", "2 (DecisionRule_h2)", "类别"),
        ),
        (
            "<text>1</text>",
            '<text>"1"</text>',
            Why.WRONG_TYPE,
            ("移交去向", "1 (DecisionRule_h1)", "协办数"),
        ),
        (
            "<text>1</text>",
            "<text></text>",
            Why.MISSING_OUTPUT,
            ("移交去向", "1 (DecisionRule_h1)", "协办数"),
        ),
        (
            "<text>1</text>",
            "<text>等级</text>",
            Why.UNKNOWN_NAME,
            ("移交去向", "1 (DecisionRule_h1)", "协办数"),
        ),
        (
            '<text>"绿"</text>',
            '<text>"蓝"</text>',
            Why.NOT_ALLOWED,
            ("风险等级", "3 (DecisionRule_s3)", "等级"),
        ),
        (
            "<text>涉及人数<",
            "<text>涉案人数<",
            Why.UNKNOWN_NAME,
            ("风险等级", "", "人数"),
        ),
        (
            "&gt;= 10<",
            "&gt;= 10.5<",
            Why.WRONG_TYPE,
            ("风险等级", "1 (DecisionRule_s1)", "人数"),
        ),
        (
            'typeRef="integer"',
            'typeRef="persons"',
            Why.UNKNOWN_TYPE,
            ("", "", "涉及人数"),
        ),
        ('typeRef="time"', 'typeRef="Any"', Why.NO_TYPE, ("", "", "登记 时刻")),
        (
            '"红","黄","绿"</text>',
            '&gt; "a"</text>',
            Why.NO_ORDER,
            ("风险等级", "", "等级"),
        ),
        (
            'hitPolicy="PRIORITY"',
            'hitPolicy="BEST"',
            Why.HIT_POLICY,
            ("风险等级", "", ""),
        ),
        (
            'hitPolicy="PRIORITY"',
            'aggregation="SUM"',
            Why.AGGREGATION,
            ("风险等级", "", ""),
        ),
        (
            'hitPolicy="PRIORITY"',
            'hitPolicy="COLLECT" aggregation="SUM"',
            Why.AGGREGATES_KIND,
            ("风险等级", "", ""),
        ),
        (
            '"DecisionTable_handoff"',
            '"DecisionTable_handoff" hitPolicy="COLLECT" aggregation="MAX"',
            Why.AGGREGATES_ONE,
            ("移交去向", "", ""),
        ),
        (
            'hitPolicy="PRIORITY"',
            'hitPolicy="COLLECT"',
            Why.LIST_AS_INPUT,
            ("移交去向", "", "等级"),
        ),
        (
            'id="DecisionRule_s2"',
            'id="DecisionRule_s1"',
            Why.DUPLICATE_ID,
            ("", "", ""),
        ),
        ('id="Input_s1"', 'id="Input s1"', Why.BAD_ID, ("", "", "")),
        ('id="Decision_handoff"', "", Why.NO_ID, ("移交去向", "", "")),
        ('name="涉及人数"', 'name="纠纷类别"', Why.DUPLICATE_NAME, ("", "", "")),
        ('name="涉及人数"', 'name="1人"', Why.BAD_NAME, ("", "", "1人")),
        ('name="协办 数"', 'name="承办单位"', Why.DUPLICATE_NAME, ("移交去向", "", "")),
        ('name="协办 数"', "", Why.NO_NAME, ("移交去向", "", "")),
        ("<text>0</text>", "<text></text>", Why.SOME_DEFAULTS, ("移交去向", "", "")),
        ("#InputData_0k2", "#InputData_9", Why.UNKNOWN_REFERENCE, ("风险等级", "", "")),
        ("#InputData_0k2", "#Decision_handoff", Why.CYCLE, ("风险等级", "", "")),
        ("#InputData_0k2", "urn:other#x", Why.IMPORT, ("风险等级", "", "")),
        (
            "<inputExpression id",
            '<inputExpression expressionLanguage="juel" id',
            Why.LANGUAGE,
            ("风险等级", "", ""),
        ),
        ("<knowledgeSource ", "<businessKnowledgeModel ", Why.KNOWLEDGE, ("", "", "")),
        ("<knowledgeSource ", "<strange ", Why.ELEMENT, ("", "", "")),
        ("dmndi:DMNDI>", "camunda:strange>", Why.ELEMENT, ("", "", "")),
        (
            '<inputEntry id="UnaryTests_s12"><text></text></inputEntry>',
            "",
            Why.ENTRY_COUNT,
            ("风险等级", "1 (DecisionRule_s1)", ""),
        ),
        (
            '"劳动"</text>',
            '&gt; "龥"</text>',
            Why.NOT_ALLOWED,
            ("移交去向", "2 (DecisionRule_h2)", "类别"),
        ),
        (
            'time("08:00:00")',
            'time("08:00:00Z")',
            Why.ZONES_DIFFER,
            ("移交去向", "1 (DecisionRule_h1)", "时刻"),
        ),
        (
            "<text>amount in dispute<",
            "<text>sum(amount in dispute)<",
            Why.FUNCTION,
            ("风险等级", "", "金额"),
        ),
        (
            "<text>amount in dispute<",
            "<text>amount in dispute &gt; 1<",
            Why.NO_TYPE,
            ("", "", "amount in dispute"),
        ),
    ],
)
def test_a_slip_is_refused_with_its_place(old, new, why, place):
    changed = HANDOFF.replace(old, new, 1)
    if "DMNDI" in old:
        changed = HANDOFF.replace(old, new)
    assert changed != HANDOFF
    decision, row, column = place
    assert (why, Place("规则.dmn", decision, row, column)) in faults(changed)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("dmn:literalExpression", "dmn:context", Why.LOGIC),
        (
            "</dmn:decisionTable>",
            "</dmn:decisionTable><dmn:literalExpression/>",
            Why.LOGIC,
        ),
        ("30 + 顺延 天数 - 已办 天数", "30 + 顺延天数", Why.UNKNOWN_NAME),
        ("30 + 顺延 天数 - 已办 天数", "", Why.UNFINISHED),
        ('name="备注"', 'name="法律依据"', Why.DUPLICATE_NAME),
        (">人民调解法第二十五条<", "><", Why.MISSING_ANNOTATION),
        ('duration("P1D")', 'duration("P1Y")', Why.WRONG_TYPE),
        ("剩余 &lt; 0", "期限 &lt; 0", Why.UNKNOWN_NAME),
        ("剩余 &lt; 0", "剩余", Why.WRONG_TYPE),
    ],
)
def test_slips_of_other_editors_are_refused(old, new, why):
    changed = TERMS.replace(old, new)
    assert why in [found for found, _ in faults(changed, Demands(("法律依据",)))]


def test_everything_that_is_wrong_is_told_at_once():
    changed = HANDOFF.replace('not("红")', "not(红)").replace("<text>1<", "<text><")
    assert [why for why, _ in faults(changed)] == [Why.UNQUOTED, Why.MISSING_OUTPUT]


def test_a_legal_basis_can_be_demanded():
    model = read_xml(HANDOFF.encode(), "f")
    compile_model(model, Demands(("法律依据",), in_description="法律依据"))
    with pytest.raises(DmnRefusedError) as refused:
        compile_model(model, Demands(("法律依据",)))
    assert {fault.why for fault in refused.value.faults} == {Why.MISSING_COLUMN}
    without = HANDOFF.replace("<description>其余</description>", "")
    found = faults(without, Demands(("法律依据",), in_description="法律依据"))
    assert found == [
        (
            Why.MISSING_ANNOTATION,
            Place("规则.dmn", "风险等级", "3 (DecisionRule_s3)", "法律依据"),
        )
    ]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"涉及 人数": 3}, Why.UNKNOWN_INPUT),
        ({"涉及人数": "3"}, Why.WRONG_TYPE),
        ({"涉及人数": True}, Why.WRONG_TYPE),
        ({"涉及人数": Decimal("3.5")}, Why.WRONG_TYPE),
        ({"amount in dispute": 0.1}, Why.INPUT_TYPE),
        ({"amount in dispute": Decimal("NaN")}, Why.INPUT_TYPE),
        ({"amount in dispute": [1]}, Why.INPUT_TYPE),
        ({"amount in dispute": 10**5000}, Why.INPUT_TYPE),
        ({"amount in dispute": Decimal("1E+5000")}, Why.INPUT_TYPE),
        ({"纠纷类别": "海事"}, Why.INPUT_NOT_ALLOWED),
        ({"登记 时刻": time.fromisoformat("08:00:00Z")}, Why.INPUT_ZONE),
    ],
)
def test_an_input_of_the_wrong_sort_is_an_error_and_no_silent_no(given, why):
    graph = load(FILES / "handoff_camunda.dmn")
    with pytest.raises(DmnInputError) as refused:
        graph.evaluate("移交去向", given)
    (fault,) = refused.value.faults
    assert fault.why is why
    assert fault.place.column or why is Why.UNKNOWN_INPUT
    assert "海事" not in str(refused.value)


def small(table, **given):
    """A model of one table (and inputs with a type each), compiled."""
    inputs = tuple(InputData(f"i{n}", n, type=t) for n, t in given.items())
    decision = Decision("d", "D", table, tuple(one.id for one in inputs))
    return Model("m", "", "urn:x", (decision,), inputs)


def test_times_with_and_without_offset_do_not_meet_by_way_of_a_type():
    table = DecisionTable(
        (InputColumn("t", "t"),),
        (OutputColumn("o", "number"),),
        (Rule(("-",), ("1",)),),
    )
    model = small(table, t="t")
    types = (TypeDefinition("t", "time", '>= time("08:00:00+08:00")'),)
    graph = compile_model(replace(model, types=types))
    with pytest.raises(DmnInputError) as refused:
        graph.evaluate("D", {"t": time(9)})
    assert refused.value.faults[0].why is Why.INPUT_ZONE
    cell = replace(table, rules=(Rule(('time("09:00:00")',), ("1",)),))
    with pytest.raises(DmnRefusedError, match="时差"):
        compile_model(replace(small(cell, t="t"), types=types))


def test_a_type_of_a_type_allows_what_both_allow():
    table = DecisionTable(
        (InputColumn("t"),), (OutputColumn("o", "number"),), (Rule(("-",), ("1",)),)
    )
    types = (
        TypeDefinition("tBoth", "tWide", '"b", "c"'),
        TypeDefinition("tWide", "string", '"a", "b"'),
    )
    graph = compile_model(replace(small(table, t="tBoth"), types=types))
    assert graph.evaluate("D", {"t": "b"}).value == 1
    for given in ("a", "c"):
        with pytest.raises(DmnInputError, match="允许值"):
            graph.evaluate("D", {"t": given})
    circle = (types[0], replace(types[1], base="tBoth"))
    with pytest.raises(DmnRefusedError, match="成环：tBoth、tWide、tBoth"):
        compile_model(replace(small(table, t="tBoth"), types=circle))


def test_what_a_row_computes_must_be_allowed_and_is_not_repeated():
    table = DecisionTable(
        (InputColumn("n", "number"),),
        (OutputColumn("o", "number", allowed="2, 1"),),
        (Rule(("-",), ("n + 1",)),),
        HitPolicy.PRIORITY,
    )
    graph = compile_model(small(table, n="number"))
    assert graph.evaluate("D", {"n": 1}).value == 2
    for given in (4711, None):
        with pytest.raises(DmnInputError, match="允许值") as refused:
            graph.evaluate("D", {"n": given})
        assert "4712" not in str(refused.value)


def test_a_name_in_a_table_that_requires_nothing_is_unknown():
    table = DecisionTable((InputColumn("人数", "number"),), (OutputColumn(),), ())
    model = small(table, 金额="number")
    (decision,) = model.decisions
    alone = replace(model, decisions=(replace(decision, requires=()),))
    with pytest.raises(DmnRefusedError) as refused:
        compile_model(alone)
    assert Why.UNKNOWN_NAME in [fault.why for fault in refused.value.faults]


def test_a_table_too_large_for_an_index_is_refused():
    rules = tuple(Rule((f"{n}",), ("1",)) for n in range(20_001))
    table = DecisionTable((InputColumn("n"),), (OutputColumn("o", "number"),), rules)
    with pytest.raises(DmnRefusedError, match="上限 20000"):
        compile_model(small(table, n="number"))


def test_an_unknown_decision_is_told_with_those_there_are():
    with pytest.raises(DmnInputError, match="风险等级、移交去向"):
        load(FILES / "handoff_camunda.dmn").evaluate("去向", {})


def test_words_are_chinese_first_and_say_what_to_write():
    with pytest.raises(FengqiaoError) as refused:
        compile_model(read_xml(HANDOFF.replace('not("红")', "红").encode(), "规则.dmn"))
    assert str(refused.value).startswith(
        "文件 规则.dmn，决策“移交去向”，第 1 (DecisionRule_h1) 行，列“等级”："
        "“红”若是文字，请加英文双引号"
    )
    assert "/ file 规则.dmn, decision “移交去向”, row 1 (DecisionRule_h1)" in str(
        refused.value
    )
    assert refused.value.facts["word"] == "红"
    (told,) = refused.value.errors
    assert told["reason"] == "unquoted" and told["zh"].startswith("“红”若是文字")
    assert (told["file"], told["row"], told["column"]) == (
        "规则.dmn",
        "1 (DecisionRule_h1)",
        "等级",
    )


def test_every_reason_has_words_with_the_same_facts_in_both_languages():
    assert {*Why} | {f"place.{name}" for name in Place._fields} == {*texts.codes()}
    for code in texts.codes():
        zh, en = (_facts(texts.raw(code, language)) for language in ("zh", "en"))
        assert zh == en, code


def _facts(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_a_file_of_an_unknown_sort_is_refused(tmp_path):
    with pytest.raises(DmnRefusedError, match=r"\.dmn、\.xml 或 \.xlsx"):
        read(tmp_path / "rules.pdf")
