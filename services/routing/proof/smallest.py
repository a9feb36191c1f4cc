"""The smallest example: as few facts as possible that are not as usual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import comb
from typing import NamedTuple

from services.routing.dmn.values import Kind, Scalar
from services.routing.proof.axes import Axis
from services.routing.proof.bitsets import bits
from services.routing.proof.findings import Point
from services.routing.proof.space import MOST_STEPS, TooMuchError
from services.routing.proof.web import Web
from services.routing.proof.world import Joint

MOST_TRIES = 700
"""How many choices of facts are tried for one fewer; beyond, fewer may exist."""

Usual = Mapping[str, Scalar | None]
"""What an input mostly is, by its name; false, null or the first value if not given."""


class Example(NamedTuple):
    """Its unusual facts, and its place in the space."""

    point: Point
    box: list[int]


class Smallest:
    """Examples in a web, by what is usual there."""

    def __init__(self, web: Web, usual: Usual | None = None) -> None:
        self._web, self._usual = web, usual or {}
        axes = web.axes.all
        self._facts = [n for n, a in enumerate(axes) if isinstance(a, (Axis, Joint))]
        self._plain = {number: self._usually(axes[number]) for number in self._facts}

    @property
    def usual_classes(self) -> Mapping[int, int]:
        """What is usual, by axis."""
        return self._plain

    def example(self, room: Sequence[int], avoid: int, found: Sequence[int]) -> Example:
        """An example in the room and outside the boxes; `found` is such a part of it."""
        best = self._fewer(room, avoid, self._lean(room, avoid, found))
        return Example(self._point(best), self._chosen(best))

    def _chosen(self, found: Sequence[int]) -> list[int]:
        """One class of every axis: the usual one, where it is among those found."""
        usual = [n & self._plain.get(a, 0) or n for a, n in enumerate(found)]
        return [classes & -classes for classes in usual]

    def _lean(self, room: Sequence[int], avoid: int, found: Sequence[int]) -> list[int]:
        """One fact after the other made as usual, where that can be."""
        narrowed, best = list(room), list(found)
        for number in reversed(self._facts):
            tried = narrowed.copy()
            tried[number] &= self._plain[number]
            if (other := self._try(tried, avoid)) is not None:
                narrowed, best = tried, other
        return best

    def _fewer(self, room: Sequence[int], avoid: int, best: list[int]) -> list[int]:
        """Fewer unusual facts, if any choice of them will do and they are not too many."""
        most = len(self._unusual(best))
        free = [n for n in self._facts if room[n] & self._plain[n]]
        forced = len(self._facts) - len(free)
        for count in range(most - forced):
            if comb(len(free), count) > MOST_TRIES:
                return best
            for chosen in combinations(free, count):
                tried = list(room)
                for number in set(free).difference(chosen):
                    tried[number] &= self._plain[number]
                if (found := self._try(tried, avoid)) is not None:
                    return found
        return best

    def _try(self, room: Sequence[int], avoid: int) -> list[int] | None:
        try:
            return self._web.space.find(room, avoid, MOST_STEPS // 100)
        except TooMuchError:
            return None

    def _unusual(self, found: Sequence[int]) -> list[int]:
        return [n for n in self._facts if not found[n] & self._plain[n]]

    def _point(self, found: Sequence[int]) -> Point:
        """The unusual facts by name, each with a value."""
        point: dict[str, Scalar | None] = {}
        for number in self._unusual(found):
            axis, chosen = self._web.axes[number], next(bits(found[number]))
            match axis:
                case Axis():
                    point[axis.name] = axis.value(chosen)
                case Joint():
                    point |= zip(axis.inputs, axis.ways[chosen], strict=True)
        return point

    def _usually(self, axis: object) -> int:
        match axis:
            case Axis():
                return self._plain_class(axis)
            case Joint():
                return 1
        return 0

    def _plain_class(self, axis: Axis) -> int:
        if axis.name in self._usual:
            return axis.class_of(self._usual[axis.name])
        if axis.kind is Kind.BOOLEAN:
            return axis.class_of(False) or 1
        return axis.null_class or 1
