"""A story on a screen or in a pipe: a numbered list, Chinese and then English.

A line does not repeat what the line above says; as JSON a story leaves nothing out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text as Rich

from services.audit.grounds import Begun, begun, grounds, limits_of
from services.audit.grouping import Line, is_one_act, lines
from services.audit.render import line
from services.audit.render_about import footer, header
from services.audit.steps import Step, Story, Who, Why
from services.audit.wording import Words, local

LATE = timedelta(seconds=1)
"""What we learn within this time is not said to have been learned late."""

INDENT = (0, 0, 0, 5)


def story(told: Story, words: Words) -> RenderableType:
    """What it is about, what happened as a numbered list, and who has read it."""
    found = lines(told.steps, words)
    remarked = _Remarks(told.steps, begun(found), words)
    parts = [
        _told(each, remarked.on(each, above), words)
        for above, each in zip([None, *found], found, strict=False)
    ]
    between = line("")
    return Group(header(told, words), between, *parts, between, footer(told, words))


def _told(told: Line, remarks: Iterable[str], words: Words) -> RenderableType:
    """When, who, what and why. Of notices it need not be said that we sent them."""
    who, what = _name(told.main.who, words), told.what
    head, body = (what.zh, []) if told.is_notice else (who, [line(what.zh)])
    body += [line(each, "dim") for each in (what.en, *remarks)]
    title = f"{told.numbers:>3}. {local(told.main.occurred_at)}  {head}"
    whole = Rich("\n").join(body)
    return Group(line(title, "bold"), Padding(whole, INDENT, expand=False))


def _name(who: Who, words: Words) -> str:
    person = f" {who.person}" if who.person else ""
    role = f"（{words.word('role', who.role).zh}）" if who.role else ""
    return f"{who.name.zh}{person}{role}"


class _Remarks(NamedTuple):
    """What else is to be known of the lines of a story."""

    steps: Sequence[Step]
    begun: Begun
    words: Words

    def on(self, told: Line, above: Line | None) -> Iterator[str]:
        """Each under its heading; the cause only if it does not stand just above."""
        words, step, cause = self.words, told.main, self._cause(told.main)
        if step.recorded_at - step.occurred_at > LATE:
            yield words.phrase("learned", at=local(step.recorded_at)).both
        for heading, said in (
            *grounds(_new(step.why, cause), words),
            *limits_of(told, self.begun, words),
        ):
            yield f"{words.word('heading', heading).both}: {said.zh}  {said.en}"
        if cause and not (above and (cause in above.steps or is_one_act(above, told))):
            yield words.phrase("because_of", step=cause.number).both

    def _cause(self, step: Step) -> Step | None:
        return self.steps[step.why.step - 1] if step.why.step else None


def _new(why: Why, cause: Step | None) -> Why:
    """Without rows that the cause was decided by already."""
    known = cause is not None and all(row in cause.why.rows for row in why.rows)
    return why.model_copy(update={"rows": ()}) if known else why
