"""What the tables answer to many cases at once, for one situation.

Cases are the bits of a number, so every row is asked once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, cast

from services.routing.dmn.table import Table
from services.routing.packs.outcomes import (
    Lead,
    Limits,
    Meant,
    Terms,
    Way,
    Without,
    outcome,
)
from services.routing.packs.pack import Pack
from services.routing.proof.answer import Answer
from services.routing.proof.apart import Case
from services.routing.proof.bitsets import bits
from services.routing.proof.firing import Firing
from services.routing.proof.laid import Laid
from services.routing.proof.web import Web
from shared.events.base import Value
from shared.events.clocks import OnBreach
from shared.events.routing import Action

_IF_HANDED_ON = ("handoff", "terms", "lead", "clocks")
TABLES = ("way", "nobody", *_IF_HANDED_ON)
"""The tables that answer, in the order in which one looks at the other."""


class Part(NamedTuple):
    """Some cases, and the row of each table that answers them; -1 where none does."""

    cases: int
    rows: Mapping[str, int]


class Answers:
    """The answers of a pack to these cases."""

    def __init__(self, pack: Pack, web: Web, cases: Sequence[Case]) -> None:
        self._pack, self._web = pack, web
        self.cases = cases
        self.rows = sum(web.laid[pack.tables[name].id].rows for name in TABLES)
        self._known: dict[int, list[tuple[Answer, int]]] = {}
        self._made: dict[tuple[tuple[str, int], ...], Answer] = {}

    @property
    def all(self) -> int:
        return (1 << len(self.cases)) - 1

    def to(self, situation: Mapping[int, int]) -> list[tuple[Answer, int]]:
        """The answers in a situation, a class for each of some axes, with their cases."""
        rows = self.rows
        for number, classes in situation.items():
            rows &= self._web.space.variables[number].seen(classes)[0]
        return self.by_rows(rows)

    def of(self, cases: Sequence[Case]) -> Answers:
        """The answers to other cases."""
        return Answers(self._pack, self._web, cases)

    def by_rows(self, rows: int) -> list[tuple[Answer, int]]:
        """The answers where a situation rules out all but some rows. Cases without a
        row for them have none.
        """
        if (found := self._known.get(rows)) is None:
            found = self._known[rows] = self._together(self._parts(rows))
        return found

    def _together(self, parts: Sequence[Part]) -> list[tuple[Answer, int]]:
        """The same answers in one; cases without a row of `way` have none."""
        found: dict[tuple[object, ...], tuple[Answer, int]] = {}
        for part in parts:
            if min(part.rows.values()) >= 0:
                made = tuple(part.rows.items())
                if made not in self._made:
                    self._made[made] = self._answer(part)
                answer = self._made[made]
                first, cases = found.get(answer.essence, (answer, 0))
                found[answer.essence] = first, cases | part.cases
        return [*found.values()]

    def _answer(self, part: Part) -> Answer:
        said = {name: self._outcomes[name][row] for name, row in part.rows.items()}
        tables = self._pack.tables
        rows = tuple((name, tables[name].rows[n].id) for name, n in part.rows.items())
        way, nobody = cast(Way, said["way"]), cast(Without, said["nobody"])
        if "lead" not in said:
            return Answer(way, nobody.designators, rows=rows)
        return Answer(
            way,
            nobody.designators,
            cast(Meant, said["handoff"]).handoff,
            cast(Terms, said["terms"]).may_decline,
            cast(Lead, said["lead"]).bodies,
            self._escalates(cast(Limits, said["clocks"])),
            rows,
        )

    def _escalates(self, limits: Limits) -> bool:
        clocks = (self._pack.clocks[id] for id in limits.clocks)
        return any(clock.on_breach is OnBreach.ESCALATE for clock in clocks)

    def _parts(self, rows: int) -> list[Part]:
        parts = [Part(self.all, {})]
        for name in TABLES:
            laid = self._web.laid[self._pack.tables[name].id]
            parts = [
                further for part in parts for further in self._further(part, laid, rows)
            ]
        return parts

    def _further(self, part: Part, laid: Laid, rows: int) -> Iterator[Part]:
        """A part by the rows of one more table."""
        if laid.table.name in _IF_HANDED_ON and not self._is_handed_on(part):
            yield part
            return
        matching, left = self._matching(part, rows) & laid.rows, part.cases
        for place in laid.in_order:
            hit = left & self._columns[laid.first + place]
            if hit and matching >> laid.first + place & 1:
                yield Part(hit, {**part.rows, laid.table.name: place})
                left ^= hit
        if left:
            yield Part(left, {**part.rows, laid.table.name: -1})

    def _matching(self, part: Part, rows: int) -> int:
        """The rows that go with the answers of the tables before."""
        for number, axis in enumerate(self._web.axes.all):
            if (
                isinstance(axis, Firing)
                and (row := part.rows.get(axis.name)) is not None
            ):
                seen = self._web.space.variables[number].seen
                rows &= seen(1 << (axis.size - 1 if row < 0 else row))[0]
        return rows

    def _is_handed_on(self, part: Part) -> bool:
        way = self._outcomes["way"][part.rows["way"]] if part.rows["way"] >= 0 else None
        return isinstance(way, Way) and way.action in (Action.OFFER, Action.DESIGNATE)

    @cached_property
    def _outcomes(self) -> dict[str, list[Value]]:
        """What every row answers."""
        return {name: _outcomes(self._pack.tables[name]) for name in TABLES}

    @cached_property
    def _columns(self) -> list[int]:
        """For every row the cases that do not rule it out."""
        columns = [0] * len(self._web.boxes)
        for number, case in enumerate(self.cases):
            for row in bits(case.rows):
                columns[row] |= 1 << number
        return columns


def _outcomes(table: Table) -> list[Value]:
    names = [output.name for output in table.outputs]
    return [
        outcome(
            table.name,
            dict(zip(names, (e.result({}) for e in row.entries), strict=True)),
        )
        for row in table.rows
    ]
