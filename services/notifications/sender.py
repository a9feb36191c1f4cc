"""Sends what is due. Any number of senders may run; each notice goes out by one.

A sender locks the row of a notice before it looks whether it still has to go, and until
the result is recorded. What was recorded as sent never goes out again; after a crash
between the two, the same notice goes out once more under the same id.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime
from itertools import groupby
from uuid import UUID

import structlog

from services.notifications.attempt import attempt
from services.notifications.domain import Correspondence
from services.notifications.service import NotificationsService
from services.notifications.views import DueNotice, claim_due
from shared.events.base import DomainEvent, system
from shared.events.errors import BusyError
from shared.events.notifications import NoticeFailed, NoticeRetried, NoticeSent
from shared.events.store import Intent

log = structlog.get_logger()

MOST_AT_ONCE = 8
"""So many recipients are written to at once; a slow one takes up one of these."""

RECORD_EVERY = 0.2
"""Seconds after which what has gone out is recorded, while slow ones are waited for."""

LANE_LASTS = 2.0
"""Seconds after which a recipient's further notices wait for the next round."""

States = Mapping[UUID, Correspondence]


def deliver_due(
    service: NotificationsService,
    now: datetime,
    limit: int = 1000,
) -> int:
    """Try every notice that is due, once; how many were dealt with."""
    with service.database.transaction() as cursor:
        due = claim_due(cursor, now, limit)
        # Looked at only now that the rows are locked, or what another sender has just
        # sent would go out again.
        states = service.states({notice.dispute for notice in due})
        service.keystore.have_at_hand({k for s in states.values() for k in s.keys})
        return _deliver(service, due, states, now) if due else 0


def _deliver(
    service: NotificationsService,
    due: Sequence[DueNotice],
    states: States,
    now: datetime,
) -> int:
    done = 0
    pool = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="sender")
    try:
        running = {
            pool.submit(_send_lane, service, lane, states, now) for lane in _lanes(due)
        }
        while running:
            finished, running = wait(running, timeout=RECORD_EVERY)
            done += _record(service, finished)
    finally:
        pool.shutdown(cancel_futures=True)
    return done


def _lanes(due: Sequence[DueNotice]) -> Iterator[list[DueNotice]]:
    """The notices of each recipient, in their order."""
    ordered = sorted(due, key=lambda notice: notice.lane)
    for _, lane in groupby(ordered, key=lambda notice: notice.lane):
        yield list(lane)


def _record(
    service: NotificationsService, finished: Iterable[Future[list[Intent]]]
) -> int:
    intents = [intent for each in finished for intent in each.result()]
    if not intents:
        return 0
    try:
        recorded = service.decide_many(intents)
    except BusyError:  # they go out again under the same ids, like after a crash
        log.warning("notices_not_recorded", notices=len(intents))
        return 0
    for intent, done in zip(intents, recorded, strict=True):
        for each in done.events:
            _tell(intent.dispute, each.event)
    return len(intents)


def _tell(dispute: UUID, event: DomainEvent) -> None:
    match event:
        case NoticeSent():
            tell, name = log.info, "notice_sent"
        case NoticeRetried():
            tell, name = log.warning, "notice_retried"
        case NoticeFailed():
            tell, name = log.error, "notice_failed"
        case _:
            return
    tell(name, dispute=str(dispute), **event.model_dump(mode="json"))


def _send_lane(
    service: NotificationsService,
    lane: Sequence[DueNotice],
    states: States,
    now: datetime,
) -> list[Intent]:
    """Send to one recipient until it is missed or slow; the rest waits for a round."""
    intents: list[Intent] = []
    until = time.monotonic() + LANE_LASTS
    for due in lane:
        if time.monotonic() > until:
            break
        state = states[due.dispute]
        if not (notice := state.open(due.notice)):
            continue
        outcome = attempt(service, due, notice, state, now)
        cause = f"{due.notice}/{notice.tries + 1}"
        by = system(service.name)
        intents.append(Intent(due.dispute, cause, outcome.make, by, now))
        if outcome.missed:
            break
    return intents
