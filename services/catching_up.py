"""What outside bodies said since a copy was made, taken again when it was put back.

While that lasts clocks wait, and an answer waits for what it answers: topics have no
order among each other, and a referral takes a while until it is offered to somebody.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from services.compose import FOREIGN, HEARS, House
from services.escalation.answers import Answers, read_answer
from services.escalation.clock import fire_due
from shared.events import restored
from shared.events.errors import (
    DatabaseAwayError,
    FengqiaoError,
    MalformedMessageError,
)
from shared.events.kafka import Entrance, Foreign, at_rest

QUIET_FOR, WAIT_AT_MOST = 2.0, 60.0


def group_of(topic: str) -> str:
    """The group of consumers in which a service reads a topic from outside."""
    return f"{FOREIGN[topic]}-from-{topic}"


def fire_when_caught_up(house: House) -> Callable[[], int]:
    """Fires what is due, but not while answers are still being taken again."""
    caught_up = False

    def fire() -> int:
        nonlocal caught_up
        caught_up = caught_up or not restored.is_catching_up(house.database)
        return fire_due(house.escalation) if caught_up else 0

    return fire


class TakenAgain:
    """An entrance that remembers how far what is read again has been taken."""

    def __init__(self, house: House, topic: str) -> None:
        self._house, self._topic = house, topic
        self._entrance = house.entrance(FOREIGN[topic])
        self._caught_up = False

    def __call__(self, messages: Sequence[Foreign]) -> None:
        if self._caught_up or not restored.is_catching_up(self._house.database):
            self._caught_up = True
            self._entrance(messages)
            return
        for message in messages:
            if isinstance(self._entrance, Answers):
                Patience(self._house).wait_for(
                    _can_be_carried_out(self._house, message)
                )
            self._entrance([message])
        ends = {message.partition: message.offset + 1 for message in messages}
        reader = group_of(self._topic)
        restored.has_read(self._house.database, reader, self._topic, ends)


class Patience:
    """Waits for something while the product still moves, and not much longer."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._end = time.monotonic() + WAIT_AT_MOST
        self._seen: list[int] = []
        self._quiet_since = time.monotonic()

    def wait_for(self, holds: Callable[[], bool]) -> None:
        while not holds() and not self._is_over():
            time.sleep(0.1)

    def _is_over(self) -> bool:
        inboxes = self._house.inboxes()
        positions = [inbox.service.last_position() for inbox in inboxes.values()]
        if positions != self._seen or not at_rest(inboxes, HEARS) or self._referred():
            self._seen, self._quiet_since = positions, time.monotonic()
        quiet = time.monotonic() - self._quiet_since
        return quiet > QUIET_FOR or time.monotonic() > self._end

    def _referred(self) -> bool:
        """Whether referrals are still to be taken again, on which answers may follow."""
        return any(
            row.next < (row.until or 0) and row.topic.startswith("referrals.")
            for row in restored.rereads(self._house.database)
        )


def entrance(house: House, topic: str) -> Entrance:
    """What takes messages from outside, also when some are taken again."""
    return TakenAgain(house, topic)


def _can_be_carried_out(house: House, message: Foreign) -> Callable[[], bool]:
    """Tries an answer; its command's id keeps it from being done twice."""

    def attempt() -> bool:
        try:
            answer = read_answer(message.body)
            house.escalation.execute(answer.code, answer.command)
        except (DatabaseAwayError, MalformedMessageError) as error:
            if isinstance(error, DatabaseAwayError):
                raise
            return True  # nothing will make it readable
        except FengqiaoError:
            return False
        return True

    return attempt
