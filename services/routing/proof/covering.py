"""Why a row never answers, and whether anything would be different without it."""

from __future__ import annotations

from collections.abc import Sequence

from services.routing.proof.bitsets import bits
from services.routing.proof.laid import Laid
from services.routing.proof.space import Space

MOST_NAMED = 24
"""So many rows are tried one by one for whether they are needed to cover another."""


def coverers(space: Space, room: Sequence[int], front: int, world: int) -> int:
    """The rows before it that leave a row nothing: one if one does, else few; none if
    there is nothing to leave.
    """
    if space.find(room, world) is None:
        return 0
    if alone := space.holding(room, front):
        return alone & -alone
    needed = space.meeting(room, front)
    if needed.bit_count() > MOST_NAMED:
        return needed
    for number in bits(needed):
        without = needed & ~(1 << number)
        if space.find(room, without | world) is None:
            needed = without
    return needed


def is_redundant(laid: Laid, place: int, front: int) -> bool:
    """Whether the rows behind it answer the same wherever a row does (first hit), or
    other rows do (any).
    """
    if laid.is_first_hit:
        return _is_repeated(laid, place, front)
    if not laid.is_any:
        return False
    rows = laid.table.rows
    same = (
        n for n, r in enumerate(rows) if n != place and r.entries == rows[place].entries
    )
    agreeing = laid.numbered(sum(1 << n for n in same))
    return laid.space.find(laid.within(place), laid.world | agreeing) is None


def _is_repeated(laid: Laid, place: int, front: int) -> bool:
    room, avoid = laid.within(place), laid.world | front
    rows, space = laid.table.rows, laid.space
    behind = laid.rows & (-1 << laid.first + place + 1)
    for number in bits(space.meeting(room, behind)):
        if rows[number - laid.first].entries != rows[place].entries:
            both = space.within(space.boxes[number], room)
            if space.find(both, avoid) is not None:
                return False
        avoid |= 1 << number
    return space.find(room, avoid) is None
