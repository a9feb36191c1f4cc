"""The analysis of any table finds what trying out every input finds, no more, no less."""

from itertools import product

from hypothesis import given, settings

from services.routing.dmn import compile_model
from services.routing.dmn.extents import Extent, only
from services.routing.dmn.model import HitPolicy
from services.routing.proof.findings import Finding
from services.routing.proof.tables import analyse_graph
from services.routing.proof.world import World
from tests.unit.dmn.tables import POOLS, drawn_tables


def a_world(kinds):
    """Only the values that the cells are drawn from, and null."""
    values = {}
    for number, kind in enumerate(kinds):
        some = Extent(kind, (), null=True)
        for value in POOLS[kind]:
            some |= only(kind, value)
        values[f"输入 {number}"] = some
    return World(values)


def every_input(kinds):
    return list(product(*([*POOLS[kind], None] for kind in kinds)))


def matching(table, inputs):
    return [
        n
        for n, (cells, _) in enumerate(table.rows)
        if all(cell.matches(v) for cell, v in zip(cells, inputs, strict=True))
    ]


def answering(table, hits):
    """The rows that make the answer, by number from 0, where several match."""
    match table.policy:
        case HitPolicy.FIRST:
            return hits[:1]
        case HitPolicy.PRIORITY:
            best = min((rank(table, n) for n in hits), default=None)
            return [n for n in hits if rank(table, n) == best]
    return hits


def rank(table, row):
    _, outputs = table.rows[row]
    return [o.index(v) for o, v in zip(table.orders, outputs, strict=True)]


def disagreeing(table, hits):
    """Pairs of rows that answer together and may not."""
    if table.policy is HitPolicy.UNIQUE:
        may = lambda one, other: False  # noqa: E731
    elif table.policy in (HitPolicy.ANY, HitPolicy.PRIORITY):
        may = lambda one, other: table.rows[one][1] == table.rows[other][1]  # noqa: E731
    else:
        return set()
    made = answering(table, hits)
    return {(a, b) for a in made for b in made if a < b and not may(a, b)}


def by_trying(table):
    found = {"gap": False, "answering": set(), "pairs": set()}
    for inputs in every_input(table.kinds):
        hits = matching(table, inputs)
        found["gap"] |= not hits and table.defaults is None
        found["answering"] |= set(answering(table, hits))
        found["pairs"] |= disagreeing(table, hits)
    return found


def numbers(found):
    return tuple(int(told.split()[0]) - 1 for told in found.rows)


@settings(max_examples=150, deadline=None)
@given(table=drawn_tables())
def test_gaps_contradictions_and_dead_rows_are_those_found_by_trying(table):
    (made,) = analyse_graph(compile_model(table.model), a_world(table.kinds))
    tried = by_trying(table)

    assert bool(made.of(Finding.GAP)) is tried["gap"]
    dead = {numbers(found)[0] for found in made.of(Finding.UNREACHABLE)}
    assert dead == set(range(len(table.rows))) - tried["answering"]
    pairs = {numbers(found) for found in made.of(Finding.CONTRADICTION)}
    assert pairs == tried["pairs"]
    assert not made.of(Finding.UNDECIDED, Finding.NOT_PROVABLE)
