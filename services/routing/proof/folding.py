"""Cases that are answered the same in every situation, folded into one.

Many rows say the same; what follows from a dispute depends on what they say and not on
which of them says it. Exact: every situation that there can be is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from services.routing.proof.answers import Answers
from services.routing.proof.apart import Case, Kept
from services.routing.proof.bitsets import bits
from services.routing.proof.pack_world import SITUATION
from services.routing.proof.web import Web


class Folded(NamedTuple):
    """`cases` are all there are, `members` the bits of those that each fold holds, and
    `answers` are those to the folds.
    """

    cases: Sequence[Case]
    members: Sequence[int]
    answers: Answers

    def case(self, fold: int, among: int) -> Case:
        """The most usual case of a fold that is among some cases."""
        return self.cases[next(bits(self.members[fold] & among))]

    def meeting(self, cases: int) -> int:
        """The folds that hold any of some cases."""
        return sum(1 << n for n, its in enumerate(self.members) if its & cases)


def folded(answers: Answers, web: Web) -> Folded:
    """The folds of all cases, those with the most usual case first."""
    folds = [*_kept_apart(answers.cases)]
    for some in dict.fromkeys(_told_apart(answers, web)):
        parts = ((fold & some, fold & ~some) for fold in folds)
        folds = [part for both in parts for part in both if part]
    folds.sort(key=lambda cases: cases & -cases)
    first = [answers.cases[next(bits(cases))] for cases in folds]
    return Folded(answers.cases, folds, answers.of(first))


def _kept_apart(cases: Sequence[Case]) -> Iterator[int]:
    found: dict[Kept, int] = {}
    for number, case in enumerate(cases):
        found[case.kept] = found.get(case.kept, 0) | 1 << number
    yield from found.values()


def _told_apart(answers: Answers, web: Web) -> Iterator[int]:
    """The cases that some situation answers alike."""
    for rows in _situations(web, answers.rows):
        yield from (cases for _, cases in answers.by_rows(rows))


def _situations(web: Web, wanted: int) -> set[int]:
    """The rows that every situation leaves, of those that are wanted; situations that
    never come are left out.
    """
    places = [place for n in SITUATION if (place := web.axes.of_input(n)) is not None]
    never = _impossible(web, {place.number for place in places})
    found = {wanted | never}
    for place in places:
        seen = web.space.variables[place.number].seen
        masks = {seen(1 << one)[0] for one in range(place.axis.size)}
        found = {rows & mask for rows in found for mask in masks}
    return {rows for rows in found if not rows & never}


def _impossible(web: Web, numbers: set[int]) -> int:
    """The boxes of what never comes together in a situation alone."""
    boxes = enumerate(web.boxes)
    never = (n for n, box in boxes if web.never >> n & 1 and box.keys() <= numbers)
    return sum(1 << number for number in never)
