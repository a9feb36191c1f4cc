"""The words and signs that S-FEEL has, and what is said of those that it has not."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NoReturn

from services.routing.dmn.faults import UnreadableError, Why
from services.routing.dmn.values import Scalar

KEYWORDS = frozenset(
    [
        "true",
        "false",
        "null",
        "not",
        "and",
        "or",
        "if",
        "then",
        "else",
        "for",
        "in",
        "between",
        "some",
        "every",
        "return",
        "satisfies",
        "function",
        "instance",
        "of",
    ]
)
CONSTANTS: dict[str, Scalar | None] = {"true": True, "false": False, "null": None}
_FULL_WIDTH = dict(
    zip("“”„，（）＜＞＝－［］。：＋＊／＂≤≥", '""",()<>=-[].:+*/"<>', strict=True)
)
_FULL_WIDTH |= {"≤": "<=", "≥": ">="}
_CALL = re.compile(r"([^\W\d]\w*(?:[ \t]+[^\W\d]\w*)*)\s*\(")
_PART = re.compile(r"(?:\s*\.\s*[^\W\d]\w*(?: [^\W\d]\w*)*)+")
_NAME_BEFORE = re.compile(r"[^\W\d][\w ]*$")
_OF_FUNCTIONS = frozenset({"and", "for"})  # words in names such as "date and time"


def one_spaced(name: str) -> str:
    return " ".join(name.split())


def refuse_word(
    text: str, found: re.Match[str], names: Collection[str], *, in_cell: bool
) -> NoReturn:
    """Raises `UnreadableError` for a word that is no name among these."""
    word = found[0]
    if word in KEYWORDS:
        raise UnreadableError(Why.FUNCTION, word=word)
    if called := _CALL.match(text, found.start()):
        phrase = one_spaced(called[1])
        several = KEYWORDS.isdisjoint({*phrase.split()} - _OF_FUNCTIONS)
        raise UnreadableError(Why.FUNCTION, word=phrase if several else word)
    if word.lower() in CONSTANTS:
        raise UnreadableError(Why.LOWER_CASE, word=word, instead=word.lower())
    if part := _PART.match(text, found.end()):
        raise UnreadableError(Why.PART, path=word + one_spaced(part[0]))
    if in_cell:
        raise UnreadableError(Why.UNQUOTED, word=word)
    known = [*names] or "—"
    raise UnreadableError(Why.UNKNOWN_NAME, name=word, known=known)


def strange(text: str, place: int) -> UnreadableError:
    """What is said of a sign that S-FEEL does not have."""
    sign = text[place]
    if sign == "." and (part := _PART.match(text, place)):
        whole = _NAME_BEFORE.search(text[:place])
        path = (whole[0] if whole else "") + one_spaced(part[0])
        return UnreadableError(Why.PART, path=path)
    if sign in "{}":
        return UnreadableError(Why.CONTEXT)
    if instead := _FULL_WIDTH.get(sign):
        return UnreadableError(Why.FULL_WIDTH, sign=sign, instead=instead)
    return UnreadableError(Why.CHARACTER, sign=sign)
