"""The world of one simulation: processes, what survives them, and what goes wrong.

One thing happens at a time. But at every named place where a service touches its store,
the broker or a recipient, the process may be killed, the database or the broker may not
answer (with the work done or not), or another process may act first.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from aiokafka.errors import KafkaError

from services.compose import CLOCK, HEARS
from services.escalation.views import DueClock
from services.notifications.views import DueNotice
from shared.calendar import SHANGHAI
from shared.events.errors import DatabaseAwayError
from shared.events.kafka import Relay
from tests.simulation.broker import Topics
from tests.simulation.choices import Choices
from tests.simulation.house import MemoryHouse
from tests.simulation.memory import MemoryDatabase, MemoryHistories
from tests.simulation.still import Event, run

MONDAY = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
EMBEDDED = "embedded"
OF_THE_STORE = ("read", "before-append", "after-commit")
OF_THE_BROKER = ("send", "sent", "commit")
PLACES = {
    "kill": None,  # anywhere
    "away": (*OF_THE_STORE, *OF_THE_BROKER),
    "meanwhile": ("read", "before-append", "before-send", "before-publish"),
}


class Ended(BaseException):
    """The process ended here, as by kill -9. No handler of the product sees it."""


class Broken(BaseException):
    """A promise did not hold. No handler of the product sees it."""

    def __init__(self, promise: str, found: object) -> None:
        self.promise = promise
        super().__init__(f"{promise}: {found}")


@dataclass
class Trouble:
    """What goes wrong once so many more places are passed, and how often in a row."""

    kind: str
    after: int
    times: int = 1

    def strikes(self, place: str) -> bool:
        places = PLACES[self.kind]
        if self.times and (places is None or place in places):
            self.after -= 1
            if self.after < 0:
                self.times -= 1
                return True
        return False


class World:
    """Everything there is, and the story of what happened."""

    def __init__(self, choices: Choices) -> None:
        self.choices, self.story = choices, list[str]()
        self.database = MemoryDatabase(MONDAY, self.at)
        self.histories = {n: MemoryHistories(n, self.database) for n in HEARS}
        self.topics = Topics(self.at)
        self.on_kafka = False
        self.faulty: set[tuple[str, str]] = set()
        self.answers: dict[tuple[str, bytes, str], str] = {}
        self.letters: Counter[UUID] = Counter()
        self.act: Callable[[], None] = lambda: None
        self.trouble: Trouble | None = None
        self._houses: dict[tuple[str, int], MemoryHouse] = {}
        self._acting: list[tuple[str, int]] = []
        self._stopping: list[Event] = []
        self._locked: set[object] = set()

    def say(self, words: str) -> None:
        self.story.append("    " * len(self._acting) + words)

    # Processes

    @contextmanager
    def process(self, name: str, number: int = 0) -> Iterator[MemoryHouse]:
        """A process does something. If that ends it, another starts in its place."""
        who = self._free(name if self.on_kafka else EMBEDDED, number)
        self._acting.append(who)
        locked = set(self._locked)
        try:
            yield self.house(who)
        except Ended:
            self.kill(who)
        except Exception:
            self.failed(name)
        finally:
            self._locked = locked
            self._acting.pop()

    def _free(self, name: str, number: int) -> tuple[str, int]:
        """Whoever is in the middle of something does nothing else."""
        who = (name, number if self.on_kafka else 0)
        while who in self._acting:
            who = (name, who[1] + 1)
        return who

    def house(self, who: tuple[str, int]) -> MemoryHouse:
        if who not in self._houses:
            self._houses[who] = MemoryHouse(self)
            if self.on_kafka and who[0] != CLOCK:
                self._houses[who].subscribe(who[0])
        return self._houses[who]

    def kill(self, who: tuple[str, int]) -> None:
        """Its memory is gone; what it was in the middle of never goes on."""
        self._houses.pop(who, None)

    def either(self) -> int:
        """One of two processes of the same service; embedded there is but one."""
        return self.choices.below(2) if self.on_kafka else 0

    def houses(self) -> list[tuple[tuple[str, int], MemoryHouse]]:
        return list(self._houses.items())

    def alive(self) -> list[tuple[str, int]]:
        return list(self._houses)

    def failed(self, what: str) -> None:
        """The product would end its process over an error that it does not know."""
        found = f"{what}: {traceback.format_exc()}"
        raise Broken("no process ends over what nobody foresaw", found)

    def relay(self, name: str, number: int = 0) -> None:
        """A relay publishes all there is, page by page."""
        with self.process(name, number) as house:
            self._stopping.append(Event())
            try:
                run(house.relay(name).run(self._stopping[-1]))
            finally:
                self._stopping.pop()

    # What goes wrong

    def at(self, place: str, who: str) -> None:
        """Something passes a place: perhaps that is where it goes wrong."""
        trouble = self.trouble
        if trouble and self._acting and trouble.strikes(place):
            self._goes_wrong(trouble.kind, place, who)

    def _goes_wrong(self, kind: str, place: str, who: str) -> None:
        at = f"at {place!r} of {who}"
        if kind == "kill":
            self.say(f"the process is killed {at}")
            raise Ended
        if kind == "meanwhile":
            self.say(f"meanwhile, {at}:")
            held, self.trouble = self.trouble, None
            self.act()
            self.trouble = held
        elif place in OF_THE_STORE:
            self.say(f"the database does not answer {at}")
            raise DatabaseAwayError(ConnectionError("away"))
        else:
            self.say(f"the broker does not answer {at}")
            raise KafkaError("away")

    # What servers would keep apart or look up

    def lock(self, relay: Relay) -> Any:
        """The lock of a store's relay; whoever comes second stands by."""
        name = relay._service.name
        if name in self._locked:
            self._stopping[-1].set()
            return None
        self._locked.add(name)
        return SimpleNamespace(close=lambda: self._locked.discard(name))

    def no_news(self, *_: object) -> None:
        self._stopping[-1].set()

    def store_name(self, _: object, speaker: str) -> UUID:
        self.at("read", speaker)
        return self.histories[speaker].store_id

    def due_clocks(self, _: object, now: datetime, limit: int) -> list[DueClock]:
        self.at("read", "clocks")
        rows = self.database.tables["escalation.clocks"].values()
        clocks = [DueClock(*(row[name] for name in DueClock._fields)) for row in rows]
        due = [clock for clock in clocks if clock.next_at and clock.next_at < now]
        return sorted(due, key=lambda c: (c.next_at, c.dispute, c.clock))[:limit]

    def claim_due(self, _: object, now: datetime, limit: int) -> list[DueNotice]:
        """Notices that nobody else sends at this moment."""
        notices = self.database.tables["notifications.notices"]
        due = [
            (how["next_try"], notices[id]["number"], id)
            for id, how in self.database.tables["notifications.deliveries"].items()
            if how["state"] == "queued" and how["next_try"] and how["next_try"] <= now
        ]
        free = [id for _, _, id in sorted(due) if id not in self._locked][:limit]
        self._locked.update(free)
        return [DueNotice(*(notices[i][n] for n in DueNotice._fields)) for i in free]

    def sent(self, notice: UUID) -> None:
        """A letter reached its recipient."""
        how = self.database.tables["notifications.deliveries"][notice]
        if how["state"] != "queued":
            raise Broken("what was recorded as sent never goes out again", notice)
        self.letters[notice] += 1
