"""Questions about notices, answered from rows kept beside the events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Cursor

from shared.events.database import Database

MOST_PER_LANE = 200
"""So many notices of one recipient go into one round, so that others have room."""

_CLAIM = """
    WITH due AS (
        SELECT n.notice, n.lane, n.number, d.next_try
        FROM notifications.deliveries d JOIN notifications.notices n USING (notice)
        WHERE d.state = 'queued' AND d.next_try <= %(now)s AND NOT EXISTS (
            SELECT FROM notifications.pauses p
            WHERE p.lane = n.lane AND p.until > %(now)s)
        ORDER BY d.next_try, n.number LIMIT 2000
    ), fair AS (
        SELECT notice, next_try, number,
            row_number() OVER (PARTITION BY lane ORDER BY next_try, number) AS place
        FROM due
    )
    SELECT n.notice, n.dispute, n.lane, n.queued_at
    FROM notifications.notices n JOIN fair f USING (notice)
    WHERE f.place <= %(most)s
    ORDER BY f.next_try, f.number LIMIT %(limit)s
    FOR UPDATE OF n SKIP LOCKED
"""
_PATIENTLY = "SET LOCAL idle_in_transaction_session_timeout = '15min'"
"""The rows stay locked while the letters go out."""

_OF_DISPUTE = """
    SELECT n.notice, n.recipient, n.template, n.queued_at,
        d.state, d.tries, d.channel, d.reason, d.next_try
    FROM notifications.notices n JOIN notifications.deliveries d USING (notice)
    WHERE n.dispute = %s ORDER BY n.number
"""
_COUNTS = """
    WITH unsent AS (
        SELECT d.state,
            CASE WHEN d.next_try IS NOT NULL THEN greatest(d.next_try, p.until) END
            AS turn
        FROM notifications.deliveries d JOIN notifications.notices n USING (notice)
        LEFT JOIN notifications.pauses p USING (lane)
        WHERE d.state IN ('queued', 'failed')
    )
    SELECT
        count(*) FILTER (WHERE state = 'queued' AND turn <= %s),
        count(*) FILTER (WHERE state = 'queued' AND turn > %s),
        count(*) FILTER (WHERE state = 'queued' AND turn IS NULL),
        count(*) FILTER (WHERE state = 'failed')
    FROM unsent
"""


class DueNotice(NamedTuple):
    """A notice that is to be sent now; its row is locked until the transaction ends."""

    notice: UUID
    dispute: UUID
    lane: str
    queued_at: datetime


class NoticeRow(NamedTuple):
    """A notice of a dispute and how it stands."""

    notice: UUID
    to: str
    template: str
    queued_at: datetime
    state: str
    tries: int
    channel: str | None
    reason: str | None
    next_try: datetime | None


class Waiting(NamedTuple):
    """How many notices are due now, will be tried later, wait for contacts, failed."""

    due: int
    later: int
    for_contacts: int
    failed: int


def claim_due(cursor: Cursor[Any], now: datetime, limit: int) -> list[DueNotice]:
    """Due notices that no other sender holds, in the order in which they came due."""
    cursor.execute(_PATIENTLY)
    values = {"now": now, "limit": limit, "most": MOST_PER_LANE}
    return [DueNotice(*row) for row in cursor.execute(_CLAIM, values).fetchall()]


def notices_of(database: Database, dispute: UUID) -> Sequence[NoticeRow]:
    """Every notice of a dispute, in the order in which they were queued."""
    return [NoticeRow(*row) for row in database.read(_OF_DISPUTE, [dispute])]


def waiting(database: Database, now: datetime) -> Waiting:
    """What is still to be sent, and what nobody could deliver."""
    (row,) = database.read(_COUNTS, [now, now])
    return Waiting(*row)
