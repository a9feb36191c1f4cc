"""A graph of decision tables as boxes in one space: what can come in, and what fires.

The inputs are axes. A table that others look at has an axis too, whose classes are its
rows; boxes forbid that it fires otherwise than it does. So whatever is found outside
those boxes can really occur.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from operator import or_

from services.routing.dmn.graph import Graph
from services.routing.dmn.order import needed
from services.routing.dmn.table import Table
from services.routing.proof.axes import Axis
from services.routing.proof.columns import Sight, sights
from services.routing.proof.firing import Firing, order
from services.routing.proof.laid import Laid
from services.routing.proof.laying import Axes
from services.routing.proof.space import Box, Space
from services.routing.proof.world import World


class Web:
    """Raises `NotProvableError`."""

    def __init__(self, graph: Graph, world: World | None = None) -> None:
        self.graph, self.world = graph, world or World()
        tables = [d for d in graph.decisions.values() if isinstance(d, Table)]
        self._sights = {table.id: sights(table, graph) for table in tables}
        seen = [s for rows in self._sights.values() for row in rows for s in row]
        self.asked = asked_when(graph, self.world)
        seen += [s for when in self.asked.values() for s in when]
        self.axes = Axes(graph, self.world, tables, seen)
        self.boxes: list[Box] = []
        numbered = {table.id: self._add(self._rows(table)) for table in tables}
        self.never = never = self._add(self._never())
        defined = {table.id: self._add(self._definition(table)) for table in tables}
        self.space = Space.of([one.size for one in self.axes.all], self.boxes)
        self.laid = {
            table.id: self._laid(table, numbered[table.id], never, defined)
            for table in tables
        }

    def _laid(
        self, table: Table, rows: int, never: int, defined: Mapping[str, int]
    ) -> Laid:
        when = self.asked.get(table.id, ())
        roots = (table.id, *(one.ref[0] for one in when))
        above = {one for root in roots for one in needed(root, self.graph.requires)}
        world = reduce(or_, (defined.get(one, 0) for one in above - {table.id}), never)
        first = (rows & -rows).bit_length() - 1 if rows else 0
        room = self.space.within(self._box(self.axes.seen(one) for one in when))
        return Laid(table, self.space, first, rows, world, room)

    def _add(self, boxes: Iterator[Box]) -> int:
        """Numbers some boxes; their numbers, as bits."""
        first = len(self.boxes)
        self.boxes.extend(boxes)
        return (1 << len(self.boxes)) - (1 << first)

    def _rows(self, table: Table) -> Iterator[Box]:
        for row in self._sights[table.id]:
            yield self._box(self.axes.seen(one) for one in row)

    def _box(self, sides: Iterator[tuple[int, int]]) -> Box:
        box: dict[int, int] = {}
        for number, classes in sides:
            box[number] = box.get(number, classes) & classes
        return {n: classes for n, classes in box.items() if classes != self.axes[n].all}

    def _definition(self, table: Table) -> Iterator[Box]:
        """What cannot be: that a row matches and none fires that is at least as far in
        front; and that a row fires which does not match.
        """
        number = self._axis_of(table)
        if number is None:
            return
        boxes, behind = [*self._rows(table)], self.axes[number].all
        for place in order(table):
            behind &= ~(1 << place)
            yield {**boxes[place], number: behind}
            for other, classes in boxes[place].items():
                yield {number: 1 << place, other: self.axes[other].all & ~classes}

    def _axis_of(self, table: Table) -> int | None:
        for number, axis in enumerate(self.axes.all):
            if isinstance(axis, Firing) and axis.table is table:
                return number
        return None

    def _never(self) -> Iterator[Box]:
        for together in self.world.never:
            yield self._box(self.axes.named(together))
        for low, high in self.world.at_most:
            yield from self._above(low, high)

    def _above(self, low: str, high: str) -> Iterator[Box]:
        """That the number which is at most the other begins where the other has ended."""
        one, two = self.axes.of_input(low), self.axes.of_input(high)
        if not one or not two:
            return
        assert isinstance(one.axis, Axis) and isinstance(two.axis, Axis)
        for place, piece in enumerate(one.axis.pieces):
            ended = (n for n, p in enumerate(two.axis.pieces) if p.end <= piece.start)
            if over := sum(1 << n for n in ended):
                yield {one.number: 1 << place, two.number: over}


def asked_when(graph: Graph, world: World) -> dict[str, list[Sight]]:
    """Under which answers of other tables a table is asked, by its id."""
    found: dict[str, list[Sight]] = {}
    for name, (other, output, some) in world.asked_when.items():
        ref = graph.decision(other).id, output
        found[graph.decision(name).id] = [Sight(ref, some)]
    return found
