"""Numbers drawn step by step: from a seed, or again from those that were drawn before.

0 is always the simplest choice, so that a story gets simpler as numbers get lower.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import TypeVar

Thing = TypeVar("Thing")
Recorded = list[list[int]]
"""What was drawn, by steps; the first step sets the world up."""

SHORTEST, LONGEST = 20, 90


class Choices:
    """The one source of chance of a simulation."""

    def __init__(self, seed: int = 0, again: Sequence[Sequence[int]] = ()) -> None:
        self._random, self._again = Random(seed), again
        self._left: Iterator[int] | None = None
        self.drawn: Recorded = []

    def steps(self) -> Iterator[int]:
        """Begin each step in turn."""
        drawn = self._random.randint(SHORTEST, LONGEST)
        for number in range(len(self._again) or drawn):
            self._left = iter(self._again[number]) if self._again else None
            self.drawn.append([])
            yield number

    def below(self, limit: int) -> int:
        """A number from 0 on, below a limit."""
        if self._left is None:
            found = self._random.randrange(limit)
        else:
            found = min(next(self._left, 0), limit - 1)
        self.drawn[-1].append(found)
        return found

    def one_in(self, count: int) -> bool:
        return self.below(count) == count - 1

    def one_of(self, things: Sequence[Thing]) -> Thing:
        return things[self.below(len(things))]
