"""One attempt to send one notice. Records nothing; says what is to be recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from services.notifications.addresses import Way, ways_to
from services.notifications.channels import ChannelError, Letter
from services.notifications.domain import Correspondence, Missed, Notice
from services.notifications.service import NotificationsService
from services.notifications.views import DueNotice
from shared.events.base import DomainEvent
from shared.events.errors import FengqiaoError
from shared.events.failpoints import reach

NO_CHANNEL = "none"


class Outcome(NamedTuple):
    """Whether the recipient was missed, and what the newest state is to record."""

    missed: bool
    make: Callable[[Correspondence], Iterable[DomainEvent]]


def attempt(
    service: NotificationsService,
    due: DueNotice,
    notice: Notice,
    state: Correspondence,
    now: datetime,
) -> Outcome:
    """Send it by the way whose turn it is: each try takes the recipient's next one."""
    if notice.party is not None and state.silent:
        return Outcome(False, lambda newest: newest.withheld(due.notice))
    ways: list[Way] = []
    channel = NO_CHANNEL
    try:
        ways = ways_to(service, due.dispute, notice, state)
        way = _whose_turn(ways, notice.tries)
        channel = way.kind
        letter = _letter(service, due, notice, way)
        reach("before-send", service.name)
        service.channels[way.kind].send(letter)
        reach("after-send", service.name)
    except Exception as error:  # one letter that cannot go must not stop the others
        give_up = _is_final(error) and notice.tries + 1 >= len(ways)
        why = Missed(channel=channel, reason=_reason(error), give_up=give_up)
        pauses = service.table.pauses
        return Outcome(True, lambda new: new.missed(due.notice, why, pauses, now))
    return Outcome(False, lambda newest: newest.sent(due.notice, channel))


def _whose_turn(ways: list[Way], tries: int) -> Way:
    if not ways:
        raise ChannelError("no-channel", retry=False)
    return ways[tries % len(ways)]


def _letter(
    service: NotificationsService, due: DueNotice, notice: Notice, way: Way
) -> Letter:
    to_party = notice.party is not None
    written = service.messages.write(
        notice.template, notice.facts, service.names, to_party
    )
    return Letter(
        notice=due.notice,
        dispute=due.dispute,
        to=notice.to,
        address=way.address,
        template=notice.template,
        facts=notice.facts,
        subject=written.subject,
        text=written.text,
        queued_at=due.queued_at,
    )


def _is_final(error: Exception) -> bool:
    """Whether trying the same way again cannot help; what is unknown may."""
    return isinstance(error, ChannelError) and not error.retry


def _reason(error: Exception) -> str:
    """A short code. Never the error's text, which may quote an address."""
    if isinstance(error, ChannelError):
        return error.reason
    return error.code if isinstance(error, FengqiaoError) else type(error).__name__
