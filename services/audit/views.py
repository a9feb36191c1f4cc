"""Questions about many disputes at once, answered from the ledger (台账)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import LiteralString, NamedTuple
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.audit.custody import Stage
from shared.events.base import Value
from shared.events.database import Database
from shared.events.errors import UnknownDisputeError
from shared.events.vocabulary import Tier


class Row(Value):
    """A dispute in the ledger. Without a code it is a message that waits for repair."""

    dispute: UUID
    code: str | None
    kind: str | None
    place: str | None
    source: str | None
    sender: str | None
    holder: str | None
    stage: Stage
    open: bool
    tier: Tier | None
    offered_to: str | None
    next_clock: str | None
    next_due: AwareDatetime | None
    provisional: bool | None
    registered_at: AwareDatetime | None
    updated_at: AwareDatetime
    persons: int | None
    parked: int
    since: AwareDatetime


_NAME = r"^[\w.-]{1,80}$"


class Asked(Value):
    """Which rows are wanted. `place` takes in all divisions below it.

    `after` is the last dispute of the page before.
    """

    holder: str | None = Field(None, pattern=_NAME)
    offered_to: str | None = Field(None, pattern=_NAME)
    stage: Stage | None = None
    place: str | None = Field(None, pattern=r"^[0-9]{2,12}$")
    open_only: bool = False
    after: UUID | None = None
    limit: int = Field(50, ge=1, le=500)


class Page(Value):
    """Rows, the newest dispute first. `next` is what `after` must be to go on."""

    rows: tuple[Row, ...]
    next: UUID | None = None


class Held(NamedTuple):
    """How many open disputes a body holds, and how many are past their next clock."""

    holder: str | None
    open: int
    overdue: int


class Ledger:
    """Questions about the ledger of one database."""

    def __init__(self, database: Database) -> None:
        self._read = database.read

    def page(self, asked: Asked) -> Page:
        """The rows asked for; referrals that were never registered only by stage."""
        found, values = self._conditions(asked)
        query = _SELECT + " WHERE " + " AND ".join(found) + _NEWEST_FIRST
        rows = [_row(row) for row in self._read(query, [*values, asked.limit + 1])]
        more = len(rows) > asked.limit
        shown = tuple(rows[: asked.limit])
        return Page(rows=shown, next=shown[-1].dispute if more else None)

    def by_code(self, code: str) -> Row:
        """The row of a dispute by its code (一案一码), however it is typed.

        Raises `UnknownDisputeError`.
        """
        asked = code.strip().upper().replace("\0", "")
        found = self._read(_SELECT + " WHERE code = %s ORDER BY since LIMIT 1", [asked])
        if not found:
            raise UnknownDisputeError(code)
        return _row(found[0])

    def by_holder(self, now: datetime) -> list[Held]:
        """What every body holds, the fullest hands first."""
        return [Held(*row) for row in self._read(_BY_HOLDER, [now])]

    def _conditions(self, asked: Asked) -> tuple[list[LiteralString], list[object]]:
        found: list[LiteralString] = []
        values: list[object] = []

        def must(condition: LiteralString, *told: object) -> None:
            found.append(condition)
            values.extend(told)

        if asked.stage:
            must("stage = %s", asked.stage)
        else:
            must("(code IS NOT NULL OR open)")
        if asked.open_only:
            must("open")
        if asked.holder:
            must("holder = %s", asked.holder)
        if asked.offered_to:
            must("offered_to = %s", asked.offered_to)
        if asked.place:
            must(*_within(asked.place))
        if asked.after:
            must("(since, dispute) < (%s, %s)", self._since(asked.after), asked.after)
        return found, values

    def _since(self, dispute: UUID) -> datetime:
        found = self._read(
            "SELECT since FROM audit.ledger WHERE dispute = %s", [dispute]
        )
        if not found:
            raise UnknownDisputeError(str(dispute))
        since: datetime = found[0][0]
        return since


def _row(found: Sequence[object]) -> Row:
    return Row.model_validate(dict(zip(Row.model_fields, found, strict=True)))


def _within(place: str) -> tuple[LiteralString, *tuple[str, ...]]:
    """That a dispute lies in a division; each level has an index of its own."""
    if level := _LEVELS.get(len(place)):
        return level, place
    return "place >= %s AND place < %s", place, place + _AFTER_DIGITS


_AFTER_DIGITS = ":"  # sorts just after 9

_LEVELS: Mapping[int, LiteralString] = {
    6: "left(place, 6) = %s",
    9: "left(place, 9) = %s",
    12: "place = %s",
}

_SELECT: LiteralString = """
    SELECT dispute, code, kind, place, source, sender, holder, stage, open, tier,
        offered_to, next_clock, next_due, provisional, registered_at, updated_at,
        persons, parked, since
    FROM audit.ledger
"""
_NEWEST_FIRST: LiteralString = " ORDER BY since DESC, dispute DESC LIMIT %s"

_BY_HOLDER: LiteralString = """
    SELECT holder, count(*), count(*) FILTER (WHERE next_due < %s)
    FROM audit.ledger WHERE open AND code IS NOT NULL
    GROUP BY holder ORDER BY count(*) DESC, holder
"""
