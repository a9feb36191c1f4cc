"""Referrals from `referrals.*` topics: each registered, known, returned, or parked.

A message says who sends it in the header `ce_source`, or in its own field `sender`.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.intake import notes
from services.intake.reading import Read
from services.intake.referral import Ground
from services.intake.refusals import WHOLE, FieldProblem, ReferralRefusedError
from services.intake.service import IntakeService
from services.problems import in_short
from shared.events.errors import DatabaseAwayError, FengqiaoError
from shared.events.inbox import Inbox, ParkedMessage
from shared.events.kafka import Foreign
from shared.events.store import Intent
from shared.events.vocabulary import Source

SOURCES = {"police": Source.POLICE, "petition": Source.PETITION, "court": Source.COURT}
"""What a topic's name says of its messages; on `referrals.other` they say it themselves."""


class Referrals:
    """The entrance for referrals. Raises only `DatabaseAwayError`."""

    def __init__(self, service: IntakeService, inbox: Inbox) -> None:
        self._service, self._inbox = service, inbox

    def __call__(self, messages: Sequence[Foreign]) -> None:
        read: list[tuple[Foreign, Read]] = []
        ground = self._service.ground()
        for message in messages:
            try:
                read.append((message, self._read(message, ground)))
            except DatabaseAwayError:
                raise
            except FengqiaoError as error:
                notes.not_taken(error, "topic")
                self._park(message, error)
        answers = self._service.refer_many(
            [found for _, found in read], channel="topic"
        )
        for (message, _), answer in zip(read, answers, strict=True):
            if isinstance(answer, DatabaseAwayError):
                raise answer
            if isinstance(answer, FengqiaoError):
                self._park(message, answer)

    def intents(self, parked: ParkedMessage, body: bytes) -> Sequence[Intent]:
        """What a parked referral amounts to, for its release."""
        found = self._service.read(
            body,
            sender=_sender(parked.headers),
            source=_source(parked.came_from.split("/")[0]),
        )
        return self._service.entering([found])

    def _read(self, message: Foreign, ground: Ground) -> Read:
        if message.body is None:
            raise ReferralRefusedError([FieldProblem(WHOLE, "empty")])
        return self._service.read(
            message.body,
            sender=_sender(message.headers),
            source=_source(message.topic),
            ground=ground,
        )

    def _park(self, message: Foreign, error: FengqiaoError) -> None:
        self._inbox.park(
            message.place, message.headers, message.body or b"", in_short(error)
        )


def _sender(headers: dict[str, str]) -> str | None:
    return headers.get("ce_source", "").rpartition("/")[2] or None


def _source(topic: str) -> Source | None:
    return SOURCES.get(topic.rpartition(".")[2])
