"""What a database knows of copies that were put back, and of what is taken again since.

Knows no broker: what was found on topics is handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from importlib import resources
from typing import Any, NamedTuple
from uuid import UUID

import structlog

from shared.events.database import Database
from shared.events.lost import Lost

log = structlog.get_logger()

SCRIPT = resources.files("shared.events") / "restored.sql"
PATIENCE = timedelta(minutes=30)
"""So long do clocks wait for what is taken again; then they go on, whatever is missing."""

_NOTHING_ON_TOPICS = """
    UPDATE fengqiao.restored SET begun_at = restored_at, caught_up_at = restored_at
    WHERE begun_at IS NULL
"""


class Reread(NamedTuple):
    """A part of a topic that is read again, up to before `until`."""

    reader: str
    topic: str
    partition: int
    next: int
    until: int | None = None
    gone: int = 0


class Restoration(NamedTuple):
    """One time that a copy was put back."""

    number: int
    restored_at: datetime
    as_of: datetime | None
    how: str
    begun_at: datetime | None
    caught_up_at: datetime | None


def note_restored(
    cursor: Any,
    as_of: datetime | None,
    how: str,
    offsets: Iterable[Reread],
    *,
    on_topics: bool,
) -> int:
    """Remember that a copy was put back; its number. `offsets` are as the copy has them."""
    row = cursor.execute(
        "INSERT INTO fengqiao.restored (as_of, how) VALUES (%s, %s) RETURNING number",
        (as_of, how),
    ).fetchone()
    if not on_topics:
        cursor.execute(_NOTHING_ON_TOPICS)
    cursor.execute("DELETE FROM fengqiao.reread")
    _write_rereads(cursor, offsets)
    return int(row[0])


def latest(database: Database) -> Restoration | None:
    """The last time that a copy was put back, if ever."""
    rows = database.read(
        "SELECT number, restored_at, as_of, how, begun_at, caught_up_at"
        " FROM fengqiao.restored ORDER BY number DESC LIMIT 1"
    )
    return Restoration(*rows[0]) if rows else None


def retired(database: Database, number: int) -> dict[str, int]:
    """How far each store had come in the copy that was put back."""
    return dict(
        database.read(
            "SELECT speaker, position FROM fengqiao.retired WHERE restored = %s",
            [number],
        )
    )


def given_up(database: Database, speaker: str) -> set[UUID]:
    """The names of this speaker's stores whose line of time was given up."""
    rows = database.read(
        "SELECT store FROM fengqiao.retired WHERE speaker = %s", [speaker]
    )
    return {row[0] for row in rows}


def rereads(database: Database) -> list[Reread]:
    rows = database.read(
        "SELECT reader, topic, partition, next, until, gone FROM fengqiao.reread"
        " ORDER BY 1, 2, 3"
    )
    return [Reread(*row) for row in rows]


def begun(
    database: Database,
    number: int,
    again: Sequence[Reread],
    found: Iterable[Lost],
    others: Iterable[tuple[str, UUID]] = (),
) -> None:
    """The topics have been looked at: what is read again, and what is known as lost.

    `others` are the speakers and stores met there, which are given up from now on.
    """
    with database.transaction() as cursor:
        cursor.execute("DELETE FROM fengqiao.reread")
        _write_rereads(cursor, again)
        cursor.executemany(
            "INSERT INTO fengqiao.lost VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [(*each, number) for each in found],
        )
        cursor.executemany(
            "INSERT INTO fengqiao.retired VALUES (%s, %s, 0, 0) ON CONFLICT DO NOTHING",
            list(others),
        )
        cursor.execute(
            "UPDATE fengqiao.restored SET begun_at = clock_timestamp() WHERE number = %s",
            (number,),
        )
    _note_when_caught_up(database)


def has_read(
    database: Database, reader: str, topic: str, ends: Mapping[int, int]
) -> None:
    """A group has taken a topic again up to these offsets."""
    with database.transaction() as cursor:
        cursor.executemany(
            "UPDATE fengqiao.reread SET next = greatest(next, %s)"
            " WHERE reader = %s AND topic = %s AND partition = %s",
            [(end, reader, topic, number) for number, end in sorted(ends.items())],
        )
    _note_when_caught_up(database)


def is_catching_up(database: Database) -> bool:
    """Whether what was said on topics since the copy is still being taken again.

    Clocks wait for it: an answer that was given in time must not come too late.
    """
    rows = database.read(
        "SELECT clock_timestamp() < coalesce(begun_at, clock_timestamp()) + %s"
        " FROM fengqiao.restored"
        " WHERE caught_up_at IS NULL ORDER BY number DESC LIMIT 1",
        [PATIENCE],
    )
    return bool(rows and rows[0][0])


def _note_when_caught_up(database: Database) -> None:
    with database.transaction() as cursor:
        cursor.execute(
            "UPDATE fengqiao.restored SET caught_up_at = clock_timestamp()"
            " WHERE caught_up_at IS NULL AND begun_at IS NOT NULL AND NOT EXISTS"
            " (SELECT FROM fengqiao.reread WHERE until IS NULL OR next < until)"
        )
        if cursor.rowcount:
            log.warning("caught_up_after_restore")


def _write_rereads(cursor: Any, again: Iterable[Reread]) -> None:
    cursor.executemany(
        "INSERT INTO fengqiao.reread VALUES (%s, %s, %s, %s, %s, %s)",
        [tuple(each) for each in again],
    )
