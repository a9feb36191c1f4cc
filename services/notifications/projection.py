"""The rows of notices, kept in the transaction of the events that change them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from services.notifications.domain import Correspondence, Notice, Standing
from shared.events.base import DomainEvent, Recorded
from shared.events.notifications import (
    DisputeLearned,
    NoticeFailed,
    NoticeQueued,
    NoticeRetried,
    NoticeSent,
)
from shared.events.store import Changed, Statement, in_one_order

LONGEST_PAUSE = timedelta(minutes=5)
"""A body that does not answer is left alone so long, whatever the notice's next try."""

_NOTICE = """
    INSERT INTO notifications.notices
        (notice, dispute, recipient, template, lane, queued_at)
    SELECT notice, dispute, recipient, template, lane, queued_at
    FROM jsonb_populate_recordset(null::notifications.notices, %s)
    ON CONFLICT (notice) DO NOTHING
"""
_DELIVERY = """
    INSERT INTO notifications.deliveries
    SELECT * FROM jsonb_populate_recordset(null::notifications.deliveries, %s)
    ON CONFLICT (notice) DO UPDATE SET
        state = excluded.state, tries = excluded.tries, channel = excluded.channel,
        reason = excluded.reason, next_try = excluded.next_try,
        changed_at = excluded.changed_at
"""
_PAUSE = """
    INSERT INTO notifications.pauses
    SELECT lane, max(until)
    FROM jsonb_populate_recordset(null::notifications.pauses, %s) GROUP BY lane
    ON CONFLICT (lane) DO UPDATE SET until = excluded.until
"""
_RESUME = """
    DELETE FROM notifications.pauses
    USING jsonb_populate_recordset(null::notifications.pauses, %s) AS answered
    WHERE pauses.lane = answered.lane
"""


def lane(dispute: UUID, notice: Notice) -> str:
    """Notices of one lane go out one after another: a body's, or one party's."""
    return notice.to if notice.party is None else f"{dispute}/{notice.to}"


def rows(changed: Changed) -> Iterator[Statement]:
    """The rows of the disputes that changed; in one order, so that nobody deadlocks."""
    in_order = in_one_order(changed)
    for statement, make in (
        (_NOTICE, _queued),
        (_DELIVERY, _standing),
        (_RESUME, _resumed),
        (_PAUSE, _paused),  # after it: a lane stops at its first failure
    ):
        found = [
            row
            for dispute, (state, said) in in_order
            for row in make(dispute, state, said)
        ]
        if found:
            yield statement, found


Rows = Iterator[dict[str, object]]


def _queued(dispute: UUID, state: Correspondence, said: Sequence[Recorded]) -> Rows:
    for recorded in said:
        if isinstance(recorded.event, NoticeQueued):
            id, at = recorded.event.notice, recorded.recorded_at
            notice = state.notices[id]
            where = lane(dispute, notice)
            yield {
                "notice": id,
                "dispute": dispute,
                "recipient": notice.to,
                "template": notice.template,
                "lane": where,
                "queued_at": at,
            }


def _standing(dispute: UUID, state: Correspondence, said: Sequence[Recorded]) -> Rows:
    at = said[-1].recorded_at
    for id in dict.fromkeys(id for r in said for id in _touched(r.event, state)):
        n = state.notices[id]
        again = _next_try(state, n, at)
        yield {
            "notice": id,
            "state": n.standing,
            "tries": n.tries,
            "channel": n.channel,
            "reason": n.reason,
            "next_try": again,
            "changed_at": at,
        }


def _touched(event: DomainEvent, state: Correspondence) -> Iterator[UUID]:
    match event:
        case DisputeLearned(addressees=found) if found:  # who waited for it can go now
            yield from (i for i, n in state.notices.items() if _has_waited(n))
        case NoticeQueued() | NoticeSent() | NoticeRetried() | NoticeFailed():
            yield event.notice


def _has_waited(notice: Notice) -> bool:
    """Parties' notices that have not been tried: intake may have been heard late."""
    queued = notice.standing is Standing.QUEUED and not notice.tries
    return queued and notice.party is not None


def _next_try(state: Correspondence, notice: Notice, at: datetime) -> datetime | None:
    if notice.standing is not Standing.QUEUED or not state.can_go(notice):
        return None
    return notice.next_try or at


def _paused(dispute: UUID, state: Correspondence, said: Sequence[Recorded]) -> Rows:
    for recorded in said:
        if isinstance(recorded.event, NoticeRetried):
            latest = recorded.recorded_at + LONGEST_PAUSE
            where = lane(dispute, state.notices[recorded.event.notice])
            yield {"lane": where, "until": min(recorded.event.next_try, latest)}


def _resumed(dispute: UUID, state: Correspondence, said: Sequence[Recorded]) -> Rows:
    for recorded in said:
        if isinstance(recorded.event, NoticeSent):
            yield {"lane": lane(dispute, state.notices[recorded.event.notice])}
