"""Attempts to send notices. Records nothing; says what is to be recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from services.notifications.addresses import Way, ways_to
from services.notifications.channels import ChannelError, Letter, TakesMany
from services.notifications.domain import Correspondence, Missed, Notice
from services.notifications.service import NotificationsService
from services.notifications.views import DueNotice
from shared.bodies import ChannelKind
from shared.events.base import DomainEvent
from shared.events.errors import FengqiaoError
from shared.events.failpoints import reach

NO_CHANNEL = "none"


class Outcome(NamedTuple):
    """Whether the recipient was missed, and what the newest state is to record."""

    due: DueNotice
    tries: int
    missed: bool
    make: Callable[[Correspondence], Iterable[DomainEvent]]


class Ready(NamedTuple):
    """A letter that is written, by which kind of channel, and how many ways there are."""

    due: DueNotice
    tries: int
    kind: ChannelKind
    ways: int
    letter: Letter


class Attempts:
    """The attempts of one round, all at one time."""

    def __init__(self, service: NotificationsService, now: datetime) -> None:
        self._service, self._now = service, now
        self.takes_many = {
            kind: channel
            for kind, channel in service.channels.items()
            if isinstance(channel, TakesMany)
        }

    def prepared(
        self, due: DueNotice, notice: Notice, state: Correspondence
    ) -> Ready | Outcome:
        """The letter by the way whose turn it is: each try takes the recipient's next."""
        if notice.party is not None and state.silent:
            return _outcome(due, notice.tries, lambda new: new.withheld(due.notice))
        ways: list[Way] = []
        try:
            ways = ways_to(self._service, due.dispute, notice, state)
            way = _whose_turn(ways, notice.tries)
            letter = self._letter(due, notice, way)
        except (
            Exception
        ) as error:  # one that cannot be written must not stop the others
            kind = _whose_turn(ways, notice.tries).kind if ways else NO_CHANNEL
            return self._missed(due, notice.tries, kind, len(ways), error)
        return Ready(due, notice.tries, way.kind, len(ways), letter)

    def send(self, ready: Ready) -> Outcome:
        """Send one letter."""
        try:
            reach("before-send", self._service.name)
            self._service.channels[ready.kind].send(ready.letter)
            reach("after-send", self._service.name)
        except Exception as error:  # nor must one that does not arrive
            return self._not_sent(ready, error)
        return _sent(ready)

    def send_all(
        self, channel: TakesMany, letters: Sequence[Ready]
    ) -> Iterator[Outcome]:
        """Send many at once. Who is missed is missed once, as if one came after another:
        whatever else could not reach that recipient waits for another round."""
        missed = set[str]()
        for ready, error in zip(letters, self._errors(channel, letters), strict=True):
            if error is None:
                yield _sent(ready)
            elif ready.due.lane not in missed:
                missed.add(ready.due.lane)
                yield self._not_sent(ready, error)

    def _errors(
        self, channel: TakesMany, letters: Sequence[Ready]
    ) -> Sequence[Exception | None]:
        try:
            reach("before-send", self._service.name)
            errors = channel.send_all([ready.letter for ready in letters])
            reach("after-send", self._service.name)
        except Exception as error:
            return [error] * len(letters)
        return errors

    def _letter(self, due: DueNotice, notice: Notice, way: Way) -> Letter:
        service, to_party = self._service, notice.party is not None
        subject, text = service.messages.write(
            notice.template, notice.facts, service.names, to_party
        )
        return Letter(
            notice=due.notice,
            dispute=due.dispute,
            to=notice.to,
            address=way.address,
            template=notice.template,
            facts=notice.facts,
            subject=subject,
            text=text,
            queued_at=due.queued_at,
        )

    def _not_sent(self, ready: Ready, error: Exception) -> Outcome:
        return self._missed(ready.due, ready.tries, ready.kind, ready.ways, error)

    def _missed(
        self, due: DueNotice, tries: int, channel: str, ways: int, error: Exception
    ) -> Outcome:
        give_up = _is_final(error) and tries + 1 >= ways
        why = Missed(channel=channel, reason=_reason(error), give_up=give_up)
        pauses, now = self._service.table.pauses, self._now
        return Outcome(
            due, tries, True, lambda new: new.missed(due.notice, why, pauses, now)
        )


def _outcome(
    due: DueNotice,
    tries: int,
    make: Callable[[Correspondence], Iterable[DomainEvent]],
) -> Outcome:
    return Outcome(due, tries, False, make)


def _sent(ready: Ready) -> Outcome:
    notice, channel = ready.due.notice, ready.kind
    return _outcome(ready.due, ready.tries, lambda new: new.sent(notice, channel))


def _whose_turn(ways: Sequence[Way], tries: int) -> Way:
    if not ways:
        raise ChannelError("no-channel", retry=False)
    return ways[tries % len(ways)]


def _is_final(error: Exception) -> bool:
    """Whether trying the same way again cannot help; what is unknown may."""
    return isinstance(error, ChannelError) and not error.retry


def _reason(error: Exception) -> str:
    """A short code. Never the error's text, which may quote an address."""
    if isinstance(error, ChannelError):
        return error.reason
    return error.code if isinstance(error, FengqiaoError) else type(error).__name__
