"""What the database says of how each service stands: questions, and nothing else.

Each process asks for its own services, a handful of short queries for each. None reads
a dispute's history. Those of escalation go over what is open, never over what is closed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from functools import cache
from typing import NamedTuple

from psycopg.sql import SQL, Identifier

from services.compose import HEARS
from services.notifications.views import waiting
from services.watch.positions import Speaker, oldest_not_handed_on, speaker, unheard
from shared.events.database import Database

_PARKED = "SELECT count(*) FROM {} WHERE released_at IS NULL"
_OPEN = """
    SELECT stage, count(*), count(*) FILTER (WHERE holder = ''),
        count(*) FILTER (WHERE offered_to IS NOT NULL)
    FROM escalation.custody WHERE stage <> 'closed' GROUP BY stage
"""
_WITHOUT_CLOCK = """
    SELECT count(*) FROM escalation.custody c WHERE stage <> 'closed'
    AND NOT EXISTS (
        SELECT FROM escalation.clocks k
        WHERE k.dispute = c.dispute AND k.next_at IS NOT NULL
    )
"""
_OVERDUE = """
    SELECT count(*), count(*) FILTER (WHERE clock IN ('answer', 'designation'))
    FROM escalation.clocks WHERE next_at < %s
"""
_DECLINED = """
    SELECT count(*) FILTER (WHERE stage = 'open'),
        count(*) FILTER (WHERE stage <> 'open'), count(*) FILTER (WHERE stage IS NULL)
    FROM routing.declined_row
"""


class Sample(NamedTuple):
    """One value of one gauge."""

    metric: str
    labels: tuple[str, ...]
    value: float


def gauges(database: Database, names: Collection[str]) -> list[Sample]:
    """Every gauge of these services. Raises `DatabaseAwayError`."""
    now = database.now()
    said = cache(lambda name: speaker(database, name))
    found: list[Sample] = []
    for name in [name for name in HEARS if name in names]:
        found += _delivery(database, name, now, said)
    if "routing" in names:
        found += _declined(database)
    if "escalation" in names:
        found += [*_custody(database), *_clocks(database, now)]
    if "notifications" in names:
        found += _notices(database, now)
    return found


def _delivery(
    database: Database, name: str, now: datetime, said: Callable[[str], Speaker]
) -> Iterator[Sample]:
    parked = SQL(_PARKED).format(Identifier(name, "parked"))
    ((waiting_there,),) = database.read(parked)
    yield Sample("fengqiao_parked_messages", (name,), waiting_there)
    for other in HEARS[name]:
        missing = unheard(database, name, said(other))
        yield Sample("fengqiao_unheard_events", (name, other), missing)
    if any(name in speakers for speakers in HEARS.values()):
        since = oldest_not_handed_on(database, said(name))
        age = max(0.0, (now - since).total_seconds()) if since else 0.0
        yield Sample("fengqiao_relay_age_seconds", (name,), age)


def _declined(database: Database) -> Iterator[Sample]:
    (numbers,) = database.read(_DECLINED)
    for state, number in zip(("proposed", "decided", "refused"), numbers, strict=True):
        yield Sample("fengqiao_declined_rows", (state,), number)


def _custody(database: Database) -> Iterator[Sample]:
    rows = database.read(_OPEN)
    for stage, number, *_ in rows:
        yield Sample("fengqiao_open_disputes", (stage,), number)
    unheld = sum(row[2] for row in rows)
    yield Sample("fengqiao_open_disputes_without_holder", (), unheld)
    yield Sample("fengqiao_offers", ("waiting",), sum(row[3] for row in rows))
    ((silent,),) = database.read(_WITHOUT_CLOCK)
    yield Sample("fengqiao_open_disputes_without_clock", (), silent)


def _clocks(database: Database, now: datetime) -> Iterator[Sample]:
    ((overdue, of_offers),) = database.read(_OVERDUE, [now])
    yield Sample("fengqiao_overdue_clocks", (), overdue)
    yield Sample("fengqiao_offers", ("past_due",), of_offers)


def _notices(database: Database, now: datetime) -> Iterator[Sample]:
    for state, number in waiting(database, now)._asdict().items():
        yield Sample("fengqiao_notices", (state,), number)
