"""Sets of values in one canonical form: intervals apart from each other, and null or not.

Two sets are equal exactly when they hold the same values, as far as the kind knows:
whole numbers, dates, months and booleans step from one to the next. This is what an
analysis of a table works on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal
from typing import Any, NamedTuple

from services.routing.dmn.values import MOST_DIGITS, Kind, Months, Scalar

Cut = tuple[Any, ...]
"""A place between values: before all, before or after one value, after all."""

BEFORE_ALL: Cut = (-1,)
AFTER_ALL: Cut = (1,)
_EXACT = Context(prec=MOST_DIGITS + 6)


def before(value: Scalar) -> Cut:
    return (0, value, 0)


def after(value: Scalar, kind: Kind) -> Cut:
    """The place behind a value; for steps that is the place before the next one."""
    following = _following(value, kind)
    return (0, value, 1) if following is None else (0, following, 0)


class Interval(NamedTuple):
    """All values between two cuts."""

    start: Cut
    end: Cut

    @property
    def low(self) -> Scalar | None:
        """None if it has no lower end."""
        return self.start[1] if len(self.start) > 1 else None

    @property
    def high(self) -> Scalar | None:
        """None if it has no upper end."""
        return self.end[1] if len(self.end) > 1 else None

    @property
    def has_low(self) -> bool:
        """Whether the lower end is itself inside."""
        return len(self.start) > 1 and self.start[2] == 0

    @property
    def has_high(self) -> bool:
        """Whether the upper end is itself inside."""
        return len(self.end) > 1 and self.end[2] == 1


@dataclass(frozen=True, slots=True)
class Extent:
    """A set of values of one kind, and whether null belongs to it."""

    kind: Kind
    intervals: tuple[Interval, ...]
    null: bool = False

    def __contains__(self, value: Scalar | None) -> bool:
        if value is None:
            return self.null
        here = before(value)
        return any(i.start <= here < i.end for i in self.intervals)

    def __or__(self, other: Extent) -> Extent:
        both = (*self.intervals, *other.intervals)
        return extent(self.kind, both, self.null or other.null)

    def __and__(self, other: Extent) -> Extent:
        found: list[Interval] = []
        mine, theirs = 0, 0
        while mine < len(self.intervals) and theirs < len(other.intervals):
            one, two = self.intervals[mine], other.intervals[theirs]
            start, end = max(one.start, two.start), min(one.end, two.end)
            if start < end:
                found.append(Interval(start, end))
            mine, theirs = mine + (one.end == end), theirs + (two.end == end)
        return Extent(self.kind, tuple(found), self.null and other.null)

    def __invert__(self) -> Extent:
        """Everything else, null included if it is not in here."""
        domain = _DOMAINS.get(self.kind, Interval(BEFORE_ALL, AFTER_ALL))
        starts = [domain.start, *(i.end for i in self.intervals)]
        ends = [*(i.start for i in self.intervals), domain.end]
        gaps = (Interval(s, e) for s, e in zip(starts, ends, strict=True) if s < e)
        return Extent(self.kind, tuple(gaps), not self.null)

    def __bool__(self) -> bool:
        return bool(self.intervals) or self.null

    def without_null(self) -> Extent:
        return Extent(self.kind, self.intervals)


def extent(kind: Kind, intervals: Iterable[Interval], null: bool = False) -> Extent:
    """The canonical set of some intervals, which may overlap and be empty."""
    found: list[Interval] = []
    for one in sorted(i for i in intervals if i.start < i.end):
        if found and one.start <= found[-1].end:
            one = Interval(found[-1].start, max(found.pop().end, one.end))
        found.append(one)
    return Extent(kind, tuple(found), null)


def everything(kind: Kind) -> Extent:
    """What `-` stands for: every value, and null."""
    return ~Extent(kind, ())


def only(kind: Kind, value: Scalar | None) -> Extent:
    if value is None:
        return Extent(kind, (), null=True)
    return extent(kind, [Interval(before(value), after(value, kind))])


_DOMAINS = {
    Kind.BOOLEAN: Interval(before(False), (0, True, 1)),
    Kind.STRING: Interval(before(""), AFTER_ALL),
}


def _following(value: Scalar, kind: Kind) -> Scalar | None:
    match value:
        case bool():
            return None if value else True
        case Decimal() if kind is Kind.INTEGER:
            return _EXACT.add(value, Decimal(1))
        case date() if kind is Kind.DATE and value < date.max:
            return value + timedelta(days=1)
        case Months():
            return Months(value.count + 1)
    return None
