"""What the cells of a sheet show, as text. Nothing is calculated; knows no files."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

KEPT_DIGITS = Decimal(10) ** 15
"""Larger whole numbers have lost digits in a spreadsheet."""

MOST_DAYS = 2_958_465
"""The last day that a spreadsheet knows: 9999-12-31."""


def number(written: str) -> Decimal | None:
    """A number as a person reads it, without the dust of binary fractions."""
    try:
        found = Decimal(repr(float(written)))
    except ValueError:
        return None
    return found if found.is_finite() else None


def digits(found: Decimal) -> str:
    whole = found.to_integral_value()
    return f"{whole:f}" if found == whole else f"{found:f}"


def moment(found: Decimal, *, since_1904: bool) -> str:
    """A day number as a date, or as a time if it has a part of a day.

    A number that is no day is told as it stands.
    """
    days = found + (1462 if since_1904 else 0)
    if not 1 <= days <= MOST_DAYS:
        return digits(found)
    days += 1 if days < 60 else 0  # the first of these calendars has a 1900-02-29
    seconds = round(days * 86_400)
    at = datetime(1899, 12, 30) + timedelta(seconds=int(seconds))  # noqa: DTZ001 - local
    return at.isoformat() if seconds % 86_400 else at.date().isoformat()


def place(row: int, column: int) -> str:
    """A cell as a spreadsheet names it, such as F7; rows and columns from 1."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"
