"""What the last look at declined rows found, as it is kept."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from services.routing.backtest import looking_sql as sql
from services.routing.backtest.raising import Raised
from shared.events.database import Database


class AboveThreshold(NamedTuple):
    """A row that was above the threshold at the last look, and what was done about it."""

    rules: str
    table: str
    row: str
    used: int
    declined: int
    declined_percent: int
    threshold: int
    least_uses: int
    number: int | None
    stage: str | None
    refused: str | None


class Seen(NamedTuple):
    """The last look: when, and what it found."""

    looked_at: datetime | None
    rows: tuple[AboveThreshold, ...]


def last_look(database: Database) -> Seen:
    """What the last look found."""
    ((looked_at,),) = database.read(sql.LOOKED_AT)
    rows = database.read(sql.KEPT)
    return Seen(looked_at, tuple(AboveThreshold(*row) for row in rows))


def columns(one: Raised) -> AboveThreshold:
    """What is kept of a row that was above."""
    row, least = one.row, one.threshold
    return AboveThreshold(
        row.rules,
        row.table,
        row.row,
        row.used,
        row.declined,
        row.declined_percent,
        least.decline_percent,
        least.least_uses,
        one.number,
        str(one.stage) if one.stage else None,
        one.refused,
    )
