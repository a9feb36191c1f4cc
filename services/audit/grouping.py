"""Notices (通知) told together, so that a group's story can be read on one page.

Only for reading: the steps themselves stay whole. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from services.audit.messages import Text
from services.audit.steps import Step
from services.audit.wording import Words
from shared.events.base import DomainEvent
from shared.events.notifications import (
    NoticeFailed,
    NoticeQueued,
    NoticeRetried,
    NoticeSent,
)

PARTY = "party:"

_NOTICES = NoticeQueued | NoticeSent | NoticeRetried | NoticeFailed


class Line(NamedTuple):
    """One or several steps as a reader sees them; the first stands for all."""

    steps: Sequence[Step]
    what: Text

    @property
    def first(self) -> Step:
        return self.steps[0]

    @property
    def numbers(self) -> str:
        """`7`, or `7…19` for steps that are told together."""
        first, last = self.first.number, self.steps[-1].number
        return str(first) if first == last else f"{first}…{last}"


def lines(steps: Sequence[Step], words: Words) -> Iterator[Line]:
    """The steps in order; notices that follow each other and say the same are one."""
    events = (step.event for step in steps)
    queued = {
        event.notice: event for event in events if isinstance(event, NoticeQueued)
    }
    for is_notice, run in groupby(steps, lambda step: isinstance(step.event, _NOTICES)):
        if is_notice:
            yield from _told_together(run, queued, words)
        else:
            yield from (Line([step], step.what) for step in run)


def _told_together(
    run: Iterator[Step], queued: dict[UUID, NoticeQueued], words: Words
) -> Iterator[Line]:
    groups: dict[tuple[object, ...], list[Step]] = {}
    for step in run:
        groups.setdefault(_sameness(step.event, queued), []).append(step)
    for (_, _, to_parties, *_), steps in groups.items():
        yield Line(steps, _what(steps, bool(to_parties), words))


def _sameness(
    event: DomainEvent | None, queued: dict[UUID, NoticeQueued]
) -> tuple[object, ...]:
    """What notices must have in common to be told as one."""
    assert isinstance(event, _NOTICES)
    about = queued.get(event.notice)
    template, to = (about.template, about.to) if about else ("", "")
    told = (getattr(event, field, None) for field in ("channel", "reason", "tries"))
    return event.event_name, template, to.startswith(PARTY), *told


def _what(steps: list[Step], to_parties: bool, words: Words) -> Text:
    event = steps[0].event
    if event is None or len(steps) == 1:
        return steps[0].what
    recipients = words.phrase("parties" if to_parties else "bodies")
    return words.together(event, len(steps), recipients)
