"""What a column can see, cut into the pieces that no cell of any row tells apart.

Within a piece all values fare the same, so a table is proved for every value by proving
it for every piece. Null is a piece of its own where it can come.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from services.routing.dmn.extents import Cut, Extent, Interval, before, extent
from services.routing.dmn.values import Kind, Scalar
from services.routing.proof.bitsets import bits
from services.routing.proof.pieces import cell_of, value_in


@dataclass(frozen=True)
class Axis:
    """The pieces of one input, in order and numbered; null is behind the last."""

    name: str
    kind: Kind
    pieces: tuple[Interval, ...]
    null: bool

    @property
    def size(self) -> int:
        return len(self.pieces) + self.null

    @property
    def all(self) -> int:
        return (1 << self.size) - 1

    @property
    def null_class(self) -> int:
        """Null as a set of classes; none if it cannot come."""
        return 1 << len(self.pieces) if self.null else 0

    @cached_property
    def _starts(self) -> list[Cut]:
        return [piece.start for piece in self.pieces]

    def classes(self, some: Extent) -> int:
        """The classes of a set that is among those the axis was cut by."""
        found = self.null_class if some.null else 0
        for interval in some.intervals:
            first = bisect_left(self._starts, interval.start)
            last = bisect_left(self._starts, interval.end)
            found |= (1 << last) - (1 << first)
        return found

    def class_of(self, value: Scalar | None) -> int:
        """The class of a value, as a set; none if the value cannot come."""
        if value is None:
            return self.null_class
        place = bisect_right(self._starts, before(value)) - 1
        inside = place >= 0 and before(value) < self.pieces[place].end
        return 1 << place if inside else 0

    def value(self, number: int) -> Scalar | None:
        """A value of a class."""
        if number == len(self.pieces):
            return None
        return value_in(self.pieces[number], self.kind)

    def extent(self, classes: int) -> Extent:
        """The values of some classes."""
        found = (self.pieces[n] for n in bits(classes & ~self.null_class))
        return extent(self.kind, found, bool(classes & self.null_class))

    def cell(self, classes: int) -> str:
        """Some classes as a cell of a table; "-" for all."""
        if classes == self.all:
            return "-"
        found = self.extent(classes)
        parts = [cell_of(interval, self.kind) for interval in found.intervals]
        return ", ".join([*parts, *(["null"] if found.null else [])])


def axis(name: str, domain: Extent, used: Iterable[Extent]) -> Axis:
    """An axis for the values that may come, cut wherever one of the sets that are used
    begins or ends.
    """
    cuts = {cut for one in (domain, *used) for i in one.intervals for cut in i}
    ends = sorted(cuts)
    pieces = []
    for interval in domain.intervals:
        start, last = bisect_left(ends, interval.start), bisect_left(ends, interval.end)
        pieces += [Interval(ends[n], ends[n + 1]) for n in range(start, last)]
    return Axis(name, domain.kind, tuple(pieces), domain.null)
