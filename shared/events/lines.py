"""The line of time that a database is in, and how an older copy begins a new one.

An older copy would give positions out a second time, for other events, and whoever
heard the first would drop the second. So each store gets a new name: what was heard
under the old one up to the copy counts under the new one, what is said under the old one
from now on is of a time that never was, and what some hearer may not have heard is
published again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from psycopg.sql import SQL, Identifier

from shared.events.base import event_classes
from shared.events.database import Database
from shared.events.restored import Reread, note_restored
from shared.events.wire import Told, positions_of

log = structlog.get_logger()

WHOLE_STORE = -1
PAGE = 5_000

Hears = Mapping[str, Sequence[str]]


class Lines:
    """Tells events of this data's own line of time from those of another.

    A store that was put back has a new name; events under any other name come from a
    line that was given up. What is true of them is said again under the new name.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._names: dict[str, UUID | None] = {}

    def ours(self, told: Mapping[str, Sequence[Told]]) -> dict[str, Sequence[Told]]:
        """What each source of this line told; of the others only the log tells."""
        kept = {source: each for source, each in told.items() if self._is_ours(each[0])}
        for source in sorted(told.keys() - kept.keys()):
            log.warning("other_line_dropped", source=source, count=len(told[source]))
        return kept

    def _is_ours(self, told: Told) -> bool:
        if told.speaker not in self._names:
            self._names[told.speaker] = store_name(self._database, told.speaker)
        return self._names[told.speaker] in (None, told.store)


def store_name(database: Database, speaker: str) -> UUID | None:
    """The name of a store in this database; None if it is not kept here."""
    (there,) = database.read("SELECT to_regclass(%s)", [f"{speaker}.store"])[0]
    if there is None:
        return None
    query = SQL("SELECT id FROM {}.store").format(Identifier(speaker))
    return UUID(str(database.read(query)[0][0]))


def begin_new_line(
    database: Database,
    hears: Hears,
    partitions: Mapping[str, int],
    *,
    as_of: datetime | None,
    how: str,
    offsets: Iterable[Reread] = (),
) -> int:
    """Mark the data as put back and give every store a new name, all or nothing.

    `partitions` says how many a speaker's topic has; none if there are no topics.
    Nobody may work with the data meanwhile. Returns the number of this restoration.
    """
    starts = {
        speaker: _first_unheard(database, speaker, hears, count)
        for speaker, count in partitions.items()
    }
    with database.transaction() as cursor:
        topics = bool(partitions)
        number = note_restored(cursor, as_of, how, offsets, on_topics=topics)
        for speaker in hears:
            hearers = [name for name, said in hears.items() if speaker in said]
            _rename(cursor, speaker, hearers, number)
        for speaker, start in starts.items():
            _say_again_from(cursor, speaker, start)
    return number


def _rename(cursor: Any, speaker: str, hearers: Iterable[str], number: int) -> None:
    """A new name for a store, also where its hearers remember their positions."""
    schema = Identifier(speaker)
    events = Identifier(speaker, f"{speaker}_events")
    (old,) = cursor.execute(SQL("SELECT id FROM {}.store").format(schema)).fetchone()
    (new,) = cursor.execute(
        SQL("UPDATE {}.store SET id = gen_random_uuid() RETURNING id").format(schema)
    ).fetchone()
    query = SQL("SELECT coalesce(max(notification_id), 0) FROM {}").format(events)
    (position,) = cursor.execute(query).fetchone()
    cursor.execute(
        "INSERT INTO fengqiao.retired VALUES (%s, %s, %s, %s)",
        (speaker, old, position, number),
    )
    for hearer in hearers:
        heard = Identifier(hearer, f"{hearer}_positions")
        cursor.execute(
            SQL(
                "UPDATE {} SET application_name = replace(application_name, %s, %s)"
                " WHERE starts_with(application_name, %s)"
            ).format(heard),
            (str(old), str(new), f"{speaker}/{old}/"),
        )


def _say_again_from(cursor: Any, speaker: str, start: int | None) -> None:
    """Let the relay go on no later than before what somebody has not heard."""
    if start is not None:
        cursor.execute(
            SQL(
                "UPDATE {}.relayed SET position = least(position, %s)"
                " WHERE partition = %s"
            ).format(Identifier(speaker)),
            (start - 1, WHOLE_STORE),
        )


def _first_unheard(
    database: Database, speaker: str, hears: Hears, partitions: int
) -> int | None:
    """The first event of a speaker that one of its hearers has not heard, if any."""
    store = store_name(database, speaker)
    hearers = [name for name, said in hears.items() if speaker in said]
    if store is None or not hearers:
        return None
    heard = {
        number: min(_heard(database, h, speaker, store, number) for h in hearers)
        for number in range(partitions)
    }
    after = min(heard.values())
    while page := _events_after(database, speaker, after):
        for position, dispute in page:
            if position > heard[UUID(str(dispute)).int % partitions]:
                return int(position)
        after = page[-1][0]
    return None


def _heard(
    database: Database, hearer: str, speaker: str, store: UUID, number: int
) -> int:
    query = SQL("SELECT max(notification_id) FROM {} WHERE application_name = %s")
    table = Identifier(hearer, f"{hearer}_positions")
    place = positions_of(speaker, store, number)
    (found,) = database.read(query.format(table), [place])[0]
    return int(found or 0)


def _events_after(database: Database, speaker: str, after: int) -> list[Any]:
    query = SQL(
        "SELECT notification_id, originator_id FROM {} WHERE notification_id > %s"
        " AND topic = ANY(%s) ORDER BY notification_id LIMIT %s"
    ).format(Identifier(speaker, f"{speaker}_events"))
    public = [kind.stored_name for kind in event_classes() if kind.is_public]
    return database.read(query, [after, public, PAGE])
