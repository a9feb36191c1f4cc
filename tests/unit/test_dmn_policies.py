"""The engine answers as the plainest evaluator does, for every hit policy."""

from datetime import date

import pytest
from hypothesis import given, settings

from services.routing.dmn import (
    DmnConflictError,
    compile_model,
    read_xlsx,
    read_xml,
    write_xlsx,
    write_xml,
)
from services.routing.dmn.model import (
    CELLS,
    Decision,
    DecisionTable,
    InputColumn,
    Model,
    OutputColumn,
    Rule,
    hit_cell,
)
from tests.unit.dmn.tables import CONFLICT, drawn_tables, plainly


def as_drawn(value, table):
    """An answer of the engine in the form of the plain one."""
    if isinstance(value, tuple):
        return [as_drawn(one, table) for one in value]
    if isinstance(value, dict):
        return tuple(value.values())
    return value if value is None or table.aggregation else (value,)


def asked(graph, table, values):
    inputs = {f"输入 {n}": value for n, value in enumerate(values)}
    try:
        return as_drawn(graph.evaluate("表", inputs).value, table)
    except DmnConflictError:
        return CONFLICT


@settings(max_examples=150, deadline=None)
@given(table=drawn_tables())
def test_any_table_is_answered_as_plainly(table):
    graph = compile_model(table.model)
    for values in table.asked:
        assert asked(graph, table, values) == plainly(table, values)


@settings(max_examples=40, deadline=None)
@given(table=drawn_tables())
def test_a_table_says_the_same_after_any_way_through_xml_and_excel(table):
    model = table.model
    by_excel = read_xlsx(write_xlsx(read_xml(write_xml(model), "x")), "x")
    by_xml = read_xml(write_xml(read_xlsx(write_xlsx(model), "x")), "x")
    assert by_excel == by_xml == model


def a_table(cell, outputs=("1", "2"), allowed="", default="", rows=("> 0", ">= 1")):
    policy, aggregation = CELLS[cell]
    return compile_model(
        Model(
            "m",
            "",
            "urn:x",
            (
                Decision(
                    "d",
                    "D",
                    DecisionTable(
                        (InputColumn("n", "number"),),
                        (OutputColumn("o", "number", "", allowed, default),),
                        tuple(
                            Rule((test,), (output,), id=f"r{output}")
                            for test, output in zip(rows, outputs, strict=True)
                        ),
                        policy,
                        aggregation,
                    ),
                ),
            ),
        )
    )


@pytest.mark.parametrize(
    ("cell", "none", "one", "both"),
    [
        # hit policy, answer without a hit, with the first row only, with both
        ("F", None, 1, 1),
        ("P", None, 1, 2),
        ("R", (), (1,), (1, 2)),
        ("O", (), (1,), (2, 1)),
        ("C", (), (1,), (1, 2)),
        ("C+", None, 1, 3),
        ("C<", None, 1, 1),
        ("C>", None, 1, 2),
        ("C#", 0, 1, 2),
    ],
)
def test_each_hit_policy(cell, none, one, both):
    graph = a_table(cell, allowed="2, 1" if cell in "PO" else "")
    assert graph.evaluate("D", {"n": 0}).value == none
    assert graph.evaluate("D", {"n": 1}).value == both
    only_first = a_table(cell, ("1",), "2, 1", rows=("> 0",))
    assert only_first.evaluate("D", {"n": 1}).value == one


def test_equal_answers_are_counted_one_by_one():
    assert a_table("C#", ("1", "1.0")).evaluate("D", {"n": 3}).value == 2
    assert a_table("C+", ("2", "2.0")).evaluate("D", {"n": 3}).value == 4


def test_cells_of_hit_policies_are_those_of_the_standard():
    assert {*CELLS} == {"U", "A", "P", "F", "R", "O", "C", "C+", "C<", "C>", "C#"}
    assert all(hit_cell(*meant) == cell for cell, meant in CELLS.items())


def test_rows_that_overlap_in_a_unique_table_are_named():
    with pytest.raises(DmnConflictError) as refused:
        a_table("U").evaluate("D", {"n": 3})
    assert refused.value.facts["rows"] == ["1 (r1)", "2 (r2)"]
    assert "决策“D”：唯一（U）策略下同时命中几行：1 (r1)、2 (r2)" in str(refused.value)


def test_rows_that_disagree_in_an_any_table_are_named():
    assert a_table("A", ("1", "1.0")).evaluate("D", {"n": 3}).value == 1
    with pytest.raises(DmnConflictError, match="differ"):
        a_table("A").evaluate("D", {"n": 3})


def test_what_matched_and_what_fired_are_told_apart():
    made = a_table("F").evaluate("D", {"n": 3}).asked
    assert made.matched == (1, 2)
    assert [(row.row, row.id, row.outputs) for row in made.fired] == [
        (1, "r1", {"o": 1})
    ]
    assert [(seen.column, seen.value) for seen in made.seen] == [("n", 3)]


def test_without_a_hit_the_default_answers_and_says_so():
    made = a_table("U", default="9").evaluate("D", {"n": -1}).asked
    assert (made.value, made.by_default, made.fired, made.matched) == (9, True, (), ())
    assert a_table("R", default="9").evaluate("D", {}).value == (9,)


def test_a_missing_input_is_null_and_matches_only_what_asks_for_it():
    graph = a_table("R", ("1", "2", "3"), rows=("-", "not(5)", "null, 7"))
    assert graph.evaluate("D", {}).value == (1, 3)
    assert graph.evaluate("D", {"n": None}).value == (1, 3)
    assert graph.evaluate("D", {"n": 7}).value == (1, 2, 3)


def test_a_table_knows_its_rows_as_sets():
    """What an analysis needs: canonical cells, and stretches in which rows stay."""
    graph = a_table("F", ("1", "2", "3"), rows=("[1..5[", "not([1..5[)", "< 1, >= 5"))
    table = graph.decisions["d"]
    inside, outside, same = (row.conditions[0] for row in table.rows)
    assert outside == same and not inside & outside
    assert not (inside | outside).intervals[1:]
    (column,) = table.columns
    found = zip(column.index.stretches(), column.index.masks, strict=True)
    assert [(s.low, s.has_low, s.high, mask) for s, mask in found] == [
        (None, False, 1, 0b110),
        (1, True, 5, 0b001),
        (5, True, None, 0b110),
    ]


def test_dates_step_from_day_to_day():
    table = a_dated(
        ('<= date("2026-02-28")', '[date("2026-03-01")..date("2026-03-02")]')
    )
    first, second = (row.conditions[0] for row in table.decisions["d"].rows)
    assert len((first | second).intervals) == 1
    assert table.evaluate("D", {"日": date(2026, 2, 28)}).value == 1


def a_dated(rows):
    rules = tuple(Rule((test,), (str(n),)) for n, test in enumerate(rows, 1))
    table = DecisionTable(
        (InputColumn("日", "date"),), (OutputColumn("", "number"),), rules
    )
    return compile_model(Model("m", "", "urn:x", (Decision("d", "D", table),)))
