"""The steps of a story as lines for a reader: what belongs together is one line.

Limits that start and end stand with the step that they came with, notices with each
other. Only for reading: the steps themselves stay whole. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from services.audit.messages import Text
from services.audit.notices import Notice, told_together
from services.audit.steps import Step
from services.audit.wording import Words
from shared.events.escalation import ClockStarted, ClockStopped

Clocks = ClockStarted | ClockStopped

MOST_RUNS = 5
"""So many runs of numbers are shown; of more, the first ones and the last."""


class Line(NamedTuple):
    """One or several steps as a reader sees them; `main` stands for all."""

    main: Step
    steps: Sequence[Step]
    what: Text

    @property
    def clocks(self) -> list[Step]:
        """The limits that started and ended with it."""
        others = (step for step in self.steps if step is not self.main)
        return [step for step in others if isinstance(step.event, Clocks)]

    @property
    def is_notice(self) -> bool:
        return isinstance(self.main.event, Notice)

    @property
    def numbers(self) -> str:
        """`7`, `7…19` for steps that are told together, or `7…9、12`."""
        runs = list(_runs([step.number for step in self.steps]))
        shown = (
            runs if len(runs) <= MOST_RUNS else [*runs[: MOST_RUNS - 2], "…", runs[-1]]
        )
        return "、".join(shown)


def lines(steps: Sequence[Step], words: Words) -> list[Line]:
    """All steps, in the order in which each line begins."""
    others = [step for step in steps if not isinstance(step.event, Notice)]
    told = [Line(t.steps[0], t.steps, t.what) for t in told_together(steps, words)]
    told += _with_their_clocks(others)
    return sorted(told, key=lambda line: line.steps[0].number)


def is_one_act(line: Line, other: Line) -> bool:
    """Whether they were recorded together, for one cause."""
    return _act(line.main) == _act(other.main)


def _with_their_clocks(steps: Sequence[Step]) -> Iterator[Line]:
    """Limits stand with the step before them that was recorded together with them, or
    if they came first, with the one after."""
    for _, act in groupby(steps, key=_act):
        together: list[list[Step]] = [[]]
        for step in act:
            if _is_main(step) and any(map(_is_main, together[-1])):
                together.append([])
            together[-1].append(step)
        for group in together:
            has_main = any(map(_is_main, group))
            yield from map(_line, [group] if has_main else ([step] for step in group))


def _line(steps: Sequence[Step]) -> Line:
    main = next(filter(_is_main, steps), steps[0])
    return Line(main, steps, main.what)


def _act(step: Step) -> tuple[object, ...]:
    return step.place.partition(":")[0], step.why.cause, step.recorded_at


def _is_main(step: Step) -> bool:
    return not isinstance(step.event, Clocks)


def _runs(numbers: Sequence[int]) -> Iterator[str]:
    """Numbers that follow each other, as first and last."""
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        first, *rest = (number for _, number in run)
        yield f"{first}…{rest[-1]}" if rest else str(first)
