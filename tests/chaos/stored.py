"""Everything a product holds, read past its own code: events, rows, letters, parked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg.rows import dict_row
from pydantic_core import from_json

from services.compose import HEARS
from shared.events.inbox import ParkedMessage
from tests.stories.world import Posted, World, patiently

Row = dict[str, Any]


class Event(NamedTuple):
    """An event as it lies in a service's store."""

    service: str
    dispute: UUID
    version: int
    name: str
    cause: str
    data: dict[str, Any]
    body: bytes

    @property
    def place(self) -> tuple[str, UUID, int]:
        return self.service, self.dispute, self.version


class Stored:
    """What the services hold at one moment, and what left them."""

    def __init__(
        self,
        now: datetime,
        events: Sequence[Event],
        rows: Mapping[str, Sequence[Row]],
        parked: Sequence[ParkedMessage],
        letters: Sequence[Posted],
    ) -> None:
        self.now, self.events, self.rows = now, events, rows
        self.parked, self.letters = parked, letters

    @property
    def sizes(self) -> dict[str, int]:
        """How many events each service has."""
        return {
            name: sum(each.service == name for each in self.events) for name in HEARS
        }

    def of(self, service: str, *names: str) -> list[Event]:
        """The events of a service with these names, or all of them."""
        return [
            event
            for event in self.by_service[service]
            if not names or event.name in names
        ]

    @cached_property
    def by_service(self) -> Mapping[str, list[Event]]:
        found = defaultdict[str, list[Event]](list)
        for event in self.events:
            found[event.service].append(event)
        return found

    @cached_property
    def heard(self) -> list[tuple[str, UUID, int]]:
        """The places of what audit has heard, as often as it did."""
        return [
            (told["speaker"], event.dispute, told["version"])
            for event in self.of("audit", "audit.heard")
            for told in event.data["heard"]
        ]

    @cached_property
    def registered(self) -> set[tuple[str, str]]:
        """Sender and reference of everything registered."""
        found = self.of("intake", "dispute.registered")
        return {(e.data["facts"]["sender"], e.data["reference"]) for e in found}

    @cached_property
    def commands(self) -> set[tuple[str, str]]:
        """Body and id of every command that was carried out."""
        causes = {event.cause for event in self.of("escalation")}
        named = (c.partition("#")[0].split("/", 2) for c in causes)
        return {(n[1], n[2]) for n in named if n[0] == "command" and len(n) == 3}

    def is_parked(self, name: str) -> bool:
        """Whether a message that names this waits for a person."""
        return any(name.encode() in message.body for message in self.parked)


def stored(world: World) -> Stored:
    """Read all of it, in one transaction; letters and parked messages after it."""
    now, events, rows = patiently(lambda: _read(world.house.database.conninfo))
    inboxes = world.house.inboxes().values()
    parked = patiently(lambda: [m for inbox in inboxes for m in inbox.parked()])
    return Stored(now, events, rows, parked, world.letters())


TABLES = {
    "receipts": "SELECT * FROM intake.receipts",
    "custody": "SELECT * FROM escalation.custody",
    "clocks": "SELECT * FROM escalation.clocks",
    "ledger": "SELECT * FROM audit.ledger",
    "deliveries": "SELECT * FROM notifications.deliveries",
}
_NOW = "SELECT coalesce(frozen, clock_timestamp() + shift) FROM fengqiao.world_time"


def _read(url: str) -> tuple[datetime, list[Event], dict[str, list[Row]]]:
    with psycopg.connect(url, connect_timeout=10) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        (now,) = connection.execute(_NOW).fetchone() or (None,)
        assert isinstance(now, datetime)
        events = [event for name in HEARS for event in _events(connection, name)]
        cursor = connection.cursor(row_factory=dict_row)
        rows = {name: cursor.execute(sql).fetchall() for name, sql in TABLES.items()}
        return now, events, rows


def _events(connection: psycopg.Connection[Any], service: str) -> Iterator[Event]:
    sql = (
        "SELECT originator_id, originator_version, topic, state"
        f" FROM {service}.{service}_events ORDER BY notification_id"
    )
    for dispute, version, topic, state in connection.execute(sql.encode()):
        told, name = from_json(state), topic.rpartition(".")[0]
        yield Event(service, dispute, version, name, told["cause"], told["data"], state)
