"""What the tables of a graph tell apart: which rows look at an input, and where. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING
from functools import cached_property

from services.routing.dmn import Graph, Table
from services.routing.dmn.columns import Column
from services.routing.dmn.expressions import Name


@dataclass(frozen=True)
class Columns:
    """The columns of all tables, by the input that they look at."""

    graph: Graph

    def rows(self, name: str, value: object) -> tuple[int, ...]:
        """In each column of an input the rows that a value matches, as bits."""
        plain = str(value) if isinstance(value, str) else value
        columns = self._by_input.get(name, ())
        return tuple(column.index.rows(plain) for column in columns)  # type: ignore[arg-type]

    def cuts(self, name: str, unit: int) -> set[int]:
        """Where numbers begin to be told apart, in whole units (1 or a hundredth)."""
        found = set()
        for column in self._by_input.get(name, ()):
            for _, value, behind in column.index.cuts:
                scaled = value * unit
                whole = int(scaled.to_integral_value(ROUND_CEILING))
                found.add(whole + (behind if whole == scaled else 0))
        return found

    @cached_property
    def computed(self) -> bool:
        """Whether a column or decision computes, so that its inputs have other cuts."""
        columns = [column for table in self._tables for column in table.columns]
        formulas = len(self.graph.decisions) > len(self._tables)
        return formulas or not all(isinstance(c.expression, Name) for c in columns)

    @cached_property
    def _by_input(self) -> dict[str, list[Column]]:
        found: dict[str, list[Column]] = {}
        for table in self._tables:
            for column in table.columns:
                found.setdefault(column.text, []).append(column)
        return found

    @cached_property
    def _tables(self) -> list[Table]:
        return [one for one in self.graph.decisions.values() if isinstance(one, Table)]
