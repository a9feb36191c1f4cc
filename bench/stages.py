"""How far disputes have come, read from what the services have stored.

Every stored event is looked at once, so that watching costs next to nothing however
large the history is.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import LiteralString
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Composed, Identifier

_OFFER = '"template":"handoff_offered"'
STAGES = {
    "registered": ("intake", "dispute.registered.", ""),
    "routed": ("routing", "dispute.routed.", ""),
    "offered": ("escalation", "handoff.offered.", ""),
    "noticed": ("notifications", "notice.queued.", _OFFER),
    "ledger_offer": ("audit", "audit.heard.", '"name":"handoff.offered.v1"'),
    "ledger_notice": ("audit", "audit.heard.", _OFFER),
}
"""Each stage of a dispute, the store that shows it, the event that does, and a mark
that tells that event from others of its name."""

_NEWER = """
    SELECT max(notification_id),
        count(*) FILTER (
            WHERE starts_with(topic, {event}) AND position({mark}::bytea in state) > 0)
    FROM {schema}.{events} WHERE notification_id > %s
"""
_SHOWING = """
    SELECT DISTINCT originator_id FROM {schema}.{events}
    WHERE starts_with(topic, {event}) AND position({mark}::bytea in state) > 0
        AND originator_id = ANY(%s)
"""
_CLIENTS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
_WRITTEN = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"


class Stages:
    """Counts what was stored since this was made, stage by stage."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._places = {stage: self._last(stage) for stage in STAGES}
        self.reached = dict.fromkeys(STAGES, 0)

    def close(self) -> None:
        self._connection.close()

    def look(self) -> dict[str, int]:
        """How many disputes have reached each stage."""
        for stage in STAGES:
            values = [self._places[stage]]
            query = _named(_NEWER, stage)
            newest, found = self._connection.execute(query, values).fetchall()[0]
            self._places[stage] = newest or self._places[stage]
            self.reached[stage] += found
        return dict(self.reached)

    def connections(self) -> int:
        """How many clients the database has, this one left out."""
        return int(self._connection.execute(_CLIENTS).fetchall()[0][0]) - 1

    def written(self) -> int:
        """Bytes of log that the database has written since it was made."""
        return int(self._connection.execute(_WRITTEN).fetchall()[0][0])

    def missing(self, disputes: Collection[UUID]) -> dict[str, int]:
        """Of these disputes, how many do not show in each stage, one by one."""
        return {
            stage: len(set(disputes) - self._showing(stage, disputes))
            for stage in STAGES
        }

    def _showing(self, stage: str, disputes: Collection[UUID]) -> set[UUID]:
        rows = self._connection.execute(_named(_SHOWING, stage), [list(disputes)])
        return {row[0] for row in rows}

    def _last(self, stage: str) -> int:
        query = _named("SELECT max(notification_id) FROM {schema}.{events}", stage)
        (found,) = self._connection.execute(query).fetchall()[0]
        return int(found or 0)


def stored(url: str, service: str) -> int:
    """The number of the last event that a service has stored."""
    query = SQL("SELECT coalesce(max(notification_id), 0) FROM {}.{}").format(
        Identifier(service), Identifier(f"{service}_events")
    )
    with psycopg.connect(url) as connection:
        return int(connection.execute(query).fetchall()[0][0])


def _named(query: LiteralString, stage: str) -> Composed:
    store, event, mark = STAGES[stage]
    return SQL(query).format(
        schema=Identifier(store),
        events=Identifier(f"{store}_events"),
        event=event,
        mark=mark,
    )
