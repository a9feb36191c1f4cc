"""How people write times, sums, places and yes or no, brought to how we write them.

What is not understood is passed on as it is, so that the referral's own checks name the
fault. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from shared.divisions import Division, is_division_code
from shared.region import Region

YES = frozenset({"是", "有", "愿意", "同意", "true", "yes", "y", "1", "√"})
NO = frozenset({"否", "无", "没有", "不愿意", "不同意", "false", "no", "n", "0", "×"})

_SEPARATORS = re.compile(r"[、；;\n]+")
_DATE = re.compile(
    r"(\d{4})[年/.-](\d{1,2})[月/.-](\d{1,2})日?"
    r"(?:[T ]*(\d{1,2})[:：时](\d{1,2})(?:[:：分](\d{1,2}))?[分秒]?)?",
    re.ASCII,
)
_SUM = re.compile(
    r"(?P<nearly>近|约)?(?P<digits>\d{1,12}(?:\.\d{1,6})?)(?P<times>[万千])?"
    r"(?P<more>余|多|以上)?元?(?P<above>以上)?",
    re.ASCII,
)
_TIMES = {"万": 4, "千": 3, None: 0}


def yes_or_no(told: object) -> bool | None:
    """What 是 or 否 and their likes mean; None if they mean nothing."""
    word = str(told).strip().lower()
    return True if word in YES else False if word in NO else None


def several(told: object) -> list[str]:
    """The entries of a cell that holds several, such as 张某、李某."""
    return [part.strip() for part in _SEPARATORS.split(str(told)) if part.strip()]


def time(told: object) -> object:
    """2026年2月9日 8时5分, 2026/2/9 08:05 and their likes, as ISO 8601."""
    found = _DATE.fullmatch(str(told).strip())
    if not found:
        return told
    year, month, day, hour, minute, second = found.groups()
    date = f"{year}-{int(month):02}-{int(day):02}"
    if hour is None:
        return date
    return f"{date}T{int(hour):02}:{int(minute):02}:{int(second or 0):02}"


def money(told: object) -> object:
    """6万余元, 近3000元, 12,000.50 and their likes, with how exactly they are meant."""
    written = re.sub(r"[\s,，¥￥]", "", str(told))
    if not (found := _SUM.fullmatch(written)):
        return told
    exactness = "at_least" if found["more"] or found["above"] else "exact"
    return {
        "yuan": _shifted(found["digits"], _TIMES[found["times"]]),
        "exactness": "nearly" if found["nearly"] else exactness,
    }


def _shifted(digits: str, places: int) -> str:
    """A decimal number with its point moved to the right."""
    whole, _, part = digits.partition(".")
    moved = part[:places].ljust(places, "0")
    rest = part[places:]
    return f"{whole}{moved}" + (f".{rest}" if rest else "")


def place(told: object, region: Region) -> object:
    """The code of a division told by its code or by its name, such as 枫桥镇某某村.

    A name that went over to a successor means the successor.
    """
    written = str(told).strip()
    if is_division_code(written) or len(written) > 60:
        return written
    named = [d for d in region.divisions if _is_named(d, written, region)]
    codes = {division.code for division in named}
    found = [d.code for d in named if codes.isdisjoint(d.successors)]
    return found[0] if len(found) == 1 else written


def _is_named(division: Division, written: str, region: Region) -> bool:
    above = (up.name for up in reversed(region.divisions.ancestors(division.code)))
    full = "".join(above) + division.name
    return written.endswith(division.name) and full.endswith(written)


def bodies(told: object, region: Region) -> list[str]:
    """The ids of bodies told by id or by name; what is neither stays as it is."""
    by_name: Mapping[str, str] = {body.name: id for id, body in region.bodies.items()}
    return [by_name.get(name, name) for name in several(told)]
