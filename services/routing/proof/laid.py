"""A decision table in a space: which boxes are its rows, and where it is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from services.routing.dmn.model import HitPolicy
from services.routing.dmn.table import Table
from services.routing.proof.bitsets import bits
from services.routing.proof.firing import order
from services.routing.proof.space import Box, Space


@dataclass(frozen=True)
class Laid:
    """A table in a space: the box of row n is number `first` + n.

    `rows` are the boxes of all its rows; `world` those that never occur, among them
    that a table above it fires otherwise than it does. It is asked within `room` only.
    """

    table: Table
    space: Space
    first: int
    rows: int
    world: int
    room: Sequence[int]

    @property
    def is_first_hit(self) -> bool:
        return self.table.policy is HitPolicy.FIRST

    @property
    def is_any(self) -> bool:
        return self.table.policy is HitPolicy.ANY

    @cached_property
    def in_order(self) -> list[int]:
        """The places of its rows, as they go before each other."""
        return order(self.table)

    def box(self, place: int) -> Box:
        return self.space.boxes[self.first + place]

    def within(self, place: int) -> list[int]:
        """What a row matches."""
        return self.space.within(self.box(place), self.room)

    def numbered(self, places: int) -> int:
        """Some rows by their boxes."""
        return places << self.first

    def places(self, boxes: int) -> Iterator[int]:
        return (number - self.first for number in bits(boxes))
