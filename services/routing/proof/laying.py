"""The axes of a graph: its inputs, cut by all cells that look at them, and its tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from services.routing.dmn.expressions import Ref
from services.routing.dmn.extents import Extent
from services.routing.dmn.graph import Graph
from services.routing.dmn.table import Table
from services.routing.proof.axes import Axis, axis
from services.routing.proof.columns import Sight
from services.routing.proof.firing import Firing
from services.routing.proof.world import Joint, World

AnyAxis = Axis | Joint | Firing
Used = dict[Ref, list[Extent]]


class Place(NamedTuple):
    """Where an input or output is seen: which axis, and which part of a joint one."""

    number: int
    axis: AnyAxis
    part: int = 0


class Axes:
    """All axes, numbered, and which of them an input or output is seen on."""

    def __init__(
        self, graph: Graph, world: World, tables: list[Table], seen: list[Sight]
    ) -> None:
        self._graph, self._world = graph, world
        self.all: list[AnyAxis] = []
        self._places: dict[Ref, Place] = {}
        used = self._used(seen)
        self._lay_joint(used)
        self._lay_inputs(used)
        self._lay_tables(tables, used)

    def __getitem__(self, number: int) -> AnyAxis:
        return self.all[number]

    def place(self, ref: Ref) -> Place | None:
        """Where an input or output is seen; None if nobody looks at it."""
        return self._places.get(ref)

    def of_input(self, name: str) -> Place | None:
        return self.place((self._graph.inputs[name].id, ""))

    def seen(self, one: Sight) -> tuple[int, int]:
        """The axis of a sight, and the classes that it means."""
        number, found, part = self._places[one.ref]
        match found:
            case Axis():
                return number, found.classes(one.extent)
            case Joint():
                return number, found.classes(part, one.extent)
            case Firing():
                return number, found.classes(one.ref[1], one.extent)

    def named(self, together: Mapping[str, Extent]) -> Iterator[tuple[int, int]]:
        """The same for inputs by their names."""
        for name, some in together.items():
            yield self.seen(Sight((self._graph.inputs[name].id, ""), some))

    def _used(self, seen: list[Sight]) -> Used:
        used: Used = defaultdict(list)
        for one in seen:
            used[one.ref].append(one.extent)
        for together in self._world.never:
            for name, some in together.items():
                used[self._graph.inputs[name].id, ""].append(some)
        for pair in self._world.at_most:
            refs = [(self._graph.inputs[name].id, "") for name in pair]
            both = [some for ref in refs for some in used[ref]]
            used.update(dict.fromkeys(refs, both))
        return used

    def _lay_joint(self, used: Used) -> None:
        if joint := self._world.joint:
            refs = [(self._graph.inputs[name].id, "") for name in joint.inputs]
            if any(ref in used for ref in refs):
                for part, ref in enumerate(refs):
                    self._places[ref] = Place(len(self.all), joint, part)
                self.all.append(joint)

    def _lay_inputs(self, used: Used) -> None:
        for name, given in self._graph.inputs.items():
            if (ref := (given.id, "")) in used and ref not in self._places:
                found = axis(name, self._world.domain(given), used[ref])
                self._places[ref] = Place(len(self.all), found)
                self.all.append(found)

    def _lay_tables(self, tables: list[Table], used: Used) -> None:
        for table in tables:
            if outputs := {output for id_, output in used if id_ == table.id}:
                found = Firing.of(table, outputs)
                for output in outputs:
                    self._places[table.id, output] = Place(len(self.all), found)
                self.all.append(found)
