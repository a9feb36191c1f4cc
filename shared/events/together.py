"""Callers from several threads who are served at once, by one of them.

While one is at work the others wait, and the next of them serves all who have come
meanwhile: one transaction instead of many, and the more come, the fewer it takes each.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

from shared.events.errors import FengqiaoError
from shared.events.turns import in_turn

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

MOST = 200


class Together(Generic[Item, Outcome]):
    """`work` is given items of several callers, and answers each with an outcome.

    It must be safe to be given an item again: where it fails for many in a way that
    nobody foresaw, each is tried alone.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Outcome]]) -> None:
        self._work, self._turn = work, Lock()
        self._waiting: deque[_Call[Item, Outcome]] = deque()

    def __call__(self, item: Item) -> Outcome:
        """What comes of an item. Raises what `work` raises, or `DatabaseLockedError`."""
        call = _Call[Item, Outcome](item)
        self._waiting.append(call)
        with in_turn(self._turn):
            while not call.is_over:
                self._serve(self._next())
        if call.error:
            raise call.error
        return call.outcomes[0]

    def _next(self) -> list[_Call[Item, Outcome]]:
        return [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]

    def _serve(self, calls: Sequence[_Call[Item, Outcome]]) -> None:
        try:
            outcomes = self._work([call.item for call in calls])
        except Exception as error:
            if len(calls) > 1 and not isinstance(error, FengqiaoError):
                for call in calls:
                    self._serve([call])
                return
            for call in calls:
                call.error = error
        else:
            for call, outcome in zip(calls, outcomes, strict=True):
                call.outcomes.append(outcome)


class _Call(Generic[Item, Outcome]):
    """One caller's item, and what came of it."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.outcomes: list[Outcome] = []
        self.error: Exception | None = None

    @property
    def is_over(self) -> bool:
        return bool(self.error or self.outcomes)
