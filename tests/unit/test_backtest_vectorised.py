"""A graph asked about many questions at once answers as it does one by one."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.routing.backtest.errors import NotColumnarError
from services.routing.backtest.graphs import CONFLICT, FAILED, REFUSED, Vectorised
from services.routing.backtest.sql import TYPES, encoded, quoted
from services.routing.dmn import DmnConflictError, DmnInputError, compile_model
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
from services.routing.dmn.values import Kind
from tests.unit.dmn.tables import cells, drawn_tables

SINGLE = (HitPolicy.FIRST, HitPolicy.UNIQUE, HitPolicy.ANY, HitPolicy.PRIORITY)


def at_once(graph, asked):
    """The rows and failures that one query tells for all questions, in their order."""
    found = Vectorised(graph)
    columns = [f"{quoted(one.name)} {TYPES[one.kind]}" for one in graph.inputs.values()]
    with duckdb.connect() as database:
        database.execute(f"CREATE TABLE asked (n INTEGER, {', '.join(columns)})")
        for number, inputs in enumerate(asked):
            values = [encoded(inputs[name]) for name in graph.inputs]
            marks = ", ".join("?" * (len(values) + 1))
            database.execute(f"INSERT INTO asked VALUES ({marks})", [number, *values])
        query = f"{found.query('asked', ['n'])} ORDER BY n"
        told = database.execute(query).fetchall()
    names = [*found.rows, FAILED]
    return [dict(zip(names, row[1:], strict=True)) for row in told]


def one_by_one(table, inputs):
    """The row that decides, as the engine tells it."""
    try:
        made = table.evaluate(inputs)
    except DmnConflictError:
        return CONFLICT
    except DmnInputError:
        return REFUSED
    if made.fired:
        return made.fired[0].row
    return 0 if made.by_default else None


def is_columnar(table):
    return table.policy in SINGLE and not {Kind.TIME, Kind.DATE_TIME} & {*table.kinds}


@settings(max_examples=150, deadline=None)
@given(table=drawn_tables().filter(is_columnar))
def test_any_table_names_the_row_that_the_engine_names(table):
    graph = compile_model(table.model)
    inputs = [
        {f"输入 {n}": value for n, value in enumerate(values)} for values in table.asked
    ]
    told = [row["表"] for row in at_once(graph, inputs)]
    known = [{graph.inputs[n].id: v for n, v in one.items()} for one in inputs]
    plain = [
        one_by_one(graph.decisions["d"], {(i, ""): v for i, v in one.items()})
        for one in known
    ]
    assert told == plain


@st.composite
def chains(draw):
    """A table, and another one that looks at what the first gives."""
    first = draw(drawn_tables().filter(is_columnar))
    name = "表" if len(first.orders) == 1 else "表.出0"
    rows = draw(st.lists(cells(Kind.INTEGER), min_size=1, max_size=4))
    rules = [Rule((cell.text,), (str(n),)) for n, cell in enumerate(rows)]
    after = DecisionTable(
        (InputColumn(name, "integer"),),
        (OutputColumn("o", "integer"),),
        tuple(rules),
        draw(st.sampled_from([HitPolicy.FIRST, HitPolicy.UNIQUE])),
    )
    decisions = (*first.model.decisions, Decision("e", "后表", after, ("d",)))
    return first, replace(first.model, decisions=decisions)


def all_rows(graph, inputs):
    """The row of every table, or the name of the first that failed."""
    known = {f"输入 {n}": value for n, value in enumerate(inputs)}
    found = {}
    for name in ("表", "后表"):
        try:
            made = graph.evaluate(name, known).asked
        except (DmnConflictError, DmnInputError) as error:
            return error.faults[0].place.decision
        default = 0 if made.by_default else None
        found[name] = made.fired[0].row if made.fired else default
    return found


@settings(max_examples=100, deadline=None)
@given(chain=chains())
def test_a_table_that_needs_another_one_is_told_its_outputs(chain):
    table, model = chain
    graph = compile_model(model)
    inputs = [
        {f"输入 {n}": value for n, value in enumerate(values)} for values in table.asked
    ]
    told = at_once(graph, inputs)
    for row, values in zip(told, table.asked, strict=True):
        plain = all_rows(graph, values)
        failed = row.pop(FAILED)
        assert (failed or row) == plain


@pytest.mark.parametrize("policy", [HitPolicy.RULE_ORDER, HitPolicy.COLLECT])
def test_a_table_that_lists_its_hits_is_refused_with_its_name(policy):
    table = DecisionTable(
        (InputColumn("n", "integer"),),
        (OutputColumn("o", "integer"),),
        (Rule(("1",), ("1",)),),
        policy,
    )
    given = (InputData("n", "n", "", "integer"),)
    model = Model("m", "m", "urn:x", (Decision("d", "单位", table, ("n",)),), given)
    with pytest.raises(NotColumnarError, match="单位"):
        Vectorised(compile_model(model))


def test_a_value_that_may_not_come_is_told_by_the_name_of_its_input():
    table = DecisionTable(
        (InputColumn("种类", "Kind"),),
        (OutputColumn("o", "integer"),),
        (Rule(("-",), ("1",)),),
        HitPolicy.FIRST,
    )
    types = (TypeDefinition("Kind", "string", '"a","b"'),)
    given = (InputData("k", "种类", "", "Kind"),)
    decisions = (Decision("d", "D", table, ("k",)),)
    graph = compile_model(Model("m", "m", "urn:x", decisions, given, types))
    found = at_once(graph, [{"种类": "a"}, {"种类": "z"}, {"种类": None}])
    assert [row[FAILED] for row in found] == [None, "种类", None]
