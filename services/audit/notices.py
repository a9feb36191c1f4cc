"""Notices (通知) told together: one line for all that one cause brought about at once.

Only for reading: the steps themselves stay whole. What did not go out at the first
attempt keeps lines of its own. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from services.audit.messages import Text
from services.audit.order import AT_ONCE
from services.audit.sentences import together
from services.audit.steps import Step
from services.audit.wording import COMMA, PARTY, Words, listed, local
from shared.events.notifications import (
    NoticeFailed,
    NoticeQueued,
    NoticeRetried,
    NoticeSent,
)

Notice = NoticeQueued | NoticeSent | NoticeRetried | NoticeFailed
Steps = Mapping[UUID, Step]


class Told(NamedTuple):
    """Steps that are told as one, and what is said of them."""

    steps: Sequence[Step]
    what: Text


def told_together(steps: Sequence[Step], words: Words) -> Iterator[Told]:
    """The notices among these steps."""
    queued = {e.notice: s for s, e in _notices(steps) if isinstance(e, NoticeQueued)}
    at_once = {e.notice: s for s, e in _notices(steps) if _is_at_once(s, e, queued)}
    groups: dict[tuple[object, ...], list[Step]] = {}
    for step, event in _notices(steps):
        key = _sameness(event, step, queued, at_once)
        groups.setdefault(key, []).append(step)
    for group in groups.values():
        yield Told(group, _what(group, queued, at_once, words))


def _notices(steps: Sequence[Step]) -> Iterator[tuple[Step, Notice]]:
    for step in steps:
        if isinstance(step.event, Notice):
            yield step, step.event


def _is_at_once(step: Step, event: Notice, queued: Steps) -> bool:
    """Whether this is a notice going out at the first attempt, without delay."""
    if not isinstance(event, NoticeSent) or event.tries > 1:
        return False
    before = queued.get(event.notice)
    return bool(before and step.recorded_at - before.recorded_at <= AT_ONCE)


def _sameness(
    event: Notice, step: Step, queued: Steps, at_once: Steps
) -> tuple[object, ...]:
    """What steps must have in common to be told as one."""
    about = queued.get(event.notice)
    if about is None:
        return (step.place,)
    if event.notice in at_once:
        return about.why.cause, about.why.step
    told = ("template", "tries", "reason", "next_try")
    said = (vars(event).get(field) for field in told)
    shown = event.event_name, local(step.recorded_at)
    return about.why.cause, about.why.step, *shown, *said


def _what(group: Sequence[Step], queued: Steps, at_once: Steps, words: Words) -> Text:
    first = group[0].event
    if not isinstance(first, Notice) or first.notice not in queued:
        return group[0].what
    recipients = _recipients(group, queued, at_once, words)
    if first.notice in at_once:
        return words.phrase("told", recipients=recipients)
    return together(first, recipients, words)


def _recipients(
    group: Sequence[Step], queued: Steps, at_once: Steps, words: Words
) -> Text:
    """Bodies by name, parties by number; each with the channel, if one was tried."""
    reached: dict[tuple[str, str | None], dict[str, None]] = {}
    for _, event in _notices(group):
        about = queued[event.notice].event
        assert isinstance(about, NoticeQueued)
        went = at_once.get(event.notice)
        channel = vars(went.event if went else event).get("channel")
        alike = PARTY if about.to.startswith(PARTY) else about.to
        reached.setdefault((alike, channel), {})[about.to] = None
    bodies_first = sorted(reached, key=lambda way: way[0] == PARTY)
    named = [_named([*reached[way]], way[1], words) for way in bodies_first]
    return listed(named, COMMA)


def _named(alike: Sequence[str], channel: str | None, words: Words) -> Text:
    several = words.phrase("people", count=len(alike))
    who = several if len(alike) > 1 else words.body(alike[0])
    if channel is None:
        return who
    return words.phrase("which", what=who, which=words.word("channel", channel))
