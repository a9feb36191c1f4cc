"""The grounds of a publication for people: a fact a line, in words of both languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.table import Table

from services.audit.render import line
from services.cli.rules_named import short
from services.cli.words import both, text
from shared.events.rules import Backtest, Certificate, PackProposed, Summary

Line = tuple[str, object]
INDENT = "　"


def grounds(made: PackProposed) -> Iterator[Line]:
    """Why, for which contents, what was proved and what was tried."""
    yield both("field.rules_why"), made.reason
    yield both("field.digest"), short(made.pack)
    yield both("field.directory"), made.directory
    yield from proved(made.certificate)
    yield from tried(made.backtest)


def proved(found: Certificate) -> Iterator[Line]:
    yield both("field.certificate"), short(found.digest)
    yield both("rules.proved.pack"), short(found.pack)
    yield from _summary("rules.proved", found.summary)


def tried(found: Backtest) -> Iterator[Line]:
    yield both("field.backtest"), short(found.digest)
    for name, count in (
        ("field.tried", found.disputes),
        ("field.flips", found.flips),
        ("field.unanswered", found.unanswered),
    ):
        yield INDENT + both(name), count
    yield from _summary("rules.tried", found.summary)


def lines(facts: Iterable[Line]) -> Table:
    """Names and values that are words already, a line each."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, value in facts:
        shown = f"{value:,}" if isinstance(value, int) else str(value)
        table.add_row(name, line(shown))
    return table


def _summary(group: str, told: Summary) -> Iterator[Line]:
    """What another release counted and has no words here keeps its own name."""
    for name, fact in told.items():
        code = f"{group}.{name}"
        yield INDENT + (both(code) if code in text else name), fact
