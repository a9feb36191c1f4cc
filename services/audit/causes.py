"""What each event goes back to: the event that caused it, if it was one. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from uuid import UUID

from shared.events.audit import EventHeard
from shared.events.delivery import MessageParked, MessageReleased
from shared.events.notifications import (
    NoticeFailed,
    NoticeQueued,
    NoticeRetried,
    NoticeSent,
)

Causes = dict[str, str | None]


def causes(events: Iterable[EventHeard]) -> Causes:
    """The cause of each event, by places; None if a command is, or nothing known.

    A sending goes back to its notice, and a release to the parking.
    """
    ordered = sorted(events, key=attrgetter("speaker", "version"))
    known = {event.place for event in ordered}
    begun: dict[tuple[str, UUID], str] = {}
    found: Causes = {}
    for event in ordered:
        place, speaker = event.place, event.speaker
        found[place] = event.cause if event.cause in known else None
        match event.event:
            case NoticeQueued(notice=id) | MessageParked(message=id):
                begun[speaker, id] = place
            case NoticeSent(notice=id) | NoticeRetried(notice=id):
                found[place] = begun.get((speaker, id))
            case NoticeFailed(notice=id) | MessageReleased(message=id):
                found[place] = begun.get((speaker, id))
    return found
