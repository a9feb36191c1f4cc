"""The values of S-FEEL: their kinds, and what fits where.

Numbers are decimals of 34 digits. Whole numbers, dates and spans of months are
discrete: between one and the next there is nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Context, Decimal
from enum import StrEnum
from types import NoneType

from services.routing.dmn.faults import UnreadableError, Why

ARITHMETIC = Context(prec=34)
MOST_DIGITS = 34
MOST_SCALE = 1_000


class Kind(StrEnum):
    """A type of S-FEEL, by the name that DMN gives it; `integer` is of other editors."""

    STRING = "string"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    DATE_TIME = "dateTime"
    DAYS = "dayTimeDuration"
    MONTHS = "yearMonthDuration"


KINDS = {
    **{str(kind): kind for kind in Kind},
    "double": Kind.NUMBER,
    "decimal": Kind.NUMBER,
    "int": Kind.INTEGER,
    "long": Kind.INTEGER,
    "date and time": Kind.DATE_TIME,
    "days and time duration": Kind.DAYS,
    "years and months duration": Kind.MONTHS,
}
NUMERIC = frozenset({Kind.NUMBER, Kind.INTEGER})


@dataclass(frozen=True, order=True)
class Months:
    """A duration in years and months, as months."""

    count: int


Scalar = str | Decimal | bool | date | time | datetime | timedelta | Months


def kind_of(value: Scalar) -> Kind:
    match value:
        case bool():
            return Kind.BOOLEAN
        case str():
            return Kind.STRING
        case Decimal():
            return Kind.INTEGER if _is_whole(value) else Kind.NUMBER
        case datetime():
            return Kind.DATE_TIME
        case date():
            return Kind.DATE
        case time():
            return Kind.TIME
        case timedelta():
            return Kind.DAYS
        case Months():
            return Kind.MONTHS


def fits(value: Scalar, kind: Kind) -> bool:
    """Whether a value may stand in a column of this kind."""
    found = kind_of(value)
    return found is kind or (found is Kind.INTEGER and kind is Kind.NUMBER)


def taken(value: object) -> Scalar:
    """What somebody handed in, as a value of ours.

    Binary fractions are refused: 0.1 is not what they hold.
    """
    match value:
        case datetime() if not isinstance(value.tzinfo, (timezone, NoneType)):
            return in_utc(value)
        case bool() | date() | time() | timedelta() | Months():
            return value
        case str():
            return str(value)
        case int() if abs(value) < 10**MOST_DIGITS:
            return Decimal(value)
        case Decimal() if value.is_finite() and abs(value.adjusted()) <= MOST_SCALE:
            return value
    raise UnreadableError(Why.INPUT_TYPE, found=type(value).__name__)


def zoned(value: Scalar | None) -> bool | None:
    """Whether a time or date-time tells its offset; None for what cannot."""
    if isinstance(value, (time, datetime)):
        return value.utcoffset() is not None
    return None


def in_utc(value: datetime) -> datetime:
    """The same moment: times of one zone compare by the clock on the wall otherwise."""
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise UnreadableError(Why.BAD_LITERAL, text=value.isoformat()) from None


def _is_whole(value: Decimal) -> bool:
    return value == value.to_integral_value()
