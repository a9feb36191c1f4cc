"""One decision table as columns of SQL: which row decides, and what it gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from services.routing.backtest.bits import (
    SINGLE,
    Winning,
    looked_up,
    lowest,
    width,
    words,
)
from services.routing.backtest.classes import Classes
from services.routing.backtest.errors import NotColumnarError
from services.routing.backtest.sql import TYPES, InexactError, literal, quoted
from services.routing.dmn.columns import Column, Output
from services.routing.dmn.expressions import Constant, Expression
from services.routing.dmn.model import Aggregation
from services.routing.dmn.table import Table

CONFLICT, REFUSED = -1, -2
"""Instead of a row: several that may not match together, a value that may not come."""

Layer = list[tuple[str, str]]
"""Columns that are added at once: SQL and name."""


class Classed(NamedTuple):
    """An input column of a table; `number` is the column with the class of its value.

    Only if it is `checked` a value that may not come into the column is refused.
    """

    column: Column
    classes: Classes
    number: str
    checked: bool

    @property
    def refused(self) -> str:
        """Whether the value may not come into the column."""
        allowed = self.column.allowed if self.checked else None
        return looked_up(self.classes.refused(allowed), self.number)


def row_of(table: Table) -> str:
    """The column with the number of the row that decides."""
    return f"{table.id} row"


def layers(table: Table, asked: Sequence[Classed]) -> Iterator[Layer]:
    """Raises `NotColumnarError`."""
    winning = _winning(table)
    names = [f"{table.id} word {n}" for n in range(width(len(table.rows)))]
    yield [*zip(_words(asked, winning, len(names)), names, strict=True)]
    yield [(lowest([*map(quoted, names)]), f"{table.id} bit")]
    yield [(_decides(table, asked, winning, names), row_of(table))]
    yield [*_outputs(table)]


def _winning(table: Table) -> Winning:
    if table.policy not in SINGLE or table.aggregation is not Aggregation.NONE:
        raise NotColumnarError(table.name, "", f"{table.policy}")
    try:
        return Winning.of(table)
    except ValueError as error:
        raise NotColumnarError(table.name, "", str(error)) from None


def _words(asked: Sequence[Classed], winning: Winning, wide: int) -> Iterator[str]:
    """The rows that match, as bits, word by word."""
    everything = words((1 << len(winning.order)) - 1, wide)
    found = [
        [*map(winning.sorted, one.classes.masks(one.column.index))] for one in asked
    ]
    for n in range(wide):
        told = [
            looked_up([words(mask, wide)[n] for mask in masks], one.number)
            for one, masks in zip(asked, found, strict=True)
        ]
        parts = [part for part in told if part != str(everything[n])]
        yield f"({' & '.join(parts or [f'{everything[n]}::BIGINT'])})"


def _decides(
    table: Table, asked: Sequence[Classed], winning: Winning, names: list[str]
) -> str:
    bit = quoted(f"{table.id} bit")
    row = looked_up([place + 1 for place in winning.order] or ["NULL"], bit)
    refused = dict.fromkeys(one.refused for one in asked if one.refused != "False")
    return (
        f"CASE WHEN {' OR '.join(refused) or 'FALSE'} THEN {REFUSED}"
        f" WHEN {bit} IS NULL THEN {'NULL' if table.defaults is None else 0}"
        f" WHEN {_clash(winning, bit, names)} THEN {CONFLICT} ELSE {row} END"
    )


def _clash(winning: Winning, bit: str, names: Sequence[str]) -> str:
    """Whether a row matches that may not do so beside the one that decides."""
    split = [words(clash, len(names)) for clash in winning.clashes]
    told = [
        f"({quoted(name)} & {looked_up([one[n] for one in split], bit)}) <> 0"
        for n, name in enumerate(names)
        if any(one[n] for one in split)
    ]
    return " OR ".join(told) or "FALSE"


def _outputs(table: Table) -> Iterator[tuple[str, str]]:
    """What the row that decides gives; one that failed gives nothing."""
    row = f"greatest({quoted(row_of(table))}, -1)"
    for place, column in enumerate(table.outputs):
        default = table.defaults[place] if table.defaults else Constant(None)
        entries = [default, *(row_.entries[place] for row_ in table.rows)]
        told = [_given(table, column, entry) for entry in entries]
        name = column.name if len(table.outputs) > 1 else ""
        sql = f"CAST({looked_up([*told, 'NULL'], row)} AS {TYPES[column.kind]})"
        yield sql, f"{table.id}.{name}"


def _given(table: Table, column: Output, entry: Expression) -> str:
    if column.kind in TYPES and isinstance(entry, Constant):
        with suppress(InexactError):
            return literal(entry.value)
    raise NotColumnarError(table.name, column.label, str(column.kind))
