"""Values of S-FEEL as SQL writes them. What SQL would hold inexactly is refused."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from services.routing.dmn.values import Kind, Months, Scalar

TYPES = {
    Kind.STRING: "VARCHAR",
    Kind.NUMBER: "DECIMAL(38,12)",
    Kind.INTEGER: "BIGINT",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.DATE: "DATE",
    Kind.DAYS: "BIGINT",
    Kind.MONTHS: "BIGINT",
}
"""Columns for the kinds that are asked at once. Times of day and moments are not."""

PLACES = 12
MOST = Decimal(10) ** 26


class InexactError(ValueError):
    """A value that a column cannot hold as it is."""


def quoted(name: str) -> str:
    """A name of a column or table."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: Scalar | None) -> str:
    """A value as SQL. Raises `InexactError`."""
    match encoded(value):
        case None:
            return "NULL"
        case bool() as truth:
            return str(truth).upper()
        case str() as text:
            return "'" + text.replace("'", "''") + "'"
        case date() as day:
            return f"DATE '{day.isoformat()}'"
        case number:
            return f"{number:f}" if isinstance(number, Decimal) else str(number)


def encoded(value: Scalar | None) -> str | Decimal | bool | date | int | None:
    """What a column of its kind holds for a value. Raises `InexactError`."""
    match value:
        case Months():
            return value.count
        case timedelta():
            return value // timedelta(microseconds=1)
        case Decimal():
            return _exact(value)
        case None | str() | bool():
            return _plain(value)
        case date() if type(value) is date:
            return value
    raise InexactError(type(value).__name__)


def _plain(value: str | bool | None) -> str | bool | None:
    if isinstance(value, str) and "\0" in value:
        raise InexactError("NUL")
    return value


def _exact(value: Decimal) -> Decimal:
    exponent = value.normalize().as_tuple().exponent
    if abs(value) >= MOST or (isinstance(exponent, int) and exponent < -PLACES):
        raise InexactError(f"{value:E}")
    return value
