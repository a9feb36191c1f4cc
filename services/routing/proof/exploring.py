"""Every chain of declines, lapses, deadlines and tiers, for all cases at once.

A chain that comes back to where it was goes on for ever. The cases that take it there
are known exactly, for they are carried along as the bits of a number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import NamedTuple

from services.routing.proof.answer import Answer
from services.routing.proof.answers import Answers
from services.routing.proof.asking import Asking
from services.routing.proof.bodies import Bodies
from services.routing.proof.chains import Outcome, Situation, begun, followed
from services.routing.proof.space import TooMuchError
from services.routing.proof.web import Web
from shared.events.routing import Action

MOST_SITUATIONS = 100_000
_ASKING = (Action.OFFER, Action.DESIGNATE)


@dataclass(slots=True)
class Step:
    """A situation, what comes of it for the cases found so far, where that leads by
    itself, and what people may ask anew.
    """

    here: Situation
    found: Outcome
    next: tuple[Situation, ...]
    anew: tuple[Situation, ...]
    cases: int = 0


Made = dict[int, tuple[Step, int]]
"""Steps, each with the cases that were new to it."""


class Served(NamedTuple):
    """Cases that the same bodies serve, in one block and in all of them."""

    narrow: int
    cases: int
    bodies: Bodies


class Exploring:
    """All situations at a place, for some cases; `served` are parts of them.

    There are several blocks of the same cases, one behind the other in all numbers.
    """

    def __init__(
        self, web: Web, answers: Answers, served: Sequence[Served], blocks: int = 1
    ) -> None:
        self._answers, self._blocks = answers, blocks
        self.width = len(answers.cases)
        self._served = served
        self.cases = reduce(or_, (part.cases for part in served), 0)
        self._wide: dict[int, int] = {}
        self.steps: dict[Situation, dict[object, Step]] = defaultdict(dict)
        self.begun: dict[Situation, int] = {}
        self._seen: dict[Situation, int] = defaultdict(int)
        self._asking = Asking(web)

    def explore(self) -> None:
        """Follows every chain from registration, and every one that people begin in a
        situation of those; what they begin after that begins as if nobody had declined
        or tried.

        Raises `TooMuchError`.
        """
        new, kept = {Situation(): self.cases}, True
        while new:
            for here, cases in new.items():
                self.begun[here] = self.begun.get(here, 0) | cases
            new = self._begun(self._follow(new), kept)
            kept = False

    def _begun(self, made: Made, kept: bool) -> dict[Situation, int]:
        """What people ask anew after some steps and have not asked yet."""
        new: dict[Situation, int] = defaultdict(int)
        for step, part in made.values():
            for one in step.anew:
                if kept or not (one.declines or one.passed_over or one.tried):
                    new[one] |= part
        fresh = ((one, part & ~self.begun.get(one, 0)) for one, part in new.items())
        return {one: part for one, part in fresh if part}

    def _follow(self, new: Mapping[Situation, int]) -> Made:
        """Steps and what follows from them, round by round; all that was new."""
        made: Made = {}
        while new:
            following: dict[Situation, int] = defaultdict(int)
            for here, cases in new.items():
                for step, part in self._steps(here, cases & ~self._seen[here]):
                    _, before = made.get(id(step), (step, 0))
                    made[id(step)] = step, before | part
                    for one in step.next:
                        following[one] |= part
                self._seen[here] |= cases
            if len(self._seen) > MOST_SITUATIONS:
                raise TooMuchError
            new = {s: c for s, c in following.items() if c & ~self._seen[s]}
        return made

    def _steps(self, here: Situation, cases: int) -> Iterator[tuple[Step, int]]:
        """What comes of a situation for cases that were not there before."""
        for answer, narrow in self._answers.to(self._asking.classes(here)):
            some = self._in_all_blocks(narrow) & cases
            for found, part in self._outcomes(answer, here, some, narrow):
                steps = self.steps[here]
                step = steps.get(found.key) or self._first(here, found)
                steps[found.key] = step
                step.cases |= part
                yield step, part

    def _first(self, here: Situation, found: Outcome) -> Step:
        onward = tuple(followed(here, found, self._asking.most_declines))
        return Step(here, found, onward, tuple(begun(here, found)))

    def _in_all_blocks(self, narrow: int) -> int:
        if (wide := self._wide.get(narrow)) is None:
            places = (narrow << block * self.width for block in range(self._blocks))
            wide = self._wide[narrow] = reduce(or_, places)
        return wide

    def _outcomes(
        self, answer: Answer, here: Situation, cases: int, narrow: int
    ) -> Iterator[tuple[Outcome, int]]:
        """The outcomes of an answer with their cases. Who serves them matters only
        where somebody is asked.
        """
        if answer.way.action not in _ASKING:
            if cases:
                yield Outcome(answer, action=answer.way.action), cases
            return
        for part in self._served:
            some = narrow & part.narrow and cases & part.cases
            if some:
                yield from part.bodies.outcomes(answer, here, some)

    def bodies(self, case: int) -> Bodies:
        """Those that serve a case, by its bit."""
        return next(part.bodies for part in self._served if part.cases >> case & 1)

    def circles(self) -> dict[Situation, int]:
        """The situations that some cases come back to for ever, with those cases."""
        alive = {here: self._seen[here] for here in self.steps}
        changed = True
        while changed:
            changed = False
            for here, steps in self.steps.items():
                onward = 0
                for step in steps.values():
                    for one in step.next:
                        onward |= step.cases & alive.get(one, 0)
                if (left := alive[here] & onward) != alive[here]:
                    alive[here], changed = left, True
        return {here: cases for here, cases in alive.items() if cases}
