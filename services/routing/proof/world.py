"""What can come in: for every input its values, and what never comes together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from services.routing.dmn.extents import Extent, everything
from services.routing.dmn.graph import Input
from services.routing.dmn.values import Scalar


class Joint(NamedTuple):
    """Inputs that come together only in certain ways, such as a county and its towns."""

    inputs: tuple[str, ...]
    ways: tuple[tuple[Scalar | None, ...], ...]

    @property
    def name(self) -> str:
        return " ".join(self.inputs)

    @property
    def size(self) -> int:
        return len(self.ways)

    @property
    def all(self) -> int:
        return (1 << self.size) - 1

    def classes(self, place: int, some: Extent) -> int:
        return sum(1 << n for n, way in enumerate(self.ways) if way[place] in some)


@dataclass(frozen=True)
class World:
    """`values` are those that may come for an input, by its name; of an input that is
    not there, all that its type allows, and null. `never` are values that do not come
    together, and in each pair of `at_most` the first number is not above the second.
    A table of `asked_when` is asked only where an output of another has such a value.
    """

    values: Mapping[str, Extent] | None = None
    joint: Joint | None = None
    never: tuple[Mapping[str, Extent], ...] = ()
    at_most: tuple[tuple[str, str], ...] = ()
    asked_when: Mapping[str, tuple[str, str, Extent]] = field(default_factory=dict)

    def domain(self, given: Input) -> Extent:
        if self.values and given.name in self.values:
            return self.values[given.name]
        if given.allowed is None:
            return everything(given.kind)
        return Extent(given.kind, given.allowed.intervals, null=True)
