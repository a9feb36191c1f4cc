"""What is wrong with what may become of a dispute: no body, nobody to designate, or a
chain without an end; each with the smallest case that it happens to.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from services.routing.proof.apart import Case
from services.routing.proof.bitsets import bits
from services.routing.proof.bodies import Bodies
from services.routing.proof.chains import Situation
from services.routing.proof.exploring import Exploring, Step
from services.routing.proof.futures import Future
from shared.events.vocabulary import RouteReason

MUST_FIND = (RouteReason.REGISTERED, RouteReason.DISPATCHED)
"""Asked for these, the answer must lead to a body that its row names; afterwards a
public body may have to name one."""


class Trouble(StrEnum):
    NO_BODY = "no-body"
    NO_DESIGNATOR = "no-designator"
    CIRCLE = "circle"


Key = tuple[Trouble, tuple[str, ...]]


class Troubled(NamedTuple):
    """A trouble of a future: the steps to it, for a fold of cases in a block."""

    trouble: Trouble
    future: Future
    steps: tuple[Step, ...]
    block: int
    fold: int

    @property
    def rows(self) -> tuple[str, ...]:
        """The rows that answer last, those of the way and of the bodies first."""
        told = dict(self.steps[-1].found.answer.rows)
        return tuple(told[name] for name in ("way", "lead", "nobody") if name in told)

    @property
    def size(self) -> tuple[date, int, int, int]:
        """How small an example it is; the smallest one of the first day is told."""
        unusual = self.example.unusual + (self.block > 0)
        return self.day, unusual, len(self.steps), self.fold

    @property
    def day(self) -> date:
        return self.future.alike.day

    @property
    def key(self) -> Key:
        """Troubles with the same key are told once."""
        return self.trouble, self.rows[:2]

    @property
    def example(self) -> Case:
        return self.future.case(self.block, self.fold)

    @property
    def bodies(self) -> Bodies:
        """Those that serve the example."""
        exploring = self.future.exploring
        return exploring.bodies(self.block * exploring.width + self.fold)

    @property
    def sender(self) -> str | None:
        return self.future.blocks[self.block].sender


def troubles(future: Future) -> Iterator[Troubled]:
    """All troubles, one for every row and place in a chain that has one."""
    for steps in future.exploring.steps.values():
        for step in steps.values():
            if trouble := _trouble(step):
                yield _at(trouble, future, step, _lowest(step.cases))
    alive = future.exploring.circles()
    for here, cases in alive.items():
        yield _circle(future, alive, here, _lowest(cases))
        return


def _trouble(step: Step) -> Trouble | None:
    found = step.found
    if found.unserved:
        return Trouble.NO_DESIGNATOR
    if found.fell and step.here.reason in MUST_FIND:
        return Trouble.NO_BODY
    return None


def _lowest(cases: int) -> int:
    return next(bits(cases))


def _at(trouble: Trouble, future: Future, step: Step, bit: int) -> Troubled:
    way = (*_way_to(future.exploring, step.here, bit), step)
    block, fold = divmod(bit, future.exploring.width)
    return Troubled(trouble, future, way, block, fold)


def _circle(
    future: Future, alive: Mapping[Situation, int], here: Situation, bit: int
) -> Troubled:
    """On from a situation from which a way has no end, until one comes back."""
    passed: dict[Situation, Step] = {}
    while here not in passed:
        passed[here], here = _onward(future.exploring, alive, here, bit)
    order = [*passed]
    circle = [passed[one] for one in order[order.index(here) :]]
    way = (*_way_to(future.exploring, here, bit), *circle)
    block, fold = divmod(bit, future.exploring.width)
    return Troubled(Trouble.CIRCLE, future, way, block, fold)


def _onward(
    exploring: Exploring, alive: Mapping[Situation, int], here: Situation, bit: int
) -> tuple[Step, Situation]:
    for step in exploring.steps[here].values():
        for one in step.next if step.cases >> bit & 1 else ():
            if alive.get(one, 0) >> bit & 1:
                return step, one
    raise AssertionError("a situation without an end leads to another one")


def _way_to(exploring: Exploring, there: Situation, bit: int) -> Sequence[Step]:
    """The shortest way on which a case comes to a situation."""
    first = [s for s, cases in exploring.begun.items() if cases >> bit & 1]
    return _path(exploring, first, there, bit)


def _path(
    exploring: Exploring, first: Sequence[Situation], there: Situation, bit: int
) -> Sequence[Step]:
    ways: dict[Situation, tuple[Step, ...]] = dict.fromkeys(first, ())
    todo = deque(ways)
    while todo:
        here = todo.popleft()
        if here == there:
            return ways[here]
        for step in exploring.steps[here].values():
            for one in step.next if step.cases >> bit & 1 else ():
                if one not in ways:
                    ways[one] = (*ways[here], step)
                    todo.append(one)
    return ()
