"""What is told to whom when something is heard. Pure.

Intake and escalation are heard in no order between them. So a reaction to one of them
looks only at what the same speaker said before, and the notices come out the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import uuid5

from services.notifications.domain import PARTY, Correspondence
from services.notifications.learning import learn
from services.notifications.table import PARTIES, NoticeTable, Row, look_up
from shared.events.base import DomainEvent, Recorded
from shared.events.notifications import DisputeLearned, NoticeQueued

ALWAYS = {
    "code": "known.code",
    "holder": "known.holder",
    "source": "known.facts.source",
}
"""Facts that every notice carries, as far as they are known."""


def react(
    heard: Recorded, state: Correspondence, table: NoticeTable
) -> Iterator[DomainEvent]:
    before = state.learned.get(heard.speaker)
    known = learn(heard.speaker, heard.event, before, table)
    if known and known != before:
        yield known
    rows = table.rows_for(heard.event.event_name)
    always = _found(ALWAYS, heard.event, known) if rows else {}
    for row in rows:
        facts = always | _found(row.facts, heard.event, known)
        for to in _recipients(row, heard.event, known):
            if not (row.once and _was_told(state, to, row.template)):
                yield _notice(heard, row.template, to, facts)


def _found(
    paths: Mapping[str, str], event: DomainEvent, known: DisputeLearned | None
) -> dict[str, str | None]:
    return {name: look_up(path, event, known) for name, path in paths.items()}


def _recipients(
    row: Row, event: DomainEvent, known: DisputeLearned | None
) -> Iterator[str]:
    if row.to != PARTIES:
        yield from filter(None, [look_up(row.to, event, known)])
    elif known and not known.silent:
        numbers = [a.number for a in known.addressees]
        for number in numbers or range(1, known.parties + 1):
            yield f"{PARTY}{number}"


def _was_told(state: Correspondence, to: str, template: str) -> bool:
    return any(n.to == to and n.template == template for n in state.notices.values())


def _notice(
    heard: Recorded, template: str, to: str, facts: Mapping[str, str | None]
) -> NoticeQueued:
    about = heard.id
    return NoticeQueued(
        notice=uuid5(heard.dispute, f"{about}/{to}/{template}"),
        to=to,
        template=template,
        facts={name: value for name, value in facts.items() if value is not None},
        about=about,
    )
