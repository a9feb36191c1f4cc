"""What the columns of a graph ask for, by name and as SQL, with the classes of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from services.routing.backtest.classes import Classes
from services.routing.backtest.errors import NotColumnarError
from services.routing.backtest.expressions import NoSqlError, expression
from services.routing.backtest.sql import TYPES, InexactError, quoted
from services.routing.dmn.columns import Column, Index
from services.routing.dmn.expressions import Expression, Ref
from services.routing.dmn.extents import Extent
from services.routing.dmn.graph import Graph
from services.routing.dmn.table import Table
from services.routing.dmn.values import Kind


class Asked(NamedTuple):
    """An input column of a table, as SQL."""

    decision: str
    column: Column
    sql: str


class Sources:
    """The expressions that a graph asks, each once."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._inputs = {one.id: one for one in graph.inputs.values()}
        self.asked = [*self._asked()]

    def name(self, ref: Ref) -> str:
        """The column of a value that is given or decided."""
        one, output = ref
        given = self._inputs.get(one)
        return given.name if given else f"{one}.{output}"

    def sql(self, asked: Expression, decision: str, column: str = "") -> str:
        """Raises `NotColumnarError`."""
        try:
            return expression(asked, self.name)
        except (NoSqlError, InexactError) as error:
            raise NotColumnarError(decision, column, str(error)) from None

    @cached_property
    def classes(self) -> dict[str, Classes]:
        """The classes of every expression, by its SQL."""
        indexes: defaultdict[str, list[Index]] = defaultdict(list)
        allowed: defaultdict[str, list[Extent | None]] = defaultdict(list)
        for one in self._graph.inputs.values():
            allowed[quoted(one.name)].append(one.allowed)
        for _, column, sql in self.asked:
            indexes[sql].append(column.index)
            allowed[sql].append(column.allowed)
        return {sql: Classes.of(indexes[sql], allowed[sql]) for sql in allowed}

    def _asked(self) -> Iterator[Asked]:
        for decision in self._graph.decisions.values():
            if isinstance(decision, Table):
                for column in decision.columns:
                    yield self._column(decision.name, column)

    def _column(self, decision: str, column: Column) -> Asked:
        asks = column.expression.kind
        if column.kind not in TYPES or (column.kind, asks) == (
            Kind.INTEGER,
            Kind.NUMBER,
        ):
            raise NotColumnarError(decision, column.name, f"{asks}, {column.kind}")
        sql = self.sql(column.expression, decision, column.name)
        return Asked(decision, column, sql)
