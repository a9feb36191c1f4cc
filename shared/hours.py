"""Service hours (服务时间) of a body. Pure; which days are worked is an argument.

Written as `24h`, as `work` (working days of the legal calendar, 09:00-12:00 and
14:00-17:00, or hours of its own behind it), or as days and spans with semicolons
between: `Mon-Fri 09:00-17:00; Sat 09:00-12:00`. Days that are named are meant
literally. Chinese words for the same are understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any, NamedTuple

from pydantic import model_validator

from shared.calendar import SHANGHAI, Calendar
from shared.events.base import Value

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CHINESE = {
    **{f"周{sign}": day for sign, day in zip("一二三四五六日", _DAYS, strict=True)},
    **{f"星期{sign}": day for sign, day in zip("一二三四五六日", _DAYS, strict=True)},
    "全天": "24h",
    "24小时": "24h",
    "工作日": "work ",
    "至": "-",
    "—": "-",
    "、": ",",
    "；": ";",
    "：": ":",
    "，": " ",
}
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", re.ASCII)
_OFFICE = "09:00-12:00 14:00-17:00"


class Span(NamedTuple):
    """From when to when on which weekdays, Monday 0; no days are working days."""

    days: frozenset[int] | None
    start: time
    end: time | None

    def covers(self, local: datetime, calendar: Calendar) -> bool:
        if self.days is None:
            on = calendar.is_working_day(local.date())
        else:
            on = local.weekday() in self.days
        return on and self.start <= local.time() and not self._is_over(local.time())

    def _is_over(self, now: time) -> bool:
        return self.end is not None and self.end <= now


class Hours(Value):
    """When a body answers. `written` is how its directory says it."""

    written: str
    spans: tuple[Span, ...]

    @model_validator(mode="before")
    @classmethod
    def _read(cls, told: Any) -> Any:
        if not isinstance(told, str):
            return told
        return {"written": told.strip(), "spans": tuple(_spans(told))}

    def open_at(self, moment: datetime, calendar: Calendar) -> bool:
        local = moment.astimezone(SHANGHAI)
        return any(span.covers(local, calendar) for span in self.spans)


def _spans(told: str) -> Iterator[Span]:
    text = told.strip().lower()
    for chinese, word in _CHINESE.items():
        text = text.replace(chinese, word)
    for part in filter(None, map(str.strip, text.split(";"))):
        if part == "24h":
            yield Span(frozenset(range(7)), time(0), None)
            continue
        named, _, hours = part.partition(" ")
        days = None if named == "work" else _days(named)
        for span in (hours or _OFFICE if days is None else hours).split() or [""]:
            yield Span(days, *_span(span))


def _days(named: str) -> frozenset[int]:
    found: set[int] = set()
    for part in named.split(","):
        first, _, last = part.partition("-")
        if first not in _DAYS or (last or first) not in _DAYS:
            raise ValueError(f"{part!r} names no days; write Mon-Fri, work or 24h")
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        found |= {day % 7 for day in range(start, end + (7 if end < start else 0) + 1)}
    return frozenset(found)


def _span(written: str) -> tuple[time, time | None]:
    if not (found := _SPAN.fullmatch(written)):
        raise ValueError(f"{written!r} is no span; write 09:00-17:00")
    start = time(int(found[1]), int(found[2]))
    if (found[3], found[4]) == ("24", "00"):
        return start, None
    if found[3] == "24" or time(int(found[3]), int(found[4])) <= start:
        raise ValueError(f"{written!r} ends before it begins; write two spans")
    return start, time(int(found[3]), int(found[4]))
