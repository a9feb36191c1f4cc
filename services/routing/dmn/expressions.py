"""S-FEEL expressions: names, literals, arithmetic on numbers, comparisons.

Null goes through as the standard says: arithmetic with null is null, and so is every
comparison but those that ask for null itself.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from typing import Any, NamedTuple

from services.routing.dmn.faults import Why
from services.routing.dmn.values import (
    ARITHMETIC,
    Kind,
    Scalar,
    kind_of,
    zoned,
)

Ref = tuple[str, str]
"""The element that gives a value, by id, and which of its outputs ("" for its only one)."""

Known = Mapping[Ref, Scalar | None]


class Meant(NamedTuple):
    """What a name in scope stands for. `kind` is None for what may not be used."""

    ref: Ref
    kind: Kind | None
    why_not: Why = Why.LIST_AS_INPUT


Scope = Mapping[str, Meant]


@dataclass(frozen=True, slots=True)
class Constant:
    value: Scalar | None

    @property
    def kind(self) -> Kind | None:
        return None if self.value is None else kind_of(self.value)

    def result(self, known: Known) -> Scalar | None:
        return self.value


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    ref: Ref
    kind: Kind

    def result(self, known: Known) -> Scalar | None:
        return known[self.ref]


@dataclass(frozen=True, slots=True)
class Operation:
    """Arithmetic on two numbers. What has no number as its result is null."""

    sign: str
    left: Expression
    right: Expression
    kind: Kind

    def result(self, known: Known) -> Scalar | None:
        one, two = self.left.result(known), self.right.result(known)
        if not (isinstance(one, Decimal) and isinstance(two, Decimal)):
            return None
        try:
            return _ARITHMETIC[self.sign](one, two)
        except DecimalException:
            return None


@dataclass(frozen=True, slots=True)
class Comparison:
    sign: str
    left: Expression
    right: Expression
    kind: Kind = Kind.BOOLEAN

    def result(self, known: Known) -> Scalar | None:
        one, two = self.left.result(known), self.right.result(known)
        if one is None or two is None:
            return _with_null(self, one, two)
        if zoned(one) != zoned(two):
            return None
        return bool(COMPARISONS[self.sign](one, two))


Expression = Constant | Name | Operation | Comparison

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}
_ARITHMETIC: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": ARITHMETIC.add,
    "-": ARITHMETIC.subtract,
    "*": ARITHMETIC.multiply,
    "/": ARITHMETIC.divide,
    "**": ARITHMETIC.power,
}


def _with_null(
    asked: Comparison, one: Scalar | None, two: Scalar | None
) -> bool | None:
    """Null is asked for only where it is written."""
    literal_null = Constant(None) in (asked.left, asked.right)
    if not literal_null:
        return None
    return (one is two) is (asked.sign == "=")
