"""What may happen next in a world: one of these at a time, drawn by weight."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from services.compose import CLOCK, HEARS
from services.escalation.clock import fire_due
from services.notifications.sender import deliver_due
from shared.events.base import Actor
from shared.events.errors import DatabaseAwayError
from shared.events.inbox import ParkedMessage
from tests.simulation.asking import Asking
from tests.simulation.carrying import Carrying
from tests.simulation.promises import Promises
from tests.simulation.world import Trouble, World

JUMPS = (1, 20, 60, 26 * 60, 3 * 24 * 60, 16 * 24 * 60, 45 * 24 * 60, -5)
"""Minutes by which time goes on; once in a while a clock is put back."""
TROUBLES = ("kill", "away", "meanwhile")
CLERK = Actor(body="justice-zhuji", person="clerk-9")


class Actions:
    """Draws what happens, and does it."""

    def __init__(self, world: World, promises: Promises) -> None:
        self.world, self.choices, self._promises = world, world.choices, promises
        self.carrying, self.asking = Carrying(world), Asking(world, promises)
        self._weighed: list[Callable[[], None]] = [
            action for action, weight in self._weights() for _ in range(weight)
        ]

    def _weights(self) -> list[tuple[Callable[[], None], int]]:
        return [
            (self.carrying.hears, 18),
            (self.carrying.relays, 8),
            (self.asking.commands, 6),
            (self.asking.refers, 2),
            (self.time_passes, 3),
            (self.clocks_fire, 3),
            (self.sends, 3),
            (self.asking.asks_again, 2),
            (self.asking.corrects, 1),
            (self.restarts, 1),
            (self.carrying.hears_again, 1),
            (self.has_a_fault, 4),
            (self.is_mended, 1),
        ]

    def something(self) -> None:
        self.choices.one_of(self._weighed)()

    def meanwhile(self) -> None:
        """What another process does just then: often, hear the same."""
        self.choices.one_of([self.carrying.hears, self.something])()

    def in_trouble(self) -> None:
        """Something happens, and on the way something else, perhaps."""
        world, choices = self.world, self.choices
        if choices.below(5) >= 3:
            kind, after = choices.one_of(TROUBLES), choices.below(7)
            world.trouble = Trouble(kind, after, 1 + choices.below(4))
        self.something()
        world.trouble = None

    def time_passes(self) -> None:
        minutes = self.choices.one_of(JUMPS)
        self.world.say(f"{minutes} minutes pass")
        self.world.database.time += timedelta(minutes=minutes)

    def clocks_fire(self) -> None:
        self.fire(self.world.either())

    def fire(self, number: int = 0) -> None:
        with self.world.process(CLOCK, number) as house, suppress(DatabaseAwayError):
            if done := fire_due(house.escalation):
                self.world.say(f"{done} clocks fire")

    def sends(self) -> None:
        self.send(self.world.either())

    def send(self, number: int = 0) -> bool:
        """Whether there was a notice to try."""
        sending = self.world.process("notifications", number)
        with sending as house, suppress(DatabaseAwayError):
            if deliver_due(house.notifications, house.database.now(), limit=1):
                self.world.say("a notice is tried")
                return True
        return False

    def restarts(self) -> None:
        if found := self.world.alive():
            who = self.choices.one_of(found)
            self.world.say(f"{who} is killed while it does nothing")
            self.world.kill(who)

    def has_a_fault(self) -> None:
        """An event that a service is still to hear meets a fault of its release."""
        hearer = self.choices.one_of(
            ["routing", "escalation", "notifications", "notifications"]
        )
        speaker = self.choices.one_of(HEARS[hearer])
        if events := self._promises.unheard(hearer, speaker):
            event = self.choices.one_of(events)
            self.world.say(f"{hearer} has a fault with {event}")
            self.world.faulty.add((hearer, event))

    def is_mended(self) -> None:
        """A release without the fault; a person releases what was parked over it."""
        self.world.faulty.clear()
        for name in HEARS:
            for message in self._parked(name):
                self._release(name, message)

    def _parked(self, name: str) -> list[ParkedMessage]:
        with self.world.process(name) as house, suppress(DatabaseAwayError):
            return [m for m in house.inbox(name).parked() if not m.behind]
        return []

    def _release(self, name: str, message: ParkedMessage) -> None:
        foreign = "ce_position" not in message.headers
        self.world.say(f"{'discarded' if foreign else 'released'} at {name}")
        with self.world.process(name) as house, suppress(DatabaseAwayError):
            house.release(message.message, by=CLERK, why="mended", discard=foreign)
