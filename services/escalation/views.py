"""Questions about many disputes at once, answered from rows kept beside the events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.escalation.domain import Custody
from shared.events.database import Database
from shared.events.errors import NotHeardYetError, UnknownDisputeError
from shared.events.store import Changed, Statement, in_one_order
from shared.events.vocabulary import is_dispute_code


class DueClock(NamedTuple):
    """A clock whose warning or end has come."""

    dispute: UUID
    clock: str
    started_at: datetime
    next_at: datetime


def rows(changed: Changed) -> Iterator[Statement]:
    """The rows of the disputes that changed; in one order, so that nobody deadlocks."""
    ordered = in_one_order(changed)
    states: list[tuple[UUID, Custody, int]] = [
        (dispute, state, said[-1].version) for dispute, (state, said) in ordered
    ]
    known = [each for each in states if each[1].code]
    if not known:
        return
    yield _CUSTODY, [_custody_row(*each) for each in known]
    yield _NO_CLOCKS, [{"dispute": dispute} for dispute, _, _ in known]
    clocks = [
        {
            "dispute": dispute,
            "clock": running.clock.name,
            "started_at": running.clock.started_at,
            "next_at": None if running.paused else running.next_at,
            "paused_at": running.paused and running.paused.paused_at,
        }
        for dispute, state, _ in known
        for running in state.clocks
    ]
    if clocks:
        yield _CLOCKS, clocks


def due_clocks(database: Database, now: datetime, limit: int) -> list[DueClock]:
    """Clocks to look at by `now`, in the order in which they came due."""
    found = database.read(
        "SELECT dispute, clock, started_at, next_at FROM escalation.clocks"
        " WHERE next_at < %s ORDER BY next_at, dispute, clock LIMIT %s",
        [now, limit],
    )
    return [DueClock(*row) for row in found]


def next_due(database: Database) -> datetime | None:
    """When the next clock is to be looked at."""
    found: datetime | None = database.read(
        "SELECT min(next_at) FROM escalation.clocks"
    )[0][0]
    return found


def dispute_of(database: Database, code: str) -> UUID:
    """The dispute with a code.

    Raises `NotHeardYetError` for a code that was probably given out, and
    `UnknownDisputeError` for any other.
    """
    known = code.isascii() and code.isprintable()
    found = known and database.read(
        "SELECT dispute FROM escalation.custody WHERE code = %s", [code.upper()]
    )
    if found:
        return UUID(str(found[0][0]))
    raise NotHeardYetError(code) if is_dispute_code(code) else UnknownDisputeError(code)


def _custody_row(dispute: UUID, state: Custody, version: int) -> dict[str, object]:
    return {
        "dispute": dispute,
        "code": state.code,
        "holder": state.holder,
        "stage": state.stage,
        "offered_to": state.offer.to if state.offer else None,
        "version": version,
    }


_NO_CLOCKS = """
    DELETE FROM escalation.clocks
    USING jsonb_populate_recordset(null::escalation.clocks, %s) AS changed
    WHERE clocks.dispute = changed.dispute
"""
_CLOCKS = """
    INSERT INTO escalation.clocks
    SELECT * FROM jsonb_populate_recordset(null::escalation.clocks, %s)
"""
_CUSTODY = """
    INSERT INTO escalation.custody
    SELECT * FROM jsonb_populate_recordset(null::escalation.custody, %s)
    ON CONFLICT (dispute) DO UPDATE SET
        holder = excluded.holder, stage = excluded.stage,
        offered_to = excluded.offered_to, version = excluded.version
"""
