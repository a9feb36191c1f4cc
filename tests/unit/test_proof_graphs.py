"""Tables that look at each other: only what can really come counts, exactly."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from services.routing.dmn import compile_model
from services.routing.dmn.extents import Extent, only
from services.routing.dmn.model import (
    Decision,
    DecisionTable,
    HitPolicy,
    InputColumn,
    InputData,
    Model,
    OutputColumn,
    Rule,
)
from services.routing.dmn.values import Kind
from services.routing.proof.findings import Finding
from services.routing.proof.tables import analyse_graph
from services.routing.proof.world import World

VALUES = ("a", "b", "c")
WORDS = ("x", "y", "z")
INPUTS = ("one", "two", "three")
WORLD = World(
    {
        name: only(Kind.STRING, "a") | only(Kind.STRING, "b") | only(Kind.STRING, "c")
        for name in INPUTS
    }
)


def cells(words):
    return st.lists(st.sampled_from(words), min_size=1, max_size=2, unique=True).map(
        tuple
    ) | st.just(())


def rows(wide):
    tests = st.tuples(*(cells(words) for words in wide))
    return st.lists(st.tuples(tests, st.sampled_from(WORDS)), min_size=1, max_size=5)


POLICIES = st.sampled_from([HitPolicy.FIRST, HitPolicy.ANY])
first_tables = st.tuples(POLICIES, rows((VALUES, VALUES)))
second_tables = st.tuples(POLICIES, rows((WORDS, VALUES)))
third_tables = st.tuples(POLICIES, rows((WORDS, WORDS, VALUES)))
LOOKS = (("one", "two"), ("first", "two"), ("first", "second", "three"))
NAMES = ("first", "second", "third")


def a_model(tables):
    decisions = []
    for name, looks, (policy, some) in zip(NAMES, LOOKS, tables, strict=True):
        rules = tuple(
            Rule(tuple(text(cell) for cell in tests), (f'"{answer}"',))
            for tests, answer in some
        )
        columns = tuple(InputColumn(look, "string") for look in looks)
        table = DecisionTable(columns, (OutputColumn("o", "string"),), rules, policy)
        decisions.append(Decision(name, name, table, looks))
    given_ = tuple(InputData(name, name, type="string") for name in INPUTS)
    return Model("m", "m", "urn:m", tuple(decisions), given_)


def text(cell):
    return ", ".join(f'"{word}"' for word in cell) or "-"


def by_trying(tables):
    """For every table its gap, the rows that answer, and the pairs that contradict."""
    found = [{"gap": False, "answering": set(), "pairs": set()} for _ in tables]
    for values in product(VALUES, repeat=3):
        known = dict(zip(INPUTS, values, strict=True))
        for name, looks, table, told in zip(NAMES, LOOKS, tables, found, strict=True):
            known[name] = answered(table, [known[look] for look in looks], told)
    return found


def answered(table, seen, told):
    policy, some = table
    hits = [
        number
        for number, (tests, _) in enumerate(some)
        if all(not cell or one in cell for cell, one in zip(tests, seen, strict=True))
    ]
    told["gap"] |= not hits
    made = hits[:1] if policy is HitPolicy.FIRST else hits
    told["answering"] |= set(made)
    told["pairs"] |= {
        (a, b) for a in made for b in made if a < b and some[a][1] != some[b][1]
    }
    return some[hits[0]][1] if hits else None


def numbers(found):
    return tuple(int(told.split()[0]) - 1 for told in found.rows)


@settings(max_examples=150, deadline=None)
@given(tables=st.tuples(first_tables, second_tables, third_tables))
def test_a_graph_has_the_faults_that_trying_every_input_shows(tables):
    made = analyse_graph(compile_model(a_model(tables)), WORLD)
    tried = by_trying(tables)
    for analysis, told, (_, some) in zip(made, tried, tables, strict=True):
        assert bool(analysis.of(Finding.GAP)) is told["gap"]
        dead = analysis.of(Finding.UNREACHABLE, Finding.SAFETY_NET)
        everything = set(range(len(some)))
        assert {numbers(one)[0] for one in dead} == everything - told["answering"]
        pairs = {numbers(one) for one in analysis.of(Finding.CONTRADICTION)}
        assert pairs == told["pairs"]


@settings(max_examples=60, deadline=None)
@given(tables=st.tuples(first_tables, second_tables, third_tables))
def test_a_row_that_closes_a_gap_is_one_that_answers(tables):
    """The row that is suggested meets no other, and the gap is smaller with it."""
    model = a_model(tables)
    (analysis, *_) = analyse_graph(compile_model(model), WORLD)
    for found in analysis.of(Finding.GAP):
        cell = tuple(found.cells[name] for name in ("one", "two"))
        with_it = (tables[0][0], [*tables[0][1], (read(cell), "x")])
        told = by_trying((with_it, *tables[1:]))[0]
        assert len(with_it[1]) - 1 in told["answering"]
        before = by_trying(tables)[0]["pairs"]
        assert told["pairs"] == before


def read(cell):
    return tuple(
        () if one == "-" else tuple(word.strip('"') for word in one.split(", "))
        for one in cell
    )


def test_values_that_never_come_together_are_left_out():
    table = [((("a",), ()), "x"), (((), ("b",)), "y")]
    third = (HitPolicy.FIRST, [(((), (), ()), "x")])
    tables = ((HitPolicy.FIRST, table), (HitPolicy.FIRST, [(((), ()), "x")]), third)
    never = {"one": others("a"), "two": others("b")}
    world = World(WORLD.values, never=(never,))

    (first, *_) = analyse_graph(compile_model(a_model(tables)), world)

    assert not first.of(Finding.GAP)


def others(but):
    found = Extent(Kind.STRING, ())
    for value in VALUES:
        found |= only(Kind.STRING, value) if value != but else found
    return found
