"""Random decision tables, and the plainest evaluator there can be, to compare with.

The evaluator knows nothing of the engine: it looks at cells as they were drawn, row by
row, and words each hit policy anew.
"""

import operator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from hypothesis import strategies as st

from services.routing.dmn.literals import literal
from services.routing.dmn.model import (
    Aggregation,
    Decision,
    DecisionTable,
    HitPolicy,
    InputColumn,
    InputData,
    Model,
    OutputColumn,
    Rule,
)
from services.routing.dmn.values import Kind, Months

POOLS = {
    Kind.STRING: ["", "a", "b", "枫桥", 'x"\\y'],
    Kind.NUMBER: [Decimal(n) for n in ("-1", "0", "0.5", "1", "5", "10.25")],
    Kind.INTEGER: [Decimal(n) for n in range(-2, 5)],
    Kind.BOOLEAN: [False, True],
    Kind.DATE: [date(2026, 2, day) for day in (26, 27, 28)] + [date(2026, 3, 1)],
    Kind.TIME: [time(0), time(8, 30), time(18), time(23, 59, 59)],
    Kind.DATE_TIME: [datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in (0, 1, 9)],
    Kind.DAYS: [timedelta(hours=-1), timedelta(0), timedelta(days=1, seconds=1)],
    Kind.MONTHS: [Months(n) for n in (-1, 0, 1, 12)],
}
SIGNS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Cell(NamedTuple):
    """A cell as drawn: `parts` are values, (sign, value) or (open, low, high, open)."""

    sort: str
    parts: tuple = ()

    @property
    def text(self):
        inner = ", ".join(map(part_text, self.parts))
        return {"any": "-", "blank": "", "not": f"not({inner})"}.get(self.sort, inner)

    def matches(self, value):
        if self.sort in ("any", "blank"):
            return True
        hit = any(part_matches(part, value) for part in self.parts)
        return value is not None and not hit if self.sort == "not" else hit


def part_text(part):
    match part:
        case ("value", value):
            return literal(value)
        case ("order", sign, value):
            return f"{sign}{literal(value)}"
        case ("range", opened, low, high, closed):
            start, end = ("]" if opened else "["), ("[" if closed else "]")
            return f"{start}{literal(low)}..{literal(high)}{end}"


def part_matches(part, value):
    match part:
        case ("value", wanted):
            return value == wanted and (value is None) == (wanted is None)
        case ("order", sign, bound):
            return value is not None and SIGNS[sign](value, bound)
        case ("range", opened, low, high, closed):
            return (
                value is not None
                and (low < value if opened else low <= value)
                and (value < high if closed else value <= high)
            )


def parts(kind):
    values = st.sampled_from(POOLS[kind])
    exact = st.tuples(st.just("value"), values | st.none())
    if kind is Kind.BOOLEAN:
        return exact
    bounds = values.filter(lambda value: value != "")
    order = st.tuples(st.just("order"), st.sampled_from([*SIGNS]), bounds)
    spans = st.tuples(
        st.just("range"), st.booleans(), values, values, st.booleans()
    ).filter(lambda span: span[2] < span[3] and holds_some(kind, span))
    return st.one_of(exact, order, spans)


def holds_some(kind, span):
    """Whether a range is not empty between two steps, as ]1..2[ of whole numbers is."""
    _, opened, low, high, closed = span
    return not (opened and closed) or step(kind, low) != high


def step(kind, low):
    """The next value of a kind that goes in steps."""
    match kind:
        case Kind.INTEGER:
            return low + 1
        case Kind.DATE:
            return low + timedelta(days=1)
        case Kind.MONTHS:
            return Months(low.count + 1)


def cells(kind):
    drawn = st.lists(parts(kind), min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.just(Cell("any")),
        st.just(Cell("blank")),
        st.builds(Cell, st.sampled_from(["list", "list", "not"]), drawn),
    )


class Drawn(NamedTuple):
    """A table as drawn, with the inputs to ask it with."""

    policy: HitPolicy
    aggregation: Aggregation
    kinds: tuple
    rows: list
    orders: list
    defaults: tuple | None
    asked: list

    @property
    def model(self):
        names = [f"输入 {n}" for n in range(len(self.kinds))]
        columns = tuple(
            InputColumn(name, str(kind))
            for name, kind in zip(names, self.kinds, strict=True)
        )
        given = tuple(InputData(f"i{n}", name) for n, name in enumerate(names))
        table = DecisionTable(
            columns, self._outputs, self._rules, self.policy, self.aggregation
        )
        requires = tuple(one.id for one in given)
        return Model("m", "表", "urn:x", (Decision("d", "表", table, requires),), given)

    @property
    def _outputs(self):
        texts = [",".join(map(literal, order)) for order in self.orders]
        defaults = map(literal, self.defaults or ())
        told = [*defaults] or [""] * len(texts)
        return tuple(
            OutputColumn(f"出{n}", "integer", "", text, default)
            for n, (text, default) in enumerate(zip(texts, told, strict=True))
        )

    @property
    def _rules(self):
        return tuple(
            Rule(tuple(c.text for c in row), tuple(map(literal, outputs)))
            for row, outputs in self.rows
        )


@st.composite
def drawn_tables(draw):
    policy = draw(st.sampled_from([*HitPolicy]))
    aggregation = Aggregation.NONE
    if policy is HitPolicy.COLLECT:
        aggregation = draw(st.sampled_from([*Aggregation]))
    kinds = tuple(draw(st.lists(st.sampled_from([*Kind]), min_size=1, max_size=3)))
    wide = 1 if aggregation else draw(st.integers(1, 2))
    values = st.permutations([Decimal(n) for n in range(4)])
    orders = [draw(values) for _ in range(wide)]
    outputs = st.tuples(*(st.sampled_from(order) for order in orders))
    rows = st.lists(st.tuples(st.tuples(*map(cells, kinds)), outputs), max_size=6)
    with_default = aggregation is not Aggregation.COUNT and draw(st.booleans())
    asked = st.tuples(*(st.sampled_from([*POOLS[kind], None]) for kind in kinds))
    return Drawn(
        policy,
        aggregation,
        kinds,
        draw(rows),
        orders,
        draw(outputs) if with_default else None,
        draw(st.lists(asked, min_size=1, max_size=4)),
    )


CONFLICT = "conflict"


def plainly(table, asked):
    """The answer as a list of outputs, one of them, a total, None, or CONFLICT."""
    found = [
        outputs
        for row, outputs in table.rows
        if all(cell.matches(value) for cell, value in zip(row, asked, strict=True))
    ]
    if not found and table.defaults is not None:
        found = [table.defaults]
    first = found[0] if found else None
    ordered = sorted(found, key=lambda outputs: priority(table, outputs))
    match table.policy:
        case HitPolicy.UNIQUE:
            return CONFLICT if len(found) > 1 else first
        case HitPolicy.ANY:
            return CONFLICT if len(set(found)) > 1 else first
        case HitPolicy.FIRST:
            return first
        case HitPolicy.PRIORITY:
            return ordered[0] if ordered else None
        case HitPolicy.RULE_ORDER:
            return found
        case HitPolicy.OUTPUT_ORDER:
            return ordered
        case HitPolicy.COLLECT:
            return total(table.aggregation, found)


def priority(table, outputs):
    pairs = zip(outputs, table.orders, strict=True)
    return [order.index(value) for value, order in pairs]


def total(aggregation, found):
    values = [outputs[0] for outputs in found]
    match aggregation:
        case Aggregation.NONE:
            return found
        case Aggregation.COUNT:
            return len(values)
        case _ if not values:
            return None
        case Aggregation.SUM:
            return sum(values)
        case Aggregation.MIN:
            return min(values)
        case Aggregation.MAX:
            return max(values)
