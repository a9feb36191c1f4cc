"""How backtests, shadows, rows and differences are shown to people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.audit.render import line
from services.cli.options import fields
from services.cli.rules_named import Names, named, short
from services.cli.words import both
from services.routing.backtest.report import Report
from services.routing.backtest.reproducing import Difference
from services.routing.backtest.shadow import Counted

MOST_SHOWN = 20
"""So many lines of a part; the file has all."""

MOVE = (
    "decisions",
    "body_before",
    "body_after",
    "rows_before",
    "rows_after",
    "examples",
)
"""What is shown of decisions that go to another body."""


def report(found: Report, names: Names) -> RenderableType:
    """Totals, then who gets more or less, and what goes to whom instead; other limits,
    why, and what has no answer. `names` are those of bodies by their ids.
    """
    told = found.content
    head = {"version": told["draft"]["version"], "directory": told["directory"]}
    nobody = {f"without_body_{side}": n for side, n in told["without_body"].items()}
    totals = {**head, **told["totals"], **nobody, "digest": short(found.digest)}
    load = [row for row in told["load"] if row["before"] != row["after"]]
    parts = {
        "load": sorted(load, key=lambda row: -abs(row["after"] - row["before"])),
        "moves": moves(told["flips"]),
        "deadlines": told["deadlines"],
        "reasons": told["reasons"],
        "unanswered": told["unanswered"],
    }
    said = {part: [named(row, names) for row in rows] for part, rows in parts.items()}
    shown = [part for name, rows in said.items() if rows for part in _part(name, rows)]
    return Group(fields(totals), *shown)


def moves(flips: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Flips to another body, also to one of the same kind; the most frequent first."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for flip in flips:
        if flip["body_before"] != flip["body_after"]:
            told = {name: flip[name] for name in MOVE}
            there = found.setdefault(tuple(str(told[name]) for name in MOVE[1:5]), told)
            if there is not told:
                there["decisions"] += told["decisions"]
    return sorted(found.values(), key=lambda move: -move["decisions"])


def difference(one: Difference) -> Text:
    """A decision that did not come out again as it was."""
    code = "backtest.failed" if one.why else "backtest.differs"
    facts = {
        "dispute": one.dispute,
        "request": one.request,
        "fields": one.fields,
        "why": one.why,
        "versions": [f"{name} {version}" for name, version in one.versions.items()],
    }
    return line(both(code, **facts))


def no_shadow(ended: Counted | None) -> Text:
    """That nothing runs beside, or what it came to if it was ended just now."""
    told = ended._asdict() if ended else {}
    return line(both("rules.shadow_ended" if ended else "rules.no_shadow", **told))


def table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Rows with the same names, as a table."""
    shown = Table(box=None, padding=(0, 2, 0, 0))
    for name in rows[0] if rows else ():
        shown.add_column(both(f"field.{name}"))
    for row in rows:
        shown.add_row(*(line(_cell(value)) for value in row.values()))
    return shown


def _part(name: str, rows: Sequence[Mapping[str, Any]]) -> list[RenderableType]:
    title = both(f"backtest.{name}", shown=min(len(rows), MOST_SHOWN), all=len(rows))
    return [line(""), line(title), table(rows[:MOST_SHOWN])]


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(map(_cell, value))
    if isinstance(value, Mapping):
        return f"{value['dispute']} ({value['request']})"
    return "—" if value is None else str(value)
