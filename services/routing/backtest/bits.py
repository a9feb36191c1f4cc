"""Rows of a table as bits in words of SQL: which match, and which of them decides.

Bits stand in the order in which rows win, so that the lowest one decides. `clashes`
tells for every row which others may not match beside it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from services.routing.dmn.expressions import Constant
from services.routing.dmn.model import HitPolicy
from services.routing.dmn.table import Table
from services.routing.dmn.values import Scalar

WORD = 62
"""Bits in a word: a BIGINT that is never negative."""

SINGLE = (HitPolicy.FIRST, HitPolicy.UNIQUE, HitPolicy.ANY, HitPolicy.PRIORITY)


@dataclass(frozen=True)
class Winning:
    """The rows of a table, by place, in the order in which they win."""

    order: tuple[int, ...]
    clashes: tuple[int, ...]

    @classmethod
    def of(cls, table: Table) -> Winning:
        """Raises `ValueError` for a table whose outputs are only known when asked."""
        places = range(len(table.rows))
        match table.policy:
            case HitPolicy.FIRST:
                return cls(tuple(places), (0,) * len(places))
            case HitPolicy.UNIQUE:
                others = (1 << len(places)) - 1
                return cls(tuple(places), tuple(others ^ (1 << n) for n in places))
            case HitPolicy.ANY:
                return cls._where_equal(table, [()] * len(places))
            case _:
                return cls._where_equal(table, [_rank(table, n) for n in places])

    @classmethod
    def _where_equal(cls, table: Table, ranks: Sequence[tuple[int, ...]]) -> Winning:
        """Rows of one rank clash if their outputs differ."""
        order = sorted(range(len(ranks)), key=lambda place: (ranks[place], place))
        told = [(ranks[place], _outputs(table, place)) for place in order]
        ranked: dict[tuple[int, ...], int] = {}
        equal: dict[Hashable, int] = {}
        for bit, (rank, outputs) in enumerate(told):
            ranked[rank] = ranked.get(rank, 0) | 1 << bit
            equal[rank, outputs] = equal.get((rank, outputs), 0) | 1 << bit
        clashes = (ranked[rank] & ~equal[rank, outputs] for rank, outputs in told)
        return cls(tuple(order), tuple(clashes))

    def sorted(self, mask: int) -> int:
        """A mask by place as a mask in the order of winning."""
        if self.order == tuple(range(len(self.order))):
            return mask
        return sum(
            1 << bit for bit, place in enumerate(self.order) if mask >> place & 1
        )


def words(mask: int, wide: int) -> list[int]:
    return [mask >> (WORD * n) & ((1 << WORD) - 1) for n in range(wide)]


def width(rows: int) -> int:
    """How many words hold so many rows."""
    return max(1, -(-rows // WORD))


def looked_up(values: Sequence[object], number: str) -> str:
    """One of some constants by its number from 0. A number that is not there is null."""
    if len(set(values)) == 1:
        return str(values[0])
    return f"([{', '.join(map(str, values))}])[{number} + 1]"


def lowest(names: Sequence[str]) -> str:
    """The number of the lowest bit set in some words, from 0; null if there is none."""
    found = (
        f"WHEN {name} <> 0 THEN {WORD * n - 1} + bit_count(xor({name}, {name} - 1))::INTEGER"
        for n, name in enumerate(names)
    )
    return f"CASE {' '.join(found)} END"


def _rank(table: Table, place: int) -> tuple[int, ...]:
    pairs = zip(_outputs(table, place), table.outputs, strict=True)
    return tuple(o.ranks[value] for value, o in pairs if o.ranks is not None)


def _outputs(table: Table, place: int) -> tuple[Scalar | None, ...]:
    entries = table.rows[place].entries
    if not all(isinstance(entry, Constant) for entry in entries):
        raise ValueError("outputs that are only known when asked")
    return tuple(entry.value for entry in entries if isinstance(entry, Constant))
