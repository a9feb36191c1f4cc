"""Files in the shape that each editor gives them: what is read, and what is refused."""

from pathlib import Path

import pytest

from services.routing.dmn import DmnRefusedError, Why, compile_model, load, read_xml

FILES = Path(__file__).parent / "dmn"
CAMUNDA = (FILES / "channel_camunda7.dmn").read_text(encoding="utf-8")
KIE = (FILES / "fee_kie.dmn").read_text(encoding="utf-8")
TRISOTECH = (FILES / "priority_trisotech.dmn").read_text(encoding="utf-8")


def compiled(text):
    return compile_model(read_xml(text.encode(), "f.dmn"))


def told(text):
    with pytest.raises(DmnRefusedError) as refused:
        compiled(text)
    return [
        (fault.why, fault.place, fault.told("zh")) for fault in refused.value.faults
    ]


@pytest.mark.parametrize(
    ("amount", "kind", "channel"),
    [(9_999, "劳动", "窗口"), (10_000, "劳动", "仲裁"), (10_000, "邻里", "中心")],
)
def test_a_table_of_camunda_modeler_for_platform_7_is_read(amount, kind, channel):
    graph = load(FILES / "channel_camunda7.dmn")
    answer = graph.evaluate("渠道", {"金额": amount, "类别": kind})
    assert answer.value == channel


def test_an_input_that_is_only_drawn_is_left_out_with_a_note():
    graph = load(FILES / "channel_camunda7.dmn")
    assert [*graph.inputs] == ["金额", "类别"]
    assert [(note.why, note.facts["name"]) for note in graph.notes] == [
        (Why.NOTE_UNUSED, "来访登记表")
    ]


def test_an_expression_that_names_no_drawn_input_is_refused_and_nothing_guessed():
    faults = told(CAMUNDA.replace("<text>金额<", "<text>amount<"))
    assert [(why, place.decision, place.column) for why, place, _ in faults] == [
        (Why.UNKNOWN_NAME, "渠道", "金额")
    ]
    assert "可用：来访登记表、金额、类别" in faults[0][2]
    assert "让决策依据名为“amount”的输入" in faults[0][2]


@pytest.mark.parametrize(
    ("size", "level", "answer"),
    [(9, None, "No"), (10, "high", "Yes"), (10, "low", None)],
)
def test_a_table_of_the_kie_editor_is_read(size, level, answer):
    graph = load(FILES / "fee_kie.dmn")
    given = {"Loan Size": size, "Level": level}
    assert graph.evaluate("Should a fee be paid?", given).value == answer


def test_a_decision_service_and_types_nobody_uses_change_nothing():
    notes = load(FILES / "fee_kie.dmn").notes
    assert [(note.facts["element"], note.facts["name"]) for note in notes] == [
        ("itemDefinition", "tPerson"),
        ("itemDefinition", "tPeople"),
        ("decisionService", "rate"),
    ]


@pytest.mark.parametrize("name", ["tPerson", "tPeople", "tClient"])
def test_an_input_of_parts_is_refused_with_what_to_do(name):
    (fault,) = told(KIE.replace('typeRef="tLevel"', f'typeRef="{name}"'))[:1]
    assert fault[0] is Why.PARTED_TYPE
    assert fault[1].column == "Level"
    assert "设为一个单独的输入" in fault[2]


@pytest.mark.parametrize("name", ["tPerson", "tPeople", "tClient"])
def test_an_input_of_parts_that_nothing_uses_is_left_out_with_a_note(name):
    variable = f'<dmn:variable name="Person" typeRef="{name}"/>'
    drawn = f'<dmn:inputData id="_I9" name="Person">{variable}</dmn:inputData>'
    graph = compiled(
        KIE.replace("<dmn:decisionService", drawn + "<dmn:decisionService")
    )
    assert [*graph.inputs] == ["Loan Size", "Level"]
    assert graph.notes[-1].why is Why.NOTE_UNUSED


def test_allowed_values_of_no_type_cannot_be_read():
    loose = KIE.replace("<dmn:typeRef>string<", "<dmn:typeRef>Any<")
    assert told(loose)[0][0] is Why.NO_TYPE


@pytest.mark.parametrize(
    ("age", "affordable", "status", "basis"),
    [(18, True, "Approved", "article 1"), (17, True, "Declined", "article 2")],
)
def test_a_table_of_trisotech_is_read(age, affordable, status, basis):
    graph = load(FILES / "priority_trisotech.dmn")
    answer = graph.evaluate("Approval Status", {"Age": age, "isAffordable": affordable})
    assert answer.value == status
    assert answer.asked.fired[0].annotations == {"Basis": basis}
    assert graph.evaluate("_3b", {"Age": 20}).asked.by_default


@pytest.mark.parametrize("text", [CAMUNDA, KIE, TRISOTECH], ids=["c7", "kie", "triso"])
@pytest.mark.parametrize(
    "saved",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.partition("?>")[2].lstrip().encode(),
        lambda text: text.replace(">\n", ">\n<!-- 注 -->\n").encode(),
    ],
    ids=["byte order mark", "windows lines", "no declaration", "comments"],
)
def test_how_a_file_is_saved_does_not_matter(text, saved):
    assert read_xml(saved(text), "f.dmn") == read_xml(text.encode(), "f.dmn")


@pytest.mark.parametrize(
    ("space", "version"),
    [
        ("http://www.omg.org/spec/DMN/20151101/dmn.xsd", "1.1"),
        ("http://www.omg.org/spec/DMN/20151101/dmn11.xsd", "1.1"),
        ("http://www.omg.org/spec/DMN/20180521/MODEL/", "1.2"),
        ("https://www.omg.org/spec/DMN/20240513/MODEL/", "1.6"),
    ],
)
def test_another_version_is_refused_by_its_number_with_how_to_save(space, version):
    other = CAMUNDA.replace("https://www.omg.org/spec/DMN/20191111/MODEL/", space)
    ((why, _, words),) = told(other)
    assert why is Why.OTHER_VERSION
    assert f"是 DMN {version} 文件" in words and "另存" in words


@pytest.mark.parametrize(
    ("written", "why", "words"),
    [
        ("string length(类别)", Why.FUNCTION, "“string length”"),
        (
            "years and months duration(类别)",
            Why.FUNCTION,
            "“years and months duration”",
        ),
        ("类别 and (金额)", Why.FUNCTION, "“and”"),
        ("date and time(类别)", Why.FUNCTION, "“date and time”"),
        ("涉案人.住址.区划", Why.PART, "（涉案人.住址.区划）"),
        ("类别.下级", Why.PART, "（类别.下级）"),
        ("(金额.数)", Why.PART, "（金额.数）"),
        ('date("2026-01-01").year', Why.PART, "（.year）"),
        ("[1, 2]", Why.LIST, "方括号列表"),
        ("{a: 1}", Why.CONTEXT, "花括号结构"),
        ("True", Why.LOWER_CASE, "请写作 true"),
        ("Null", Why.LOWER_CASE, "请写作 null"),
        ('@"foo"', Why.BAD_LITERAL, '@"foo" 不是'),
        ('time("08:00:00.1234567")', Why.BAD_LITERAL, "秒至多 6 位小数"),
    ],
)
def test_what_is_outside_the_subset_is_refused_with_what_to_write(written, why, words):
    faults = told(CAMUNDA.replace('"仲裁"', written.replace("<", "&lt;")))
    (found, place, sentence) = faults[0]
    assert (found, words in sentence) == (why, True), sentence
    assert (place.decision, place.row, place.column) == (
        "渠道",
        "2 (DecisionRule_2)",
        "渠道",
    )


def test_a_word_of_another_language_in_a_cell_is_told_how_feel_writes_it():
    faults = told(TRISOTECH.replace(">true<", ">True<"))
    assert faults[0][0] is Why.LOWER_CASE
    assert "请写作 true" in faults[0][2]
