"""How far what a service said has been handed on and heard, by our own positions.

The broker is not asked: what is heard is what the hearer's own database says.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.sql import SQL, Identifier

from deploy.topics import read_topics
from services.compose import HEARS
from shared.events import wire
from shared.events.base import event_classes
from shared.events.database import Database
from shared.events.wire import Told, positions_of

MOST_COUNTED = 20_000
WHOLE_STORE = -1


class Speaker(NamedTuple):
    """What one service has said, and how far it has been published."""

    name: str
    store: UUID
    published: dict[int, int]
    embedded: bool

    @property
    def partitions(self) -> int:
        return 1 if self.embedded else _partitions(self.name)


def speaker(database: Database, name: str) -> Speaker:
    ((store,),) = database.read(_sql("SELECT id FROM {schema}.store", name))
    rows = database.read(_sql("SELECT partition, position FROM {schema}.relayed", name))
    kind = database.read("SELECT kind FROM fengqiao.carrier")
    return Speaker(name, store, dict(rows), kind != [("kafka",)])


def unheard(database: Database, hearer: str, said: Speaker) -> int:
    """How many events of a speaker a hearer has still to hear, up to `MOST_COUNTED`."""
    heard = _heard_to(database, hearer, said)
    rows = database.read(
        _sql(
            "SELECT notification_id, originator_id FROM {schema}.{events}"
            " WHERE notification_id > %s AND topic = ANY(%s)"
            " ORDER BY notification_id LIMIT %s",
            said.name,
        ),
        [min(heard), _public_names(), MOST_COUNTED],
    )
    return sum(at > heard[dispute.int % said.partitions] for at, dispute in rows)


def oldest_not_handed_on(database: Database, said: Speaker) -> datetime | None:
    """When the oldest public event was recorded that has not left its service yet.

    In one process an event has left when every hearer has heard it.
    """
    rows = database.read(
        _sql(
            "SELECT originator_id, originator_version, topic, state"
            " FROM {schema}.{events} WHERE notification_id > %s AND topic = ANY(%s)"
            " ORDER BY notification_id LIMIT 1",
            said.name,
        ),
        [_handed_on_to(database, said), _public_names()],
    )
    for row in rows:
        told = Told(said.name, said.store, 0, *row)
        return datetime.fromisoformat(wire.opened(told)["recorded_at"])
    return None


def _handed_on_to(database: Database, said: Speaker) -> int:
    if not said.embedded:
        return said.published.get(WHOLE_STORE, 0)
    hearers = [hearer for hearer, speakers in HEARS.items() if said.name in speakers]
    return min(min(_heard_to(database, hearer, said)) for hearer in hearers)


def _heard_to(database: Database, hearer: str, said: Speaker) -> list[int]:
    """Per partition, the position up to which nothing is missing.

    A hearer that has heard all that was published there has heard the store up to where
    it is published.
    """
    names = [positions_of(said.name, said.store, p) for p in range(said.partitions)]
    rows = database.read(
        _sql(
            "SELECT application_name, max(notification_id) FROM {schema}.{positions}"
            " WHERE application_name = ANY(%s) GROUP BY application_name",
            hearer,
        ),
        [names],
    )
    heard = dict(rows)
    whole = said.published.get(WHOLE_STORE, 0)
    return [
        _up_to(heard.get(name, 0), said.published.get(partition, 0), whole)
        for partition, name in enumerate(names)
    ]


def _up_to(heard: int, published: int, whole: int) -> int:
    return max(heard, whole) if heard >= published else heard


@cache
def _partitions(topic: str) -> int:
    return next(row.partitions for row in read_topics() if row.name == topic)


@cache
def _public_names() -> list[str]:
    return [kind.stored_name for kind in event_classes() if kind.is_public]


def _sql(text: str, service: str) -> Any:
    return SQL(text).format(
        schema=Identifier(service),
        events=Identifier(f"{service}_events"),
        positions=Identifier(f"{service}_positions"),
    )
