"""Disputes that no table tells apart, whatever becomes of them: one case for all of them.

A case is the set of rows that its facts do not rule out. Rows that can no longer answer,
because one in front of them asks for less of what is still open, are left away, so that
a few thousand cases stand for every possible dispute. Exact: nothing is sampled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from services.routing.proof.apart import Apart, Case, Given, Likeness, Way
from services.routing.proof.bitsets import bits
from services.routing.proof.firing import Firing
from services.routing.proof.laid import Laid
from services.routing.proof.space import Box, TooMuchError
from services.routing.proof.web import Web

MOST_CASES = 60_000


class Narrowing:
    """Goes through the facts one after the other and keeps the cases apart.

    `usual` are the usual classes of the axes, `tables` those that are asked.
    """

    def __init__(
        self,
        web: Web,
        tables: Sequence[Laid],
        usual: Mapping[int, int],
        apart: Apart,
        given: Mapping[int, Given],
    ) -> None:
        self._web, self._tables = web, tables
        self._usual, self._apart, self._given = usual, apart, given
        self._rows = sum(laid.rows for laid in tables)

    def cases(self, axes: Sequence[int], fixed: Box) -> list[Case]:
        """The cases by these axes, some of which are fixed. Raises `TooMuchError`."""
        found = [Case(self._rows)]
        open_axes = set(range(len(self._web.axes.all)))
        known = self._dominated(open_axes)
        for number in self._with_tables(axes):
            open_axes.remove(number)
            dominated = self._dominated(open_axes)
            dead = [(r, m & ~known.get(r, 0)) for r, m in dominated.items()]
            dead, known = [one for one in dead if one[1]], dominated
            further: dict[Likeness, Case] = {}
            for one in self._further(found, number, fixed):
                rows = _without(one.rows, dead)
                other = further.get((rows, one.kept))
                if other is None or one.unusual < other.unusual:
                    further[rows, one.kept] = one._replace(rows=rows)
            found = [*further.values()]
            if len(found) > MOST_CASES:
                raise TooMuchError
        return sorted(found, key=lambda case: (case.unusual, case.facts))

    def _with_tables(self, axes: Sequence[int]) -> Iterator[int]:
        """Each table that these facts decide comes as soon as they are known."""
        known: set[int] = set()
        firings = [n for n, a in enumerate(self._web.axes.all) if isinstance(a, Firing)]
        for axis in axes:
            known.add(axis)
            yield axis
            for number in firings:
                if number not in known and self._needs(number) <= known:
                    known.add(number)
                    yield number

    def _needs(self, number: int) -> set[int]:
        laid = self._laid(number)
        return {n for place in bits(laid.rows) for n in self._web.boxes[place]}

    def _laid(self, number: int) -> Laid:
        axis = self._web.axes[number]
        assert isinstance(axis, Firing)
        return self._web.laid[axis.table.id]

    def _further(
        self, found: Sequence[Case], number: int, fixed: Box
    ) -> Iterator[Case]:
        axis = self._web.axes[number]
        if isinstance(axis, Firing):
            yield from (self._decided(case, number) for case in found)
            return
        ways: dict[int, list[Way]] = {}
        for case in found:
            classes = fixed.get(number, axis.all) & self._possible(case, number)
            if classes not in ways:
                ways[classes] = self._ways(number, classes)
            for one, mask, kept, unusual in ways[classes]:
                yield Case(
                    case.rows & mask,
                    (*case.facts, (number, one)),
                    case.unusual + unusual,
                    (*case.kept, *kept),
                )

    def _possible(self, case: Case, number: int) -> int:
        if (given := self._given.get(number)) is None:
            return -1
        return given.classes[dict(case.facts)[given.axis]]

    def _ways(self, number: int, classes: int) -> list[Way]:
        """A class for every way in which the classes differ, the usual one first."""
        usual = self._usual.get(number, 0)
        found: dict[Likeness, tuple[int, bool]] = {}
        for part, unusual in ((classes & usual, False), (classes & ~usual, True)):
            for one in bits(part):
                found.setdefault(self.likeness(number, one), (one, unusual))
        return [(one, m, kept, far) for (m, kept), (one, far) in found.items()]

    def likeness(self, number: int, one: int) -> Likeness:
        """What a class of an axis makes for the tables, and what else is kept of it;
        classes that are alike in this are taken for one.
        """
        rows = self._web.space.variables[number].seen(1 << one)[0]
        apart = enumerate(self._apart.get(number, ()))
        return rows, tuple((number, n) for n, some in apart if some >> one & 1)

    def _decided(self, case: Case, number: int) -> Case:
        """A table whose answer is known now: only rows that go with it remain."""
        laid = self._laid(number)
        mine = (n for n in laid.in_order if case.rows >> laid.first + n & 1)
        first = next(mine, len(laid.table.rows))
        rows = case.rows & self._web.space.variables[number].seen(1 << first)[0]
        return case._replace(rows=rows & ~laid.rows)

    def _dominated(self, open_axes: set[int]) -> dict[int, int]:
        """For every row those in front of it that ask for no more in what is open."""
        found = {}
        for laid in self._tables:
            front = 0
            for row in (laid.first + place for place in laid.in_order):
                if mask := self._asking_no_more(row, front, open_axes):
                    found[row] = mask
                front |= 1 << row
        return found

    def _asking_no_more(self, row: int, front: int, open_axes: set[int]) -> int:
        box = self._web.boxes[row]
        for number in open_axes:
            if not front:
                break
            axis = self._web.axes[number]
            variable = self._web.space.variables[number]
            front &= variable.seen(box.get(number, axis.all))[1]
        return front


def _without(rows: int, dead: list[tuple[int, int]]) -> int:
    gone = 0
    for row, front in dead:
        if rows >> row & 1 and rows & front:
            gone |= 1 << row
    return rows & ~gone
