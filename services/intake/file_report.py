"""What became of the rows of a file, for people and for programs."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import Any, NamedTuple

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.intake.refusals import text

MOST_SHOWN = 200
"""Of a long file only the rows that need a look are shown."""


class Outcome(StrEnum):
    """What became, or would become, of a row."""

    NEW = "new"
    KNOWN = "known"
    RETURNED = "returned"
    REFUSED = "refused"


class Why(NamedTuple):
    """Something to say of a row: which field, a reason code, and words."""

    field: str
    reason: str
    zh: str
    en: str


class RowReport(NamedTuple):
    """A row by its number in the file. `code` is the dispute's, once it has one."""

    row: int
    outcome: Outcome
    reference: str | None = None
    code: str | None = None
    whys: tuple[Why, ...] = ()
    parked: str | None = None


class FileReport(NamedTuple):
    """All rows. Without `imported` nothing was recorded, and outcomes are foreseen."""

    file: str
    sender: str
    imported: bool
    rows: tuple[RowReport, ...]

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(row.outcome for row in self.rows)
        return {str(outcome): found[outcome] for outcome in Outcome}

    @property
    def needs_a_person(self) -> bool:
        return bool(self.counts[Outcome.REFUSED])

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        rows = [
            {
                **row._asdict(),
                "outcome": str(row.outcome),
                "whys": [why._asdict() for why in row.whys],
            }
            for row in self.rows
        ]
        head = {"file": self.file, "sender": self.sender, "imported": self.imported}
        return {**head, "counts": self.counts, "rows": rows}

    def as_text(self) -> RenderableType:
        """A line a row, Chinese first, and what to do next."""
        table = Table(box=box.SIMPLE, pad_edge=False)
        for column in ("row", "outcome", "reference", "code", "why"):
            table.add_column(_both(f"report.{column}"))
        for row in self._shown():
            table.add_row(*map(Text, _cells(row)))
        return Group(table, Text(self._summary()))

    def _shown(self) -> list[RowReport]:
        if len(self.rows) <= MOST_SHOWN:
            return list(self.rows)
        return [row for row in self.rows if row.whys]

    def _summary(self) -> str:
        end = "done" if self.imported else "not-done"
        lines = [_both("report.counts", **self.counts), _both(f"report.{end}")]
        if self.needs_a_person:
            lines.append(_both("report.parked" if self.imported else "report.choose"))
        return "\n".join(lines)


def _cells(row: RowReport) -> tuple[str, ...]:
    whys = "\n".join(
        f"{why.field}: {why.zh} · {why.en}" if why.field else f"{why.zh} · {why.en}"
        for why in row.whys
    )
    return (
        str(row.row),
        _both(f"report.{row.outcome}"),
        row.reference or "",
        row.code or "",
        whys,
    )


def _both(code: str, **facts: object) -> str:
    return f"{text(code, 'zh', **facts)} · {text(code, 'en', **facts)}"
