"""From the text of an S-FEEL expression to the expression: by descent, one function a level."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from services.routing.dmn.expressions import (
    COMPARISONS,
    Comparison,
    Constant,
    Expression,
    Meant,
    Name,
    Operation,
    Scope,
)
from services.routing.dmn.faults import UnreadableError, Why
from services.routing.dmn.scanning import Names, Token, tokens
from services.routing.dmn.values import NUMERIC, Kind

MOST_NESTED = 40

_LEVELS = (("+", "-"), ("*", "/"), ("**",))
"""From loose to tight; each groups from the left."""


def expression(text: str, scope: Scope) -> Expression:
    """Raises `UnreadableError` for what is no S-FEEL expression over these names."""
    if not text:
        raise UnreadableError(Why.UNFINISHED, text=text)
    reader = _Reader(tokens(text, Names(scope)), scope)
    found = reader.comparison()
    reader.end()
    return found


class _Reader:
    def __init__(self, found: list[Token], scope: Scope) -> None:
        self._tokens, self._at, self._depth = found, 0, 0
        self._scope = scope

    def comparison(self) -> Expression:
        left = self._arithmetic(0)
        if self._next.sort not in COMPARISONS:
            return left
        sign = self._take().sort
        right = self._arithmetic(0)
        _check_comparison(sign, left.kind, right.kind)
        return Comparison(sign, left, right)

    def end(self) -> None:
        if self._next.sort == ",":
            raise UnreadableError(Why.SEVERAL_VALUES)
        if self._next.sort != "end":
            raise UnreadableError(Why.UNEXPECTED, found=_shown(self._next))

    def _arithmetic(self, level: int) -> Expression:
        if level == len(_LEVELS):
            return self._signed()
        left = self._arithmetic(level + 1)
        while self._next.sort in _LEVELS[level]:
            sign = self._take().sort
            left = _operation(sign, left, self._arithmetic(level + 1))
        return left

    def _signed(self) -> Expression:
        if self._next.sort != "-":
            return self._single()
        self._take()
        inner = self._deeper(self._signed)
        if isinstance(inner, Constant) and isinstance(inner.value, Decimal):
            return Constant(inner.value.copy_negate())
        return _operation("-", Constant(Decimal(0)), inner)

    def _single(self) -> Expression:
        token = self._take()
        if token.sort == "literal":
            return Constant(token.value)
        if token.sort == "name":
            return _meant(token.name, self._scope[token.name])
        if token.sort == "(":
            inner = self._deeper(self.comparison)
            self._expect(")")
            return inner
        if token.sort == "not":
            raise UnreadableError(Why.FUNCTION, word="not")
        if token.sort == "[":
            raise UnreadableError(Why.LIST)
        why = Why.UNFINISHED if token.sort == "end" else Why.UNEXPECTED
        raise UnreadableError(why, found=_shown(token))

    def _deeper(self, read: Callable[[], Expression]) -> Expression:
        self._depth += 1
        if self._depth > MOST_NESTED:
            raise UnreadableError(Why.TOO_DEEP, limit=MOST_NESTED)
        found = read()
        self._depth -= 1
        return found

    def _expect(self, sort: str) -> None:
        if (token := self._take()).sort != sort:
            raise UnreadableError(Why.UNEXPECTED, found=_shown(token))

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token


def _meant(name: str, meant: Meant) -> Name:
    if meant.kind is None:
        raise UnreadableError(meant.why_not, name=name)
    return Name(name, meant.ref, meant.kind)


def _operation(sign: str, left: Expression, right: Expression) -> Operation:
    for kind in (left.kind, right.kind):
        if kind is not None and kind not in NUMERIC:
            raise UnreadableError(Why.ARITHMETIC, sign=sign, kind=str(kind))
    whole = sign in "+-*" and {left.kind, right.kind} == {Kind.INTEGER}
    return Operation(sign, left, right, Kind.INTEGER if whole else Kind.NUMBER)


def _check_comparison(sign: str, left: Kind | None, right: Kind | None) -> None:
    """Kinds that can be compared; null with nothing but equality."""
    if (left is None or right is None) and sign not in ("=", "!="):
        raise UnreadableError(Why.NO_ORDER_OF_KIND, kind="null")
    if left is None or right is None or {left, right} <= NUMERIC:
        return
    if left is not right:
        raise UnreadableError(Why.WRONG_TYPE, found=str(right), expected=str(left))
    if left is Kind.BOOLEAN and sign not in ("=", "!="):
        raise UnreadableError(Why.NO_ORDER_OF_KIND, kind=str(left))


def _shown(token: Token) -> str:
    return token.name or (str(token.value) if token.sort == "literal" else token.sort)
