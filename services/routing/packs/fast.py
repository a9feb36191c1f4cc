"""The tables of a pack, asked by their indexes alone: which row answers, and no more.

What a row answers, and how it is told, is worked out once. A decision is made when it
is first asked for, with those that it needs. Agrees with the graph, always.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from services.routing.dmn import DmnConflictError, Graph, Row, Table
from services.routing.dmn.columns import Column, Index
from services.routing.dmn.expressions import Constant, Expression, Name, Ref
from services.routing.dmn.model import HitPolicy
from services.routing.dmn.values import Scalar
from services.routing.packs.faults import PackFault, Wrong
from services.routing.packs.outcomes import outcome
from shared.events.base import Value
from shared.events.routing import FiredRow

_MOST_KEPT = 1_000
Values = dict[Ref, Scalar | None]


class FastRow(NamedTuple):
    """A row that answers: what it says, and what it gives to later decisions."""

    fired: FiredRow
    outcome: Value
    given: tuple[tuple[Ref, Scalar | None], ...]


class FastGraph:
    """The decisions of a graph by name."""

    def __init__(self, graph: Graph) -> None:
        tables = [one for one in graph.decisions.values() if isinstance(one, Table)]
        self._inputs = {name: (one.id, "") for name, one in graph.inputs.items()}
        self.tables = {table.name: FastTable(table) for table in tables}
        names = {table.id: table.name for table in tables}
        self.needs = {
            names[id]: tuple(names[need] for need in needs if need in names)
            for id, needs in graph.requires.items()
            if id in names
        }

    def asked(self, inputs: Mapping[str, object]) -> Asked:
        known = {ref: _plain(inputs[name]) for name, ref in self._inputs.items()}
        return Asked(self, known)


@dataclass
class Asked:
    """One question, and the rows that answered it so far."""

    graph: FastGraph
    known: Values
    rows: dict[str, FastRow] = field(default_factory=dict)

    def row(self, name: str) -> FastRow:
        """The row of a table that answers. Raises `DmnError` if there is not one."""
        if (found := self.rows.get(name)) is None:
            for need in self.graph.needs[name]:
                self.row(need)
            found = self.rows[name] = self.graph.tables[name].row(self.known)
            self.known.update(found.given)
        return found


class FastTable:
    """One table: a mask of rows for every value that was ever asked for."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._all = (1 << len(table.rows)) - 1
        self._first = table.policy is HitPolicy.FIRST
        self._columns = [_FastColumn(column) for column in table.columns]
        self._rows = [_row(table, row) for row in table.rows]

    def row(self, known: Values) -> FastRow:
        left = self._all
        for column in self._columns:
            left &= column.rows(known)
        if left & (left - 1) and not self._first:
            return self._rows[self._table.evaluate(known).fired[0].row - 1]
        if not left:
            place = self._table.place()
            raise DmnConflictError(PackFault(Wrong.NO_ANSWER, place, {}))
        return self._rows[(left & -left).bit_length() - 1]


class _FastColumn:
    def __init__(self, column: Column) -> None:
        self._index: Index = column.index
        self._expression: Expression = column.expression
        self._ref = (
            column.expression.ref if isinstance(column.expression, Name) else None
        )
        self._kept: dict[Scalar | None, int] = {}

    def rows(self, known: Values) -> int:
        value = known[self._ref] if self._ref else self._expression.result(known)
        found = self._kept.get(value)
        if found is None:
            found = self._index.rows(value)
            if len(self._kept) < _MOST_KEPT:
                self._kept[value] = found
        return found


def _row(table: Table, row: Row) -> FastRow:
    values = [one.value for one in row.entries if isinstance(one, Constant)]
    outputs = dict(zip((one.name for one in table.outputs), values, strict=True))
    names: Iterable[str] = outputs if len(outputs) > 1 else ("",)
    refs = ((table.id, name) for name in names)
    fired = FiredRow(
        table=table.name,
        row=row.id,
        legal_basis=row.annotations["legal basis"],
        provisional=row.annotations.get("provisional") == "yes",
    )
    given = tuple(zip(refs, values, strict=True))
    return FastRow(fired, outcome(table.name, outputs), given)


def _plain(given: object) -> Scalar | None:
    """An input as the indexes know it."""
    if isinstance(given, int) and not isinstance(given, bool):
        return Decimal(given)
    if isinstance(given, str):
        return str(given)
    return given  # type: ignore[return-value]
