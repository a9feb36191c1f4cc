"""The cells of input columns: S-FEEL unary tests, read into the set of what they match.

A missing value or null matches only `-` and a test that asks for null.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from services.routing.dmn.extents import (
    AFTER_ALL,
    BEFORE_ALL,
    Extent,
    Interval,
    after,
    before,
    everything,
    extent,
    only,
)
from services.routing.dmn.faults import UnreadableError, Why
from services.routing.dmn.literals import literal
from services.routing.dmn.scanning import Names, Token, tokens
from services.routing.dmn.values import Kind, Scalar, fits, kind_of, zoned

_NOTHING = Names(in_cell=True)
_ORDERS = ("<", "<=", ">", ">=")
_OPENS = {"[": True, "]": False, "(": False}
_CLOSES = {"]": True, "[": False, ")": False}


class Tests(NamedTuple):
    """What a cell matches. `values` are the single values it names, in their order;
    `listed` says that it names nothing else. `zoned` is None without times.
    """

    extent: Extent
    values: tuple[Scalar | None, ...] = ()
    listed: bool = False
    zoned: bool | None = None


def unary_tests(text: str, kind: Kind, zoned: bool | None = None) -> Tests:
    """Reads a cell of a column of this kind.

    `zoned` tells whether times in the column carry an offset, where that is known.
    Raises `UnreadableError`.
    """
    if text in ("", "-"):
        return Tests(everything(kind), zoned=zoned)
    return _Reader(tokens(text, _NOTHING), kind, zoned).read()


class _Reader:
    def __init__(self, found: list[Token], kind: Kind, zoned: bool | None) -> None:
        self._tokens, self._at, self._kind, self._zoned = found, 0, kind, zoned
        self._values: list[Scalar | None] = []
        self._listed = True

    def read(self) -> Tests:
        if self._next.sort != "not":
            found = self._list("end")
            return Tests(found, tuple(self._values), self._listed, self._zoned)
        self._take()
        self._expect("(")
        inner = self._list(")")
        self._expect("end")
        outside = (~inner).without_null()
        return Tests(outside, tuple(self._values), False, self._zoned)

    def _list(self, last: str) -> Extent:
        found, null = [*(first := self._single()).intervals], first.null
        while self._next.sort == ",":
            self._take()
            one = self._single()
            found, null = [*found, *one.intervals], null or one.null
        self._expect(last)
        return extent(self._kind, found, null)

    def _single(self) -> Extent:
        sort = self._next.sort
        if sort in _OPENS:
            return self._range()
        if sort in _ORDERS:
            return self._order()
        if sort in ("=", "!="):
            self._take()
        value = self._value()
        self._values.append(value)
        one = only(self._kind, value)
        if sort != "!=":
            return one
        self._listed = False
        return (~one).without_null()

    def _order(self) -> Extent:
        sign, value = self._take().sort, self._ordered()
        here, behind = before(value), after(value, self._kind)
        found = {
            "<": Interval(BEFORE_ALL, here),
            "<=": Interval(BEFORE_ALL, behind),
            ">": Interval(behind, AFTER_ALL),
            ">=": Interval(here, AFTER_ALL),
        }[sign]
        whole = everything(self._kind).without_null()
        return self._not_empty(whole & Extent(self._kind, (found,)), sign)

    def _range(self) -> Extent:
        has_low, low = _OPENS[self._take().sort], self._ordered()
        self._expect("..")
        high, close = self._ordered(), self._take().sort
        if close not in _CLOSES:
            raise UnreadableError(Why.UNEXPECTED, found=close)
        start = before(low) if has_low else after(low, self._kind)
        end = after(high, self._kind) if _CLOSES[close] else before(high)
        found = extent(self._kind, [Interval(start, end)])
        return self._not_empty(found, f"{literal(low)}..{literal(high)}")

    def _not_empty(self, found: Extent, text: str) -> Extent:
        if not found:
            raise UnreadableError(Why.EMPTY_RANGE, text=text)
        self._listed = False
        return found

    def _ordered(self) -> Scalar:
        value = self._value()
        if value is None or isinstance(value, bool):
            kind = "null" if value is None else "boolean"
            raise UnreadableError(Why.NO_ORDER_OF_KIND, kind=kind)
        return value

    def _value(self) -> Scalar | None:
        token = self._take()
        if negative := token.sort == "-":
            token = self._take()
        if token.sort != "literal":
            why = Why.UNFINISHED if token.sort == "end" else Why.UNEXPECTED
            raise UnreadableError(why, found=token.sort)
        value = _negated(token.value) if negative else token.value
        self._check(value)
        return value

    def _check(self, value: Scalar | None) -> None:
        if value is None:
            return
        if not fits(value, self._kind):
            found, expected = str(kind_of(value)), str(self._kind)
            raise UnreadableError(Why.WRONG_TYPE, found=found, expected=expected)
        has_zone = zoned(value)
        if self._zoned is not None and has_zone is not self._zoned:
            raise UnreadableError(Why.ZONES_DIFFER, text=literal(value))
        self._zoned = has_zone

    def _expect(self, sort: str) -> None:
        if (token := self._take()).sort != sort:
            shown = literal(token.value) if token.sort == "literal" else token.sort
            raise UnreadableError(Why.UNEXPECTED, found=shown)

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token


def _negated(value: Scalar | None) -> Decimal:
    if not isinstance(value, Decimal):
        raise UnreadableError(Why.UNEXPECTED, found="-")
    return value.copy_negate()
