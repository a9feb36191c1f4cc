"""The columns of a table that is ready to be asked.

An input column knows, for every stretch of values between two ends that occur in it,
which rows match there: rows are bits of a number. Asking is a search and an "and".
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from operator import xor

from services.routing.dmn.expressions import Expression, Known
from services.routing.dmn.extents import (
    AFTER_ALL,
    BEFORE_ALL,
    Cut,
    Extent,
    Interval,
    before,
)
from services.routing.dmn.faults import UnreadableError, Why
from services.routing.dmn.literals import literal
from services.routing.dmn.values import Kind, Scalar, fits, kind_of, zoned

MOST_BITS = 400_000_000


@dataclass(frozen=True)
class Index:
    """Which rows match where: stretch n lies between cut n-1 and cut n."""

    cuts: tuple[Cut, ...]
    masks: tuple[int, ...]
    null_mask: int

    def rows(self, value: Scalar | None) -> int:
        """The rows that match a value, as bits: row 1 is the lowest."""
        if value is None:
            return self.null_mask
        return self.masks[bisect_right(self.cuts, before(value))]

    def stretches(self) -> list[Interval]:
        """The stretches in order; within one, no row tells two values apart."""
        ends = (BEFORE_ALL, *self.cuts, AFTER_ALL)
        return [Interval(s, e) for s, e in pairwise(ends)]


def index(conditions: Sequence[Extent]) -> Index:
    """The index of a column from its cells, in the order of the rows.

    Raises `UnreadableError` for a column that would take too much memory.
    """
    found = {c for e in conditions for i in e.intervals for c in i}
    cuts = tuple(sorted(found - {BEFORE_ALL, AFTER_ALL}))
    if len(cuts) * len(conditions) > MOST_BITS:
        raise UnreadableError(Why.TOO_MANY, limit=MOST_BITS)
    places = {cut: number for number, cut in enumerate(cuts, 1)}
    places |= {BEFORE_ALL: 0, AFTER_ALL: len(cuts) + 1}
    turns = [0] * (len(cuts) + 2)
    for row, condition in enumerate(conditions):
        for interval in condition.intervals:
            turns[places[interval.start]] ^= 1 << row
            turns[places[interval.end]] ^= 1 << row
    nulls = sum(1 << row for row, e in enumerate(conditions) if e.null)
    return Index(cuts, tuple(accumulate(turns[:-1], xor)), nulls)


@dataclass(frozen=True)
class Column:
    """An input column. `allowed` are the values that may come, null apart.

    `zoned` tells whether its times carry an offset, if any cell has one.
    """

    name: str
    text: str
    expression: Expression
    kind: Kind
    allowed: Extent | None
    zoned: bool | None
    index: Index

    def value(self, known: Known) -> Scalar | None:
        """Raises `UnreadableError` for a value that this column cannot take."""
        value = self.expression.result(known)
        if value is not None:
            check(value, self.kind, self.allowed, self.zoned)
        return value


@dataclass(frozen=True)
class Output:
    """An output column. `ranks` are its values in the order of priority, from 0.

    `zoned` tells whether its allowed times carry an offset.
    """

    name: str
    label: str
    kind: Kind
    allowed: Extent | None
    zoned: bool | None
    ranks: dict[Scalar | None, int] | None

    def check(self, value: Scalar | None) -> None:
        """Raises `UnreadableError` for a value that may not come out here."""
        if value is not None:
            if not fits(value, self.kind):
                raise _wrong(value, self.kind)
            if self.zoned is not None and zoned(value) is not self.zoned:
                raise UnreadableError(Why.ZONES_DIFFER, text=literal(value))
            if self.allowed is not None and value not in self.allowed:
                raise UnreadableError(Why.NOT_ALLOWED, value=literal(value))
        elif self.ranks is not None and None not in self.ranks:
            raise UnreadableError(Why.NOT_ALLOWED, value=literal(value))


def check(
    value: Scalar, kind: Kind, allowed: Extent | None, with_zone: bool | None
) -> None:
    """Raises `UnreadableError` for a value that may not come in here."""
    if not fits(value, kind):
        raise _wrong(value, kind)
    if with_zone is not None and zoned(value) is not with_zone:
        raise UnreadableError(Why.INPUT_ZONE)
    if allowed is not None and value not in allowed:
        raise UnreadableError(Why.INPUT_NOT_ALLOWED)


def _wrong(value: Scalar, kind: Kind) -> UnreadableError:
    found, expected = str(kind_of(value)), str(kind)
    return UnreadableError(Why.WRONG_TYPE, found=found, expected=expected)
