"""Cuts an S-FEEL text into tokens; names with spaces are found by the names in scope."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from services.routing.dmn.faults import UnreadableError, Why
from services.routing.dmn.literals import number, temporal
from services.routing.dmn.values import Scalar
from services.routing.dmn.words import CONSTANTS, one_spaced, refuse_word, strange

MOST_CHARACTERS = 10_000
MOST_TOKENS = 2_000
_SPACE = re.compile(r"\s*")
_NUMBER = re.compile(r"\d+(?:\.\d+)?|\.\d+", re.ASCII)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_TEMPORAL = re.compile(
    r'(?:(date\s+and\s+time|date|time|duration)\s*\(\s*("[^"\\]*")\s*\)|(@)("[^"\\]*"))'
)
_WORD = re.compile(r"[^\W\d]\w*")
_SIGN = re.compile(r"\.\.|\*\*|<=|>=|!=|[-<>=+*/()\[\],]")
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{6}|.)", re.DOTALL)
_PLAIN_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}


class Token(NamedTuple):
    """`sort` is "literal", "name", "not", "end", or the sign itself."""

    sort: str
    value: Scalar | None = None
    name: str = ""


class Names:
    """The names that a text may use, the longest first. Cells of inputs use none."""

    def __init__(self, names: Iterable[str] = (), *, in_cell: bool = False) -> None:
        self.in_cell = in_cell
        self.names = {one_spaced(name): name for name in names}
        found = sorted(self.names, key=len, reverse=True)
        pattern = "|".join(map(_as_pattern, found))
        self._pattern = re.compile(pattern) if found else None

    def at(self, text: str, place: int) -> tuple[str, int] | None:
        """The name that begins here, and where it ends."""
        found = self._pattern.match(text, place) if self._pattern else None
        return (self.names[one_spaced(found[0])], found.end()) if found else None


def tokens(text: str, names: Names) -> list[Token]:
    """Raises `UnreadableError` for what S-FEEL does not have, or names nobody knows."""
    if len(text) > MOST_CHARACTERS:
        raise UnreadableError(Why.TOO_LONG, limit=MOST_CHARACTERS)
    found = []
    for token in _tokens(text, names):
        found.append(token)
        if len(found) > MOST_TOKENS:
            raise UnreadableError(Why.TOO_LONG, limit=MOST_TOKENS)
    return [*found, Token("end")]


def _tokens(text: str, names: Names) -> Iterator[Token]:
    place = _after_space(text, 0)
    while place < len(text):
        token, end = _token(text, place, names)
        yield token
        place = _after_space(text, end)


def _token(text: str, place: int, names: Names) -> tuple[Token, int]:
    if found := _TEMPORAL.match(text, place):
        word, inner = found[1] or found[3], found[2] or found[4]
        value = temporal(one_spaced(word), inner[1:-1])
        return Token("literal", value), found.end()
    word_here = _WORD.match(text, place)
    if word_here and (constant := _constant(word_here[0])):
        return constant, word_here.end()
    if named := names.at(text, place):
        return Token("name", name=named[0]), named[1]
    if word_here:
        refuse_word(text, word_here, names.names, in_cell=names.in_cell)
    if found := _NUMBER.match(text, place):
        return Token("literal", number(found[0])), found.end()
    if found := _STRING.match(text, place):
        return Token("literal", _unescaped(found[0][1:-1])), found.end()
    if found := _SIGN.match(text, place):
        return Token(found[0]), found.end()
    raise strange(text, place)


def _constant(word: str) -> Token | None:
    if word in CONSTANTS:
        return Token("literal", CONSTANTS[word])
    return Token("not") if word == "not" else None


def _after_space(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    code = found[1]
    if len(code) > 1:
        return _sign_of(int(code[1:], 16))
    if code not in _PLAIN_ESCAPES:
        raise UnreadableError(Why.BAD_LITERAL, text=found[0])
    return _PLAIN_ESCAPES[code]


def _sign_of(number: int) -> str:
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise UnreadableError(Why.BAD_LITERAL, text=f"\\u{number:x}")
    return chr(number)


def _as_pattern(name: str) -> str:
    words = r"\s+".join(map(re.escape, name.split()))
    return words + (r"(?!\w)" if re.match(r"\w", name[-1]) else "")
