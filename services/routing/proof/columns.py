"""Which input a column really looks at, and which values of it a cell matches.

A column that asks for one input, or compares one with a constant, is followed back to
that input; one that calculates cannot be, and is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from services.routing.dmn.columns import Column
from services.routing.dmn.expressions import Comparison, Constant, Expression, Name, Ref
from services.routing.dmn.extents import (
    AFTER_ALL,
    BEFORE_ALL,
    Extent,
    Interval,
    after,
    before,
    everything,
    only,
)
from services.routing.dmn.graph import Formula, Graph
from services.routing.dmn.table import Table

_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


class NotProvableError(Exception):
    """A table calculates what it asks for or answers, which cannot be proved here."""

    def __init__(self, table: str = "", column: str = "") -> None:
        super().__init__(table, column)
        self.table, self.column = table, column


class Sight(NamedTuple):
    """The values of one input, or of one output of an earlier table."""

    ref: Ref
    extent: Extent


def sight(expression: Expression, wanted: Extent, graph: Graph) -> Sight:
    """The values of what an expression looks at for which its result is wanted.

    Raises `NotProvableError`.
    """
    match expression:
        case Name(ref=ref):
            formula = graph.decisions.get(ref[0])
            if isinstance(formula, Formula):
                return sight(formula.expression, wanted, graph)
            if formula and formula.aggregation:
                raise NotProvableError
            return Sight(ref, wanted)
        case Comparison():
            return _compared(expression, wanted, graph)
    raise NotProvableError


def _compared(found: Comparison, wanted: Extent, graph: Graph) -> Sight:
    sign, one, two = found.sign, found.left, found.right
    if isinstance(one, Constant):
        sign, one, two = _FLIPPED[sign], two, one
    if not isinstance(two, Constant) or one.kind is None:
        raise NotProvableError
    yes = _holding(sign, two.value, one.kind)
    no = ~yes
    null = only(one.kind, None)
    if two.value is not None:
        no = no.without_null()
    values = only(one.kind, None) & ~null
    for answer, some in ((True, yes), (False, no)):
        values |= some if answer in wanted else values
    if None in wanted and two.value is not None:
        values |= null
    return sight(one, values, graph)


def _holding(sign: str, value: Any, kind: Any) -> Extent:
    if value is None:
        null = only(kind, None)
        return null if sign == "=" else ~null
    exact = only(kind, value)
    here, behind = before(value), after(value, kind)
    whole = everything(kind).without_null()
    found: Mapping[str, Extent] = {
        "=": exact,
        "!=": (~exact).without_null(),
        "<": whole & Extent(kind, (Interval(BEFORE_ALL, here),)),
        "<=": whole & Extent(kind, (Interval(BEFORE_ALL, behind),)),
        ">": whole & Extent(kind, (Interval(behind, AFTER_ALL),)),
        ">=": whole & Extent(kind, (Interval(here, AFTER_ALL),)),
    }
    return found[sign]


def sights(table: Table, graph: Graph) -> list[list[Sight]]:
    """What every row looks at, column by column; cells that match anything are left out.

    Raises `NotProvableError` with the name of the column.
    """
    return [
        [
            _sight(table, column, condition, graph)
            for column, condition in zip(table.columns, row.conditions, strict=True)
            if condition != everything(column.kind)
        ]
        for row in table.rows
    ]


def _sight(table: Table, column: Column, some: Extent, graph: Graph) -> Sight:
    try:
        return sight(column.expression, some, graph)
    except NotProvableError:
        raise NotProvableError(table.name, column.name) from None
