"""A story on a screen or in a pipe: a numbered list, Chinese and then English."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from rich.console import Group, RenderableType
from rich.padding import Padding

from services.audit.grouping import Line, lines
from services.audit.render import line, side_by_side
from services.audit.steps import ClockLine, Step, Story, Who, Why
from services.audit.wording import Words, local

AT_ONCE = timedelta(seconds=1)
"""What we learn within this time is not said to have been learned late."""


def story(told: Story, words: Words) -> RenderableType:
    """All steps as a numbered list; notices that say the same are one."""
    code = told.code or words.phrase("no_code").zh
    heading = words.word("heading", "story")
    parts: list[RenderableType] = [line(f"{heading.both}  {code}", "bold")]
    parts += [_told(each, words) for each in lines(told.steps, words)]
    if told.readings:
        parts.append(side_by_side(words.phrase("read_by", count=len(told.readings))))
    return Group(*parts)


def _told(told: Line, words: Words) -> RenderableType:
    step = told.first
    head = f"{told.numbers:>3}. {local(step.occurred_at)}  {_name(step.who, words)}"
    body = [line(told.what.zh), line(told.what.en, "dim")]
    body += [line(remark, "dim") for remark in _remarks(step, words)]
    return Group(line(head, "bold"), Padding(Group(*body), (0, 0, 0, 5)))


def _name(who: Who, words: Words) -> str:
    person = f" {who.person}" if who.person else ""
    role = f"（{words.word('role', who.role).zh}）" if who.role else ""
    return f"{who.name.zh}{person}{role}"


def _remarks(step: Step, words: Words) -> Iterator[str]:
    if step.recorded_at - step.occurred_at > AT_ONCE:
        yield words.phrase("learned", at=local(step.recorded_at)).both
    yield from _grounds(step.why, words)
    for clock in step.clocks:
        yield f"{words.phrase('clock').both}: {_clock(clock, words)}"


def _grounds(why: Why, words: Words) -> Iterator[str]:
    basis, mark = words.phrase("basis").both, words.phrase("provisional").both
    for row in why.rows:
        shaky = f"  {mark}" if row.provisional else ""
        yield f"{basis}: {row.table}/{row.row}  {row.legal_basis}{shaky}"
    if why.versions:
        told = "  ".join(f"{name} {v[:12]}" for name, v in why.versions.items())
        yield f"{words.phrase('versions').both}: {told}"
    if why.step:
        yield words.phrase("because_of", step=why.step).both
    else:
        yield f"{words.phrase('by_command').both} {why.cause}"


def _clock(clock: ClockLine, words: Words) -> str:
    mark = words.phrase("provisional").both if clock.provisional else ""
    parts = (clock.words.both, local(clock.due), clock.legal_basis or "", mark)
    return "  ".join(filter(None, parts))
