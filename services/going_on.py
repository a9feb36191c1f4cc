"""Before anything is carried on topics: do they and the data belong together?

Data that was put back to an earlier moment is prepared here: what outside bodies said
since is to be read again, and what they said in other ways, and is lost, is listed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

import structlog

from deploy import offsets
from services.catching_up import group_of
from services.compose import FOREIGN, HEARS, House
from shared.events import lost, restored, wire
from shared.events.database import Database
from shared.events.errors import MalformedMessageError, RefusedError
from shared.events.lost import Lost
from shared.events.restored import Reread
from shared.events.wire import Message, Told

log = structlog.get_logger()

SPEAKERS = tuple(name for name in HEARS if any(name in said for said in HEARS.values()))
"""The services that others hear, each on the topic of its name."""

CLOCKS_DIFFER = timedelta(minutes=10)


def go_on(house: House, bootstrap: str, speakers: Iterable[str] = SPEAKERS) -> None:
    """Make sure that topics and data belong together; needed before each start.

    Raises `RefusedError` if a topic holds what this data has never known: it is an older
    copy that nobody marked as such, or another product's.
    """
    if _is_to_begin(house.database):
        with house.database.alone("restored"):
            if _is_to_begin(house.database):
                asyncio.run(_begin(house, bootstrap))
    for speaker in sorted(set(speakers) & set(SPEAKERS)):
        last = asyncio.run(_last_said(bootstrap, speaker))
        _must_not_be_behind(house, speaker, last)


def _is_to_begin(database: Database) -> bool:
    found = restored.latest(database)
    return found is not None and found.begun_at is None


async def _last_said(bootstrap: str, speaker: str) -> list[Told]:
    """The last event in each part of a speaker's topic."""
    last = await offsets.last_messages(bootstrap, speaker)
    return [told for told in map(_told, last) if told and told.speaker == speaker]


def _must_not_be_behind(house: House, speaker: str, last: Sequence[Told]) -> None:
    service = house.inbox(speaker).service
    known = service.last_position()
    given_up = restored.given_up(house.database, speaker)
    for told in last:
        ours = told.store == service.store_id and told.position <= known
        if not ours and told.store not in given_up:
            raise RefusedError(
                "topic-ahead",
                f"topic {speaker} holds position {told.position} of store {told.store}, "
                f"and the database has come to {known} of {service.store_id}: it was put "
                "back to an earlier moment, or belongs to another product. Stop every "
                "service, run `fengqiao restored --mark`, and start again",
                topic=speaker,
                ahead=told.position,
                known=known,
            )


async def _begin(house: House, bootstrap: str) -> None:
    database = house.database
    found = restored.latest(database)
    assert found
    known = restored.rereads(database)
    again: list[Reread] = []
    for topic in FOREIGN:
        group = group_of(topic)
        starts = {row.partition: row.next for row in known if row.reader == group}
        set_back = await offsets.set_back(bootstrap, group, topic, starts)
        again += [Reread(*each) for each in set_back]
    since = found.as_of and found.as_of - CLOCKS_DIFFER
    missing: list[Lost] = []
    for speaker in SPEAKERS:
        take = _taking(house, speaker, missing)
        await offsets.each_since(bootstrap, speaker, since, take)
    last = [told for name in SPEAKERS for told in await _last_said(bootstrap, name)]
    others = {(told.speaker, told.store) for told in last}
    restored.begun(database, found.number, again, missing, others)
    count = sum((row.until or 0) - row.next for row in again)
    log.warning("going_on_after_restore", reading_again=count, lost_events=len(missing))


def _taking(
    house: House, speaker: str, missing: list[Lost]
) -> Callable[[Sequence[offsets.Seen]], None]:
    """Collects events of a topic that this data does not hold."""
    current = house.inbox(speaker).service.store_id

    def take(seen: Sequence[offsets.Seen]) -> None:
        told = [each for each in map(_told, seen) if each and each.store != current]
        unknown = lost.unknown_here(house.database, told) if told else []
        missing.extend(filter(None, map(_lost, unknown)))

    return take


def _told(seen: offsets.Seen) -> Told | None:
    try:
        return wire.from_message(Message(b"", seen.headers, seen.body))
    except MalformedMessageError:
        return None


def _lost(told: Told) -> Lost | None:
    try:
        found: dict[str, Any] = wire.opened(told)
        return Lost(
            speaker=told.speaker,
            store=told.store,
            dispute=told.dispute,
            version=told.version,
            name=told.name,
            cause=found["cause"],
            body=found["actor"]["body"],
            code=found["data"].get("code"),
            reference=found["data"].get("reference"),
            occurred_at=found["occurred_at"],
        )
    except (MalformedMessageError, KeyError):
        return None
