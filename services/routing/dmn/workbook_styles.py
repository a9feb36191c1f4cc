"""Which styles of a workbook show a number as a date or a time."""

from __future__ import annotations

import re

from services.routing.dmn.safe_xml import Element

_BUILT_IN = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_NO_DATE = re.compile(
    r'"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|General', re.IGNORECASE
)


def date_styles(styles: Element | None) -> frozenset[str]:
    """The numbers of these styles, as cells name them."""
    if styles is None or (cells := styles.child("cellXfs")) is None:
        return frozenset()
    own = styles.child("numFmts")
    formats = {
        one.attributes.get("numFmtId", ""): one.attributes.get("formatCode", "")
        for one in (own.children if own else [])
    }
    used = [one.attributes.get("numFmtId", "0") for one in cells.children]
    return frozenset(str(n) for n, one in enumerate(used) if _is_date(one, formats))


def _is_date(number: str, formats: dict[str, str]) -> bool:
    if number in formats:
        plain = _NO_DATE.sub("", formats[number])
        return bool(re.search("[ymdhs]", plain, re.IGNORECASE))
    return number.isdigit() and int(number[:4]) in _BUILT_IN
