"""A compiled graph of decision tables as one query over a table of questions.

For every decision the query tells which row decided; held equal to the plain evaluation
by tests. Row numbers are those of the table; 0 is the default, null that no row matched,
`CONFLICT` that rows matched which may not do so together, `REFUSED` a value that a
column cannot take.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from services.routing.backtest.bits import looked_up
from services.routing.backtest.errors import NotColumnarError
from services.routing.backtest.sources import Sources
from services.routing.backtest.sql import TYPES, literal, quoted
from services.routing.backtest.tables import (
    CONFLICT,
    REFUSED,
    Classed,
    Layer,
    layers,
    row_of,
)
from services.routing.dmn.graph import Formula, Graph
from services.routing.dmn.table import Table
from services.routing.dmn.values import Kind

__all__ = ["CONFLICT", "FAILED", "REFUSED", "Vectorised"]

FAILED = "failed"
"""The column with the name of the first input or decision that failed, or null."""


class Vectorised:
    """Asks a graph about many questions at once.

    A pack's decider takes values that its types do not list as any other: so does this
    if it is not `checked`. Raises `NotColumnarError` when it is made if a table lists
    its hits or computes.
    """

    def __init__(self, graph: Graph, checked: bool = True) -> None:
        self._graph, self._sources = graph, Sources(graph)
        self._checked = checked
        self._classed: dict[str, str] = {}
        self._layers = [layer for layer in self._steps() if layer]

    @property
    def rows(self) -> dict[str, str]:
        """The column with the row of every table, by the table's name."""
        tables = (d for d in self._graph.decisions.values() if isinstance(d, Table))
        return {table.name: row_of(table) for table in tables}

    def query(self, questions: str, keep: Iterable[str] = ()) -> str:
        """A query that tells `rows` and `FAILED` beside columns that are kept.

        The table of questions has a column for every input by its name.
        """
        below, parts = quoted(questions), []
        for number, layer in enumerate(self._layers):
            added = ", ".join(f"{text} AS {quoted(name)}" for text, name in layer)
            parts.append(f'"#{number}" AS (SELECT *, {added} FROM {below})')
            below = f'"#{number}"'
        told = ", ".join(quoted(n) for n in (*keep, *self.rows.values(), FAILED))
        return f"WITH {', '.join(parts)} SELECT {told} FROM {below}"

    def _steps(self) -> Iterator[Layer]:
        inputs = [quoted(one.name) for one in self._graph.inputs.values()]
        yield [*self._new_classes(inputs)]
        for decision in self._graph.decisions.values():
            if isinstance(decision, Table):
                yield from self._table(decision)
            else:
                yield [self._formula(decision)]
        yield [(self._failed(), FAILED)]

    def _new_classes(self, asked: Iterable[str]) -> Iterator[tuple[str, str]]:
        for sql in asked:
            if sql not in self._classed:
                name = self._classed[sql] = f"class {len(self._classed)}"
                yield self._sources.classes[sql].number(sql), name

    def _table(self, table: Table) -> Iterator[Layer]:
        asked = [a for a in self._sources.asked if a.decision == table.name]
        yield [*self._new_classes(a.sql for a in asked)]
        classes = self._sources.classes
        yield from layers(
            table,
            [
                Classed(
                    a.column,
                    classes[a.sql],
                    quoted(self._classed[a.sql]),
                    self._checked,
                )
                for a in asked
            ],
        )

    def _formula(self, formula: Formula) -> tuple[str, str]:
        asks = formula.expression.kind
        whole = (formula.kind, asks) != (Kind.INTEGER, Kind.NUMBER)
        if formula.kind not in TYPES or not whole:
            raise NotColumnarError(formula.name, "", f"{asks}, {formula.kind}")
        sql = self._sources.sql(formula.expression, formula.name)
        typed = f"CAST({sql} AS {TYPES[formula.kind]})"
        return typed, self._sources.name((formula.id, ""))

    def _failed(self) -> str:
        """The first that failed, in the order in which the plain evaluation asks."""
        ways = []
        for one in self._graph.inputs.values() if self._checked else ():
            told = self._sources.classes[sql := quoted(one.name)].refused(one.allowed)
            if any(told):
                refuses = looked_up(told, quoted(self._classed[sql]))
                ways.append(f"WHEN {refuses} THEN {literal(one.name)}")
        for name, row in self.rows.items():
            ways.append(f"WHEN {quoted(row)} < 0 THEN {literal(name)}")
        return f"CASE {' '.join(ways)} END" if ways else "NULL::VARCHAR"
