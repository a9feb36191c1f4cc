"""A stretch of values: one value that lies in it, and how a cell of a table says it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from services.routing.dmn.extents import Interval, after, before
from services.routing.dmn.literals import literal
from services.routing.dmn.values import Kind, Months, Scalar

_ANY: dict[Kind, Scalar] = {
    Kind.STRING: "…",
    Kind.NUMBER: Decimal(1),
    Kind.INTEGER: Decimal(1),
    Kind.BOOLEAN: False,
    Kind.DATE: date(2026, 1, 5),
    Kind.TIME: time(9),
    Kind.DATE_TIME: datetime(2026, 1, 5, 9),  # noqa: DTZ001  # like a column without offsets
    Kind.DAYS: timedelta(days=1),
    Kind.MONTHS: Months(1),
}
_STEPS: dict[Kind, Any] = {
    Kind.NUMBER: Decimal(1),
    Kind.INTEGER: Decimal(1),
    Kind.DATE: timedelta(days=1),
    Kind.DATE_TIME: timedelta(hours=1),
    Kind.DAYS: timedelta(days=1),
}
_STEPPED = (Kind.INTEGER, Kind.DATE)
_SOME_DAY = date(2026, 1, 5)


def value_in(piece: Interval, kind: Kind) -> Scalar:
    """An end of the stretch if it belongs to it, else something between or beyond."""
    if piece.has_low and piece.low is not None:
        return piece.low
    if piece.has_high and piece.high is not None:
        return piece.high
    if piece.low is None and piece.high is None:
        return _ANY[kind]
    return _beside(piece.low, piece.high, kind)


def cell_of(piece: Interval, kind: Kind) -> str:
    """The stretch as a unary test."""
    low, high = piece.low, piece.high
    if low is not None and piece.has_low and piece.end == after(low, kind):
        return literal(low)
    has_high = piece.has_high
    if kind in _STEPPED and high is not None and not has_high:
        high, has_high = _before(high), True
    if (low is None or piece.start == before("")) and high is None:
        return "not(null)"
    if low is None:
        return f"{'<=' if has_high else '<'} {literal(high)}"
    if high is None:
        return f"{'>=' if piece.has_low else '>'} {literal(low)}"
    opening, closing = "[" if piece.has_low else "]", "]" if has_high else "["
    return f"{opening}{literal(low)}..{literal(high)}{closing}"


def _before(value: Scalar) -> Scalar:
    if isinstance(value, Decimal):
        return value - 1
    assert isinstance(value, date)
    return value - timedelta(days=1)


def _beside(low: Any, high: Any, kind: Kind) -> Scalar:
    match kind:
        case Kind.STRING:
            return _text(low, high)
        case Kind.MONTHS:
            return Months(high.count - 1 if low is None else low.count + 1)
        case Kind.TIME:
            return _time(low, high)
    return _between(low, high, _STEPS[kind])


def _between(low: Any, high: Any, step: Any) -> Scalar:
    between = high is not None and low is not None and low + (high - low) / 2
    found: Scalar = between or (low + step if high is None else high - step)
    return found


def _text(low: str | None, high: str | None) -> str:
    """The texts behind `low` begin with those that only add to it."""
    for added in ("…", " ", "\x00"):
        found = f"{low or ''}{added}"
        if high is None or found < high:
            return found
    return f"{low or ''}\x00"


def _time(low: time | None, high: time | None) -> time:
    given = low or high
    assert given is not None
    start = low or time.min.replace(tzinfo=given.tzinfo)
    end = high or time.max.replace(tzinfo=given.tzinfo)
    first, last = (datetime.combine(_SOME_DAY, one) for one in (start, end))
    return (first + (last - first) / 2).timetz()
