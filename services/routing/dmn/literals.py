"""Literals of S-FEEL: how they are read, and how a value is written as one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.routing.dmn.faults import UnreadableError, Why
from services.routing.dmn.values import MOST_DIGITS, Months, Scalar, in_utc


def number(text: str) -> Decimal:
    if sum(c.isdigit() for c in text) > MOST_DIGITS:
        raise UnreadableError(Why.BAD_LITERAL, text=text)
    return Decimal(text)


_DAY = r"\d{4}-\d\d-\d\d"
_CLOCK = r"\d\d:\d\d:\d\d(?:\.\d{1,6})?"
_OFFSET = r"(?:Z|[+-]\d\d:\d\d)?"
_DATE = re.compile(_DAY)
_TIME = re.compile(_CLOCK + _OFFSET)
_DATE_TIME = re.compile(rf"({_DAY}T{_CLOCK})(?:({_OFFSET})|@([A-Za-z_+\-/0-9]+))")
_MONTHS = re.compile(r"(-?)P(?=\d)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?")
_DAYS = re.compile(
    r"(-?)P(?=\d|T)(?:(\d{1,8})D)?"
    r"(?:T(?=\d)(?:(\d{1,8})H)?(?:(\d{1,8})M)?(?:(\d{1,8}(?:\.\d{1,6})?)S)?)?"
)


def _date(text: str) -> Scalar | None:
    return date.fromisoformat(text) if _DATE.fullmatch(text) else None


def _time(text: str) -> Scalar | None:
    return time.fromisoformat(text) if _TIME.fullmatch(text) else None


def _date_time(text: str) -> Scalar | None:
    if not (found := _DATE_TIME.fullmatch(text)):
        return None
    moment, offset, zone = found.groups()
    if zone:
        return in_utc(datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone)))
    return datetime.fromisoformat(moment + (offset or ""))


def _duration(text: str) -> Scalar | None:
    if found := _MONTHS.fullmatch(text):
        sign, years, months = found.groups()
        count = int(years or 0) * 12 + int(months or 0)
        return Months(-count if sign else count)
    if found := _DAYS.fullmatch(text):
        sign, days, hours, minutes, seconds = found.groups()
        whole, _, part = (seconds or "0").partition(".")
        span = timedelta(
            days=int(days or 0),
            hours=int(hours or 0),
            minutes=int(minutes or 0),
            seconds=int(whole),
            microseconds=int(part.ljust(6, "0")),
        )
        return -span if sign else span
    return None


_READERS: dict[str, Callable[[str], Scalar | None]] = {
    "date": _date,
    "time": _time,
    "date and time": _date_time,
    "duration": _duration,
}


def temporal(word: str, text: str) -> Scalar:
    """The value of `date("…")`, `time("…")`, `date and time("…")`, `duration("…")`.

    With the word "@" the form of the text tells which is meant.
    """
    readers = [_READERS[word]] if word in _READERS else [*_READERS.values()]
    try:
        found = next((v for read in readers if (v := read(text)) is not None), None)
    except (ValueError, OverflowError, OSError, ZoneInfoNotFoundError):
        found = None
    if found is None:
        shown = f'@"{text}"' if word == "@" else f'{word}("{text}")'
        raise UnreadableError(Why.BAD_LITERAL, text=shown)
    return found


def literal(value: Scalar | None) -> str:
    """A value as S-FEEL writes it; reading that gives the value again."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{_escaped(value)}"'
        case Decimal():
            return format(value, "f")
        case datetime():
            return f'date and time("{value.isoformat()}")'
        case date():
            return f'date("{value.isoformat()}")'
        case time():
            return f'time("{value.isoformat()}")'
        case timedelta():
            return f'duration("{_span(value)}")'
        case Months():
            sign = "-" if value.count < 0 else ""
            return f'duration("{sign}P{abs(value.count)}M")'


def _span(value: timedelta) -> str:
    sign, size = ("-", -value) if value < timedelta(0) else ("", value)
    part = f".{size.microseconds:06}" if size.microseconds else ""
    return f"{sign}P{size.days}DT{size.seconds}{part}S"


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(sign, sign) for sign in text)
