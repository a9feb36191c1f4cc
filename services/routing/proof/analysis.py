"""One table, exactly: inputs without an answer, rows that contradict, dead rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from services.routing.dmn.model import HitPolicy
from services.routing.dmn.table import Row, Table
from services.routing.proof.bitsets import bits
from services.routing.proof.covering import coverers, is_redundant
from services.routing.proof.findings import Analysis, Finding, Found
from services.routing.proof.firing import in_front
from services.routing.proof.smallest import Smallest
from services.routing.proof.space import TooMuchError
from services.routing.proof.suggesting import closing_row
from services.routing.proof.web import Web

MOST_TOLD = 50
"""Contradictions of one table that are told; more would say nothing new."""

_AGREEING = (HitPolicy.UNIQUE, HitPolicy.ANY, HitPolicy.PRIORITY)


class TableAnalysis:
    """The proof of one table of a web. `smallest` makes its examples."""

    def __init__(self, web: Web, table: Table, smallest: Smallest) -> None:
        self._web, self._table, self._smallest = web, table, smallest
        self._space, self._laid = web.space, web.laid[table.id]
        self._fronts = in_front(table)

    def made(self) -> Analysis:
        before = self._space.steps
        found = tuple(self._all())
        axes = {n for place in bits(self._laid.rows) for n in self._web.boxes[place]}
        return Analysis(
            table=self._table.name,
            rows=len(self._table.rows),
            columns=len(self._table.columns),
            pieces=sum(self._web.axes[number].size for number in axes),
            steps=self._space.steps - before,
            found=found,
        )

    def not_one_answer(self) -> Iterator[Found]:
        """Why an input may have no answer, or more than one."""
        yield from self._decided(self._gap())
        yield from self._decided(islice(self._contradictions(), MOST_TOLD))

    def _all(self) -> Iterator[Found]:
        yield from self._decided(self._gap())
        for place in range(len(self._table.rows)):
            yield from self._decided(self._row(place), place)
        yield from self._decided(islice(self._contradictions(), MOST_TOLD))

    def _decided(self, found: Iterator[Found], *places: int) -> Iterator[Found]:
        """What is found, and where that was too much."""
        try:
            yield from found
        except TooMuchError:
            yield self._found(Finding.UNDECIDED, *places)

    def _gap(self) -> Iterator[Found]:
        """An input that matches no row, unless there are outputs for that."""
        room, avoid = self._laid.room, self._laid.rows | self._laid.world
        if self._table.defaults is not None:
            return
        if (gap := self._space.find(room, avoid)) is not None:
            example = self._smallest.example(room, avoid, gap)
            cells = closing_row(self._web, self._table, example.box)
            found = self._found(Finding.GAP)
            yield replace(found, example=example.point, cells=cells)

    def _row(self, place: int) -> Iterator[Found]:
        """Whether a row ever answers, and whether anything changes without it."""
        room, front = self._laid.within(place), self._laid.numbered(self._fronts[place])
        if self._space.find(room, self._laid.world | front) is None:
            if self._is_net(place):
                yield self._found(Finding.SAFETY_NET, place)
                return
            others = coverers(self._space, room, front, self._laid.world)
            yield self._found(Finding.UNREACHABLE, place, *self._laid.places(others))
        elif is_redundant(self._laid, place, front):
            yield self._found(Finding.REDUNDANT, place)

    def _is_net(self, place: int) -> bool:
        """A last row for whatever there may be: nothing is wrong if there is nothing."""
        rows = len(self._table.rows)
        return (
            self._laid.is_first_hit and 0 < place == rows - 1 and not self._alone(place)
        )

    def _alone(self, place: int) -> bool:
        """Whether a row asks for something, or one row before it takes all."""
        front = self._laid.numbered(self._fronts[place])
        return bool(
            self._laid.box(place) or self._space.holding(self._space.whole, front)
        )

    def _contradictions(self) -> Iterator[Found]:
        """Pairs of rows that answer the same input and may not do so together."""
        if self._table.policy not in _AGREEING:
            return
        for place, row in enumerate(self._table.rows):
            room = self._laid.within(place)
            later = self._laid.rows & (-1 << self._laid.first + place + 1)
            for number in bits(self._space.meeting(room, later)):
                other = number - self._laid.first
                if self._may_differ(row, self._table.rows[other]):
                    yield from self._both(place, other)

    def _may_differ(self, one: Row, other: Row) -> bool:
        """Whether it is wrong that both match; it is always in a table of single hits."""
        if self._table.policy is HitPolicy.UNIQUE:
            return True
        same_front = self._fronts[one.number - 1] == self._fronts[other.number - 1]
        return same_front and one.entries != other.entries

    def _both(self, place: int, other: int) -> Iterator[Found]:
        room = self._space.within(self._laid.box(other), self._laid.within(place))
        avoid = self._laid.world | self._laid.numbered(self._fronts[place])
        if (both := self._space.find(room, avoid)) is not None:
            found = self._found(Finding.CONTRADICTION, place, other)
            example = self._smallest.example(room, avoid, both)
            yield replace(found, example=example.point)

    def _found(self, finding: Finding, *places: int) -> Found:
        rows = tuple(self._table.rows[place].told for place in places)
        return Found(finding, self._table.name, rows)
