"""The smallest service there is, to try the plumbing with: it counts what it hears."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar, Self

from shared.events.base import DomainEvent, Recorded, State
from shared.events.errors import InvariantBrokenError, RefusedError
from shared.events.store import Service


class Counted(DomainEvent, name="test.counted"):
    number: int


class Doubled(DomainEvent, name="test.doubled"):
    number: int


class Count(State):
    numbers: tuple[int, ...] = ()

    def evolve(self, event: DomainEvent) -> Self:
        if isinstance(event, Counted | Doubled):
            numbers = (*self.numbers, event.number)
            return self.model_copy(update={"numbers": numbers})
        return self

    def check(self) -> None:
        if sum(self.numbers) > 1000:
            raise InvariantBrokenError("count", "more than 1000")


class Counting(Service):
    name = "counting"
    empty = Count()


class Doubling(Service):
    name = "doubling"
    empty = Count()
    hears: ClassVar[frozenset[str] | None] = frozenset({"test.counted"})

    def react(
        self, heard: Recorded, state: Count, at: datetime
    ) -> Iterable[DomainEvent]:
        assert isinstance(heard.event, Counted)
        if heard.event.number == 13:
            raise RefusedError("unlucky", "13 cannot be doubled")
        if heard.event.number == 14:
            raise ZeroDivisionError("a person's name")
        yield Doubled(number=heard.event.number * 2)
