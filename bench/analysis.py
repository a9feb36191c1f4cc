"""How long the proof of one decision table takes, and how that grows with its rows.

The tables are drawn, always the same: seven inputs as routing has them, special rows
first, many open cells and overlapping ranges, and last a row for all others. One in six
of the cells is open in `narrow` tables, half of them in `wide` ones. Needs no product.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from time import perf_counter
from typing import Any

from services.routing.dmn import Graph, Model, compile_model
from services.routing.dmn.model import (
    Decision,
    DecisionTable,
    HitPolicy,
    InputColumn,
    InputData,
    OutputColumn,
    Rule,
)
from services.routing.proof.findings import Analysis, Finding
from services.routing.proof.tables import analyse_graph

SIZES = (100, 300, 1000, 1500, 3000)
OPEN = {"narrow": 1 / 6, "wide": 1 / 2}
COLUMNS = (
    ("kind", "string", 22),
    ("source", "string", 8),
    ("asked", "string", 11),
    ("township", "string", 300),
    ("group", "boolean", 2),
    ("side", "integer", 200),
    ("amount", "number", 100_000),
)


def analysis(sizes: Sequence[int] = SIZES) -> dict[str, Any]:
    """Seconds and steps by the openness of the table and its number of rows."""
    return {
        name: {str(rows): _measured(drawn(rows, share)) for rows in sizes}
        for name, share in OPEN.items()
    }


def drawn(rows: int, share: float) -> Graph:
    """A table with so many rows, of whose cells such a share is open."""
    random = Random(rows)
    rules = [*(_rule(random, n, share) for n in range(1, rows)), _last(rows)]
    inputs = tuple(InputColumn(name, kind) for name, kind, _ in COLUMNS)
    table = DecisionTable(
        inputs, (OutputColumn("lead", "string"),), tuple(rules), HitPolicy.FIRST
    )
    given = tuple(InputData(name, name, type=kind) for name, kind, _ in COLUMNS)
    decision = Decision("lead", "lead", table, tuple(one.id for one in given))
    return compile_model(Model("drawn", "drawn", "urn:drawn", (decision,), given))


def _measured(graph: Graph) -> dict[str, float]:
    start = perf_counter()
    (found,) = analyse_graph(graph)
    return {"seconds": perf_counter() - start, **_counted(found)}


def _counted(found: Analysis) -> dict[str, float]:
    unreachable, repeated = Finding.UNREACHABLE, Finding.REDUNDANT
    return {
        "steps": found.steps,
        "unreachable": len(found.of(unreachable)),
        "redundant": len(found.of(repeated)),
    }


def _rule(random: Random, number: int, share: float) -> Rule:
    return Rule(tuple(_cells(random, share)), (f'"L{number % 40}"',), id=f"R{number}")


def _last(rows: int) -> Rule:
    return Rule(("-",) * len(COLUMNS), ('"L99"',), id=f"R{rows}")


def _cells(random: Random, share: float) -> Iterator[str]:
    for _, kind, values in COLUMNS:
        yield "-" if random.random() < share else _cell(random, kind, values)


def _cell(random: Random, kind: str, values: int) -> str:
    if kind == "boolean":
        return random.choice(("true", "false"))
    if kind == "string":
        named = random.sample(range(values), random.choice((1, 1, 2, 3)))
        return ", ".join(f'"{one}"' for one in named)
    low, high = sorted(random.sample(range(values), 2))
    return random.choice((f">= {low}", f"< {high}", f"[{low}..{high}]"))
