"""From a long story in which a promise breaks to a short one that breaks it as well.

Plays again with steps left out and numbers lowered, and keeps what still breaks the
same promise. 0 is the simplest choice everywhere, and numbers that are missing are 0.
"""

from __future__ import annotations

import time

from tests.simulation.choices import Recorded
from tests.simulation.play import Played, play


class Shrinking:
    """Makes the choices of a broken simulation simpler, as long as there is time."""

    def __init__(self, broken: Played, within: float = 30.0) -> None:
        self._until = time.monotonic() + within
        self.best = broken

    def run(self) -> Played:
        """The simplest simulation found that breaks the same promise."""
        self._keep(self.best.drawn)
        before: Recorded = []
        while before != self.best.drawn and self._in_time():
            before = self.best.drawn
            self._leave_out_steps()
            self._lower_numbers()
        return self.best

    def _keep(self, simpler: Recorded) -> bool:
        """Whether it breaks as well; then it is kept, without numbers nobody asked for."""
        found = play(again=[_without_zeros(step) for step in simpler])
        if found.broken != self.best.broken:
            return False
        self.best = found
        self.best.drawn = [_without_zeros(step) for step in found.drawn]
        return True

    def _leave_out_steps(self) -> None:
        size = len(self.best.drawn) // 2
        while size and self._in_time():
            place = len(self.best.drawn) - size
            while place >= 1 and self._in_time():
                drawn = self.best.drawn
                self._keep([*drawn[:place], *drawn[place + size :]])
                place -= size
            size //= 2

    def _lower_numbers(self) -> None:
        for step in range(len(self.best.drawn)):
            for number in range(len(self.best.drawn[step])):
                self._lower(step, number)

    def _lower(self, step: int, number: int) -> None:
        for lower in (0, 1, 2):
            drawn = self.best.drawn
            if not (step < len(drawn) and number < len(drawn[step])):
                return
            if lower >= drawn[step][number] or not self._in_time():
                return
            simpler = [*drawn[step]]
            simpler[number] = lower
            if self._keep([*drawn[:step], simpler, *drawn[step + 1 :]]):
                return

    def _in_time(self) -> bool:
        return time.monotonic() < self._until


def _without_zeros(step: list[int]) -> list[int]:
    step = [*step]
    while step and not step[-1]:
        step.pop()
    return step
