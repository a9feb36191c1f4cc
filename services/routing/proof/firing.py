"""The axis of a table that other tables look at: which of its rows fires."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import groupby
from typing import NamedTuple

from services.routing.dmn.expressions import Constant, Expression
from services.routing.dmn.extents import Extent
from services.routing.dmn.model import HitPolicy
from services.routing.dmn.table import Row, Table
from services.routing.dmn.values import Scalar
from services.routing.proof.columns import NotProvableError


class Firing(NamedTuple):
    """Class n is that row n fires, the last that none matches. `values` are those of
    each output by class.
    """

    table: Table
    values: Mapping[str, tuple[Scalar | None, ...]]

    @classmethod
    def of(cls, table: Table, outputs: Collection[str]) -> Firing:
        """Raises `NotProvableError` for an output that is calculated."""
        return cls(table, {name: tuple(_values(table, name)) for name in outputs})

    @property
    def name(self) -> str:
        return self.table.name

    @property
    def size(self) -> int:
        return len(self.table.rows) + 1

    @property
    def all(self) -> int:
        return (1 << self.size) - 1

    def classes(self, output: str, some: Extent) -> int:
        found = self.values[output]
        return sum(1 << n for n, value in enumerate(found) if value in some)


def _values(table: Table, output: str) -> Iterable[Scalar | None]:
    names = [one.name for one in table.outputs]
    place = names.index(output) if output in names and len(names) > 1 else 0
    entries = [row.entries[place] for row in table.rows]
    for entry in (*entries, *([table.defaults[place]] if table.defaults else [])):
        yield _constant(entry, table)
    if not table.defaults:
        yield None


def _constant(entry: Expression, table: Table) -> Scalar | None:
    if not isinstance(entry, Constant):
        raise NotProvableError(table.name, table.outputs[0].label)
    return entry.value


def ranks(table: Table) -> list[tuple[int, ...]]:
    """For every row how far in front it is where several match; equals may not differ.

    Raises `NotProvableError` where a priority is calculated.
    """
    if table.policy is HitPolicy.FIRST:
        return [(place,) for place in range(len(table.rows))]
    if table.policy is HitPolicy.PRIORITY:
        return [_rank(row, table) for row in table.rows]
    return [()] * len(table.rows)


def _rank(row: Row, table: Table) -> tuple[int, ...]:
    pairs = zip(row.entries, table.outputs, strict=True)
    return tuple(o.ranks[_constant(e, table)] for e, o in pairs if o.ranks is not None)


def in_front(table: Table) -> list[int]:
    """For every row those that are answered instead of it wherever both match, as bits."""
    found = ranks(table)
    fronts, front = [0] * len(found), 0
    for _, equals in groupby(order(table), key=lambda place: found[place]):
        places = [*equals]
        for place in places:
            fronts[place] = front
        front |= sum(1 << place for place in places)
    return fronts


def order(table: Table) -> list[int]:
    """The rows as they go before each other where several match."""
    found = ranks(table)
    return sorted(range(len(found)), key=lambda place: (found[place], place))
