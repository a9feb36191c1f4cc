"""Points of several variables, and boxes among them: is there a point outside all boxes?

Every variable has finitely many classes of values, numbered from 0; a set of classes is
the bits of a number, and so is a set of boxes. The search is exact: it narrows what must
be so, splits where it may be either, and gives up loudly when it has done too much.
Pure, and knows no decision table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from operator import xor

from services.routing.proof.bitsets import bits, runs

MOST_STEPS = 400_000
"""How many narrowings one question may take, unless told otherwise."""

Box = Mapping[int, int]
"""The classes of some variables; of the others, all."""


class TooMuchError(Exception):
    """The search was stopped at its bound, and nothing is known."""


class Variable:
    """For every set of classes, which boxes meet it and which hold all of it.

    `masks` tells for every class which boxes it lies in.
    """

    def __init__(self, masks: Sequence[int]) -> None:
        self.size = len(masks)
        self._seen: dict[int, tuple[int, int]] = {}
        self._any, self._all = [list(masks)], [list(masks)]

    def seen(self, classes: int) -> tuple[int, int]:
        """The boxes that meet a set of classes, and those that hold it."""
        if (found := self._seen.get(classes)) is None:
            found = self._seen[classes] = self._look(classes)
        return found

    def _look(self, classes: int) -> tuple[int, int]:
        meeting, holding = 0, -1
        for start, length in runs(classes):
            level = length.bit_length() - 1
            self._grow(level)
            last = start + length - (1 << level)
            ors, ands = self._any[level], self._all[level]
            meeting |= ors[start] | ors[last]
            holding &= ands[start] & ands[last]
        return meeting, holding

    def _grow(self, level: int) -> None:
        """Entry n of level l speaks for the 2**l classes from n on."""
        while len(self._any) <= level:
            step, ors, ands = 1 << (len(self._any) - 1), self._any[-1], self._all[-1]
            self._any.append([a | b for a, b in zip(ors, ors[step:], strict=False)])
            self._all.append([a & b for a, b in zip(ands, ands[step:], strict=False)])


class Space:
    """Variables and numbered boxes. `steps` counts the work that was done so far."""

    def __init__(self, masks: Sequence[Sequence[int]], boxes: Sequence[Box]) -> None:
        self.variables = [Variable(one) for one in masks]
        self.boxes = boxes
        self.steps = 0

    @classmethod
    def of(cls, sizes: Sequence[int], boxes: Sequence[Box]) -> Space:
        return cls([_masks(v, size, boxes) for v, size in enumerate(sizes)], boxes)

    @property
    def whole(self) -> list[int]:
        return [(1 << one.size) - 1 for one in self.variables]

    def within(self, box: Box, room: Sequence[int] | None = None) -> list[int]:
        """A box with something for every variable, cut to a room."""
        classes = list(room or self.whole)
        for variable, some in box.items():
            classes[variable] &= some
        return classes

    def find(
        self, room: Sequence[int], avoid: int, most: int = MOST_STEPS
    ) -> list[int] | None:
        """A part of the room in which every point is outside all boxes to avoid.

        None if there is no such point. Raises `TooMuchError`.
        """
        if not all(room):
            return None
        todo = [(list(room), avoid)]
        while todo:
            if (most := most - 1) < 0:
                raise TooMuchError
            self.steps += 1
            classes, boxes = todo.pop()
            if (left := self._narrowed(classes, boxes)) is None:
                continue
            if not left:
                return classes
            todo += self._split(classes, left)
        return None

    def meeting(self, room: Sequence[int], boxes: int = -1) -> int:
        """The boxes, of these, that have a point in the room."""
        for variable, classes in zip(self.variables, room, strict=True):
            boxes &= variable.seen(classes)[0]
        return boxes

    def holding(self, room: Sequence[int], boxes: int = -1) -> int:
        """The boxes, of these, that have every point of the room."""
        for variable, classes in zip(self.variables, room, strict=True):
            boxes &= variable.seen(classes)[1]
        return boxes

    def _narrowed(self, classes: list[int], boxes: int) -> int | None:
        """Takes away from `classes` what a box leaves only one way around.

        The boxes that are still to be avoided; None if one holds all that is left.
        """
        while True:
            seen = [v.seen(c) for v, c in zip(self.variables, classes, strict=True)]
            for meeting, _ in seen:
                boxes &= meeting
            once = twice = 0
            for _, holding in seen:
                out = boxes & ~holding
                twice |= once & out
                once |= out
            if once != boxes:
                return None
            if not (single := boxes & ~twice):
                return boxes
            boxes ^= single
            for box in bits(single):
                if not self._avoid(classes, seen, box):
                    return None

    def _avoid(self, classes: list[int], seen: list[tuple[int, int]], box: int) -> bool:
        """Goes around a box the one way there is; whether that leaves anything."""
        for variable, some in self.boxes[box].items():
            if not seen[variable][1] >> box & 1:
                classes[variable] &= ~some
                return bool(classes[variable])
        return False

    def _split(self, classes: list[int], boxes: int) -> Iterator[tuple[list[int], int]]:
        """Two halves: inside a box in one variable, and outside; the last is tried
        first.
        """
        box = (boxes & -boxes).bit_length() - 1
        ways = [(v, s) for v, s in self.boxes[box].items() if classes[v] & ~s]
        variable, some = max(
            ways, key=lambda way: (classes[way[0]] & ~way[1]).bit_count()
        )
        for half in (some, ~some):
            part = classes.copy()
            part[variable] &= half
            yield part, boxes


def _masks(variable: int, size: int, boxes: Sequence[Box]) -> list[int]:
    """For every class the boxes it lies in; a box turns on and off at ends of runs."""
    turns = [0] * (size + 1)
    for number, box in enumerate(boxes):
        for start, length in runs(box.get(variable, (1 << size) - 1)):
            turns[start] ^= 1 << number
            turns[start + length] ^= 1 << number
    return [*accumulate(turns[:-1], xor)]
