"""Events that only the topics still know: of a line of time that was given up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from psycopg.sql import SQL, Identifier

from shared.events.database import Database
from shared.events.wire import Told


class Lost(NamedTuple):
    """An event of a time that never was, without its content."""

    speaker: str
    store: UUID
    dispute: UUID
    version: int
    name: str
    cause: str
    body: str
    code: str | None
    reference: str | None
    occurred_at: datetime


def unknown_here(database: Database, told: Sequence[Told]) -> list[Told]:
    """Of events read on topics, those that this data does not hold as they are."""
    found = []
    for speaker in {each.speaker for each in told}:
        of_one = [each for each in told if each.speaker == speaker]
        query = SQL(
            "SELECT known.number FROM unnest(%s::uuid[], %s::bigint[], %s::bytea[])"
            " WITH ORDINALITY AS known (dispute, version, body, number)"
            " WHERE NOT EXISTS (SELECT FROM {} e WHERE e.originator_id = known.dispute"
            " AND e.originator_version = known.version AND e.state = known.body)"
        ).format(Identifier(speaker, f"{speaker}_events"))
        disputes, versions, bodies = zip(
            *((e.dispute, e.version, e.body) for e in of_one), strict=True
        )
        rows = database.read(query, [list(disputes), list(versions), list(bodies)])
        found += [of_one[row[0] - 1] for row in rows]
    return found


def still_lost(database: Database, speakers: Iterable[str]) -> list[Lost]:
    """What outside bodies did after the copy and has not been taken again, in order.

    Of the events that one deed caused only the first.
    """
    return [each for speaker in speakers for each in _still_lost_of(database, speaker)]


def _still_lost_of(database: Database, speaker: str) -> list[Lost]:
    query = SQL(
        "SELECT speaker, store, dispute, version, name, cause, body, code, reference,"
        " occurred_at FROM fengqiao.lost WHERE speaker = %s AND body <> 'fengqiao'"
        " ORDER BY occurred_at, dispute, version"
    )
    rows = [Lost(*row) for row in database.read(query, [speaker])]
    disputes = {row.dispute for row in rows}
    known = _causes(database, speaker, disputes) if disputes else set()
    first = {(row.dispute, row.cause): row for row in reversed(rows)}
    return [row for deed, row in reversed(first.items()) if deed not in known]


def _causes(
    database: Database, speaker: str, disputes: Iterable[UUID]
) -> set[tuple[UUID, str]]:
    query = SQL(
        "SELECT originator_id, convert_from(state, 'UTF8')::jsonb ->> 'cause'"
        " FROM {} WHERE originator_id = ANY(%s)"
    ).format(Identifier(speaker, f"{speaker}_events"))
    rows = database.read(query, [list(disputes)])
    return {(UUID(str(dispute)), str(cause)) for dispute, cause in rows}
