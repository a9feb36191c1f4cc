"""A body of bytes as a JSON object, or a refusal that says why it is none.

Stricter than JSON readers are: no name twice in an object, no NaN, bounded size and
depth, and only text that a database can keep. Knows nothing of referrals.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from services.intake.refusals import WHOLE, TooLargeError, refused, shown

LARGEST = 1024 * 1024
DEEPEST = 12
LONGEST_NUMBER = 40

_TOKENS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|([\[{])|([\]}])', re.DOTALL)


def read_json(body: bytes) -> dict[str, Any]:
    """The JSON object in a body; numbers with a point are `Decimal`.

    Raises `ReferralRefusedError`, which for too many bytes is a `TooLargeError`.
    """
    if len(body) > LARGEST:
        raise TooLargeError(LARGEST)
    if not body.strip():
        raise refused(WHOLE, "empty-body")
    words = _decoded(body)
    if _depth(body) > DEEPEST:
        raise refused(WHOLE, "too-deep", limit=DEEPEST)
    found = _parsed(words)
    if not isinstance(found, dict):
        raise refused(WHOLE, "not-an-object")
    return found


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refused(WHOLE, "not-utf-8", byte=error.start) from None


def _depth(body: bytes) -> int:
    """How deep brackets are nested, without parsing; stops at one too many."""
    deepest = depth = 0
    for token in _TOKENS.finditer(body):
        depth += (token[1] is not None) - (token[2] is not None)
        deepest = max(deepest, depth)
        if deepest > DEEPEST:
            break
    return deepest


def _parsed(words: str) -> Any:
    try:
        return json.loads(
            words,
            object_pairs_hook=_object,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_no_number,
        )
    except json.JSONDecodeError as error:
        raise refused(
            WHOLE, "not-json", line=error.lineno, column=error.colno
        ) from None


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise refused(shown(name), "name-twice")
        found[name] = value
    return found


def _decimal(digits: str) -> Decimal:
    if len(digits) > LONGEST_NUMBER:
        raise refused(WHOLE, "number-too-long", limit=LONGEST_NUMBER)
    try:
        return Decimal(digits)
    except InvalidOperation:
        raise refused(WHOLE, "not-a-number") from None


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise refused(WHOLE, "number-too-long", limit=LONGEST_NUMBER)
    return int(digits)


def _no_number(_: str) -> NoReturn:
    raise refused(WHOLE, "not-a-number")
