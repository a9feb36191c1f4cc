"""The kinds of values a referral is made of: text, times, money. Strict and bounded.

A wrong value raises an error whose type is the reason code of the message file; the
value itself is never in it.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from shared.calendar import SHANGHAI
from shared.events.facts import Money

FIRST_YEAR = 1949
MOST_YUAN = Decimal(10) ** 12

_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}"
    r"([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?",
    re.ASCII,
)


def wrong(reason: str, **facts: Any) -> PydanticCustomError:
    """The error of a validator: a reason code of the message file, and its facts."""
    return PydanticCustomError(reason, reason, facts)


def _one_line(text: str) -> str:
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise wrong("bad-characters")
    return text


def _lines(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    _one_line(text.replace("\n", "").replace("\t", ""))
    return text


def _time(given: object) -> datetime:
    """A time as told; without an offset it is meant as Beijing time."""
    if not (isinstance(given, str) and _TIME.fullmatch(given.strip())):
        raise wrong("not-a-time")
    try:
        found = datetime.fromisoformat(given.strip())
    except ValueError:
        raise wrong("impossible-time") from None
    if found.year < FIRST_YEAR:
        raise wrong("too-long-ago", year=FIRST_YEAR)
    if found.year > 9000:  # or the offset may lead out of all calendars
        raise wrong("in-the-future")
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def _money(given: object) -> object:
    if isinstance(given, bool):
        raise wrong("not-a-number")
    return {"yuan": given} if isinstance(given, int | Decimal | str) else given


def _whole_fen(money: Money) -> Money:
    if not 0 <= money.yuan <= MOST_YUAN:
        raise wrong("amount-out-of-bounds", limit=str(MOST_YUAN))
    fen = money.yuan.quantize(Decimal("0.01"))
    if fen != money.yuan:
        raise wrong("less-than-a-fen")
    return money.model_copy(update={"yuan": fen})


def _bounds(longest: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=longest)


Code = Annotated[str, _bounds(80), AfterValidator(_one_line)]
Line = Annotated[str, _bounds(100), AfterValidator(_one_line)]
Paragraph = Annotated[str, _bounds(500), AfterValidator(_lines)]
Story = Annotated[str, _bounds(20_000), AfterValidator(_lines)]
Moment = Annotated[AwareDatetime, BeforeValidator(_time)]
Amount = Annotated[Money, BeforeValidator(_money), AfterValidator(_whole_fen)]
