"""Decisions by number, the same for those that have something in common."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from services.routing.decider import Decision


class Numbered:
    """Gives numbers from 0; the first decision stands for all of its number."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._first: list[Decision] = []

    def number(self, common: Hashable, decision: Decision) -> int:
        number = self._numbers.setdefault(common, len(self._numbers))
        if number == len(self._first):
            self._first.append(decision)
        return number

    def __getitem__(self, number: int) -> Decision:
        return self._first[number]

    def __iter__(self) -> Iterator[Decision]:
        """The decisions, in the order of their numbers."""
        return iter(self._first)
