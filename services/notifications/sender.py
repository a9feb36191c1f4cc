"""Sends what is due. Any number of senders may run; each notice goes out by one.

A sender locks the row of a notice before it looks whether it still has to go, and until
the result is recorded. What was recorded as sent never goes out again; after a crash
between the two, the same notice goes out once more under the same id.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime
from uuid import UUID

import structlog

from services.notifications.addresses import have_keys_at_hand
from services.notifications.attempt import Attempts, Outcome, Ready
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
        if not (due := claim_due(cursor, now, limit)):
            return 0
        # Looked at only now that the rows are locked, or what another sender has just
        # sent would go out again.
        states = service.states({notice.dispute for notice in due})
        have_keys_at_hand(service, states.values())
        return _deliver(service, due, states, now)


def _deliver(
    service: NotificationsService,
    due: Sequence[DueNotice],
    states: States,
    now: datetime,
) -> int:
    attempts = Attempts(service, now)
    letters, tried = _prepared(attempts, due, states)
    done = _record(service, tried, now)
    pool = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="sender")
    try:
        running = {
            pool.submit(_send, attempts, group)
            for group in _together(attempts, letters)
        }
        while running:
            finished, running = wait(running, timeout=RECORD_EVERY)
            done += _record(service, _outcomes(finished), now)
    finally:
        pool.shutdown(cancel_futures=True)
    return done


def _prepared(
    attempts: Attempts, due: Sequence[DueNotice], states: States
) -> tuple[list[Ready], list[Outcome]]:
    """The letters that can go, and what has become of others without being sent."""
    letters, tried, missed = list[Ready](), list[Outcome](), set[str]()
    for each in due:
        state = states[each.dispute]
        if each.lane in missed or not (notice := state.open(each.notice)):
            continue
        found = attempts.prepared(each, notice, state)
        if isinstance(found, Ready):
            letters.append(found)
            continue
        tried.append(found)
        if found.missed:
            missed.add(each.lane)
    return letters, tried


def _together(attempts: Attempts, letters: Iterable[Ready]) -> list[list[Ready]]:
    """Those to one address, where a channel takes many; else those to one recipient."""
    groups: dict[tuple[str, bool, str], list[Ready]] = {}
    for each in letters:
        many = each.kind in attempts.takes_many
        to = each.letter.address if many else each.due.lane
        groups.setdefault((each.kind, many, to), []).append(each)
    return list(groups.values())


def _send(attempts: Attempts, letters: Sequence[Ready]) -> list[Outcome]:
    if channel := attempts.takes_many.get(letters[0].kind):
        return list(attempts.send_all(channel, letters))
    return _send_lane(attempts, letters)


def _send_lane(attempts: Attempts, lane: Sequence[Ready]) -> list[Outcome]:
    """Send to one recipient until it is missed or slow; the rest waits for a round."""
    outcomes: list[Outcome] = []
    until = time.monotonic() + LANE_LASTS
    for ready in lane:
        if time.monotonic() > until:
            break
        outcomes.append(attempts.send(ready))
        if outcomes[-1].missed:
            break
    return outcomes


def _outcomes(finished: Iterable[Future[list[Outcome]]]) -> list[Outcome]:
    return [outcome for each in finished for outcome in each.result()]


def _record(
    service: NotificationsService, outcomes: Sequence[Outcome], now: datetime
) -> int:
    if not outcomes:
        return 0
    by = system(service.name)
    intents = [
        Intent(o.due.dispute, f"{o.due.notice}/{o.tries + 1}", o.make, by, now)
        for o in outcomes
    ]
    try:
        recorded = service.decide_many(intents)
    except BusyError:  # they go out again under the same ids, like after a crash
        log.warning("notices_not_recorded", notices=len(intents))
        return 0
    teller = log.bind()
    for intent, done in zip(intents, recorded, strict=True):
        for each in done.events:
            _tell(teller, str(intent.dispute), each.event)
    return len(intents)


def _tell(
    teller: structlog.typing.FilteringBoundLogger, dispute: str, event: DomainEvent
) -> None:
    match event:
        case NoticeSent(notice=notice, channel=channel, tries=tries):
            sent = {"notice": str(notice), "channel": channel, "tries": tries}
            teller.info("notice_sent", dispute=dispute, **sent)
        case NoticeRetried():
            told = event.model_dump(mode="json")
            teller.warning("notice_retried", dispute=dispute, **told)
        case NoticeFailed():
            told = event.model_dump(mode="json")
            teller.error("notice_failed", dispute=dispute, **told)
