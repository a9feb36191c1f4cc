"""After a fill: whatever is stored counts as published, and as heard by everyone."""

from __future__ import annotations

from psycopg.sql import SQL, Composed, Identifier

from bench.stages import stored
from deploy.topics import read_topics
from services.compose import HEARS, House
from shared.events.kafka import WHOLE_STORE
from shared.events.wire import positions_of


def nothing_to_tell(house: House) -> None:
    """Move every position on to the end of what is stored."""
    partitions = {topic.name: topic.partitions for topic in read_topics()}
    for speaker in {said for speakers in HEARS.values() for said in speakers}:
        _nothing_from(house, speaker, range(partitions[speaker]))


def _nothing_from(house: House, speaker: str, parts: range) -> None:
    last = stored(house.database.conninfo, speaker)
    store = house.inbox(speaker).service.store_id
    heard = [(positions_of(speaker, store, part), last) for part in parts]
    with house.database.transaction() as cursor:
        published = [(part, last) for part in (WHOLE_STORE, *parts)]
        cursor.executemany(_published(speaker), published)
        for hearer, speakers in HEARS.items():
            if speaker in speakers:
                cursor.executemany(_heard(hearer), heard)


def _published(speaker: str) -> Composed:
    return SQL(
        "INSERT INTO {}.relayed VALUES (%s, %s)"
        " ON CONFLICT (partition) DO UPDATE SET position = excluded.position"
    ).format(Identifier(speaker))


def _heard(hearer: str) -> Composed:
    return SQL(
        "INSERT INTO {schema}.{table} VALUES (%s, %s) ON CONFLICT"
        " (application_name) DO UPDATE SET notification_id = excluded.notification_id"
    ).format(schema=Identifier(hearer), table=Identifier(f"{hearer}_positions"))
