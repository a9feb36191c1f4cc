"""Expressions of the DMN engine as SQL, where both mean the same."""

from __future__ import annotations

from collections.abc import Callable

from services.routing.backtest.sql import literal, quoted
from services.routing.dmn.expressions import (
    Comparison,
    Constant,
    Expression,
    Name,
    Ref,
)
from services.routing.dmn.extents import Cut

Named = Callable[[Ref], str]
"""The column of a value that an expression may name."""


class NoSqlError(ValueError):
    """An expression that SQL would answer differently."""


def expression(asked: Expression, named: Named) -> str:
    """Raises `NoSqlError` and `InexactError`."""
    match asked:
        case Constant():
            return literal(asked.value)
        case Name():
            return quoted(named(asked.ref))
        case Comparison():
            return _comparison(asked, named)
    raise NoSqlError("arithmetic")


def _comparison(asked: Comparison, named: Named) -> str:
    left, right = expression(asked.left, named), expression(asked.right, named)
    if Constant(None) in (asked.left, asked.right):
        both = f"({left} IS NULL) = ({right} IS NULL)"
        return f"({both})" if asked.sign == "=" else f"(NOT ({both}))"
    sign = "<>" if asked.sign == "!=" else asked.sign
    return f"({left} {sign} {right})"


def below(cut: Cut, value: str) -> str:
    """Whether a value lies before a cut between two values."""
    return f"({value} {'<=' if cut[2] else '<'} {literal(cut[1])})"
