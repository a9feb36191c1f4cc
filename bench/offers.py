"""Tells at once when an offer is recorded: the database itself rings."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import suppress
from typing import NamedTuple
from uuid import UUID

import psycopg
from pydantic_core import from_json

_NEWER = """
    SELECT notification_id, originator_id, topic, state
    FROM escalation.escalation_events WHERE notification_id > %s
    ORDER BY notification_id
"""


class Offer(NamedTuple):
    """When it could be read by everybody, and the body it is made to."""

    at: float
    to: str


class Offers:
    """Every offer recorded since this was started, by dispute."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute('LISTEN "escalation_events"')
        query = (
            "SELECT coalesce(max(notification_id), 0) FROM escalation.escalation_events"
        )
        self._place = self._connection.execute(query).fetchall()[0][0]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="offers", daemon=True)
        self._waiting: dict[UUID, tuple[asyncio.AbstractEventLoop, asyncio.Event]] = {}
        self.made: dict[UUID, Offer] = {}
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(5)
        self._connection.close()

    async def of(self, dispute: UUID) -> Offer:
        """The offer of a dispute, as soon as there is one."""
        rung = asyncio.Event()
        self._waiting[dispute] = asyncio.get_running_loop(), rung
        if dispute not in self.made:
            await rung.wait()
        self._waiting.pop(dispute, None)
        return self.made[dispute]

    def wait_for(self, disputes: set[UUID], within: float) -> set[UUID]:
        """Those for which no offer was recorded within so many seconds."""
        until = time.monotonic() + within
        while (missing := disputes - self.made.keys()) and time.monotonic() < until:
            time.sleep(0.05)
        return missing

    def _watch(self) -> None:
        while not self._stop.is_set():
            for _ in self._connection.notifies(timeout=0.2, stop_after=1):
                pass
            self._look()

    def _look(self) -> None:
        found = self._connection.execute(_NEWER, [self._place]).fetchall()
        now = time.monotonic()
        for self._place, dispute, topic, state in found:
            if topic.startswith("handoff.offered.") and dispute not in self.made:
                self.made[dispute] = Offer(now, from_json(state)["data"]["to"])
                self._ring(dispute)

    def _ring(self, dispute: UUID) -> None:
        if found := self._waiting.get(dispute):
            loop, rung = found
            with suppress(RuntimeError):  # whoever waited has ended meanwhile
                loop.call_soon_threadsafe(rung.set)
