"""Follows a store from a remembered position: used by the relay and when embedded.

NOTIFY is only a hint that something may be there; asking again is the truth.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import psycopg

from shared.events.inbox import Inbox
from shared.events.loop import Loop
from shared.events.store import Service
from shared.events.wire import positions_of

RECONNECT_AFTER = 0.2

CARRIED = "fengqiao/carried"
"""An advisory lock, held shared while events of a database are carried embedded."""


class Bell:
    """Rings when any of the stores may have something new, and at least every second."""

    def __init__(self, conninfo: str, services: Sequence[str]) -> None:
        self._conninfo = conninfo
        self._channels = [f"{name}_events" for name in services]
        self._rung: list[threading.Event] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="bell", daemon=True)

    def follower(self) -> threading.Event:
        """An event of one's own, to wait for and to clear."""
        rung = threading.Event()
        self._rung.append(rung)
        return rung

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        for rung in self._rung:
            rung.set()
        self._thread.join(5)

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                self._listen_on_one_connection()
            except psycopg.Error:
                self._stop.wait(RECONNECT_AFTER)

    def _listen_on_one_connection(self) -> None:
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_advisory_lock_shared(hashtext(%s))", [CARRIED]
            )
            for channel in self._channels:
                connection.execute(f'LISTEN "{channel}"'.encode())
            while not self._stop.is_set():
                for _ in connection.notifies(timeout=0.2, stop_after=1):
                    for rung in self._rung:
                        rung.set()


class EmbeddedCarrier:
    """All services in one process: each event handed from store to hearer.

    One thread per hearer. If a thread ends for a reason other than `stop`, `failed` is
    called, which is expected to end the process.
    """

    def __init__(
        self,
        inboxes: Mapping[str, Inbox],
        hears: Mapping[str, Sequence[str]],
        bell: Bell,
        failed: Callable[[str], None],
    ) -> None:
        self._inboxes, self._hears = inboxes, hears
        self._loops = [
            Loop(
                f"{hearer}-hears",
                partial(self._hear_all, hearer),
                failed,
                rung=bell.follower(),
            )
            for hearer, speakers in hears.items()
            if speakers
        ]

    def start(self) -> None:
        for loop in self._loops:
            loop.start()

    def stop(self) -> None:
        for loop in self._loops:
            loop.stop()
        for loop in self._loops:
            loop.join()

    def at_rest(self) -> bool:
        """Whether every hearer has heard everything that was said."""
        return all(
            inbox.position(source(speaker)) >= speaker.last_position()
            for inbox, speaker in self._pipes()
        )

    def _pipes(self) -> list[tuple[Inbox, Service]]:
        return [
            (self._inboxes[hearer], self._inboxes[speaker].service)
            for hearer, speakers in self._hears.items()
            for speaker in speakers
        ]

    def _hear_all(self, hearer: str) -> int:
        inbox = self._inboxes[hearer]
        return sum([hear(inbox, self._inboxes[s].service) for s in self._hears[hearer]])


def source(speaker: Service, partition: int = 0) -> str:
    """The name under which positions of a speaker's store are remembered."""
    return positions_of(speaker.name, speaker.store_id, partition)


def hear(inbox: Inbox, speaker: Service) -> int:
    """Hear the next page of what a speaker said; how many events were new."""
    place = source(speaker)
    batch = speaker.tell(after=inbox.position(place))
    return inbox.receive({place: batch}) if batch else 0
