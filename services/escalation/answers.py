"""Commands of outside bodies from `answers.*` topics: carried out once, or parked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from services.escalation.commands import AnyCommand
from services.escalation.service import EscalationService, misread
from services.escalation.views import dispute_of
from services.problems import in_short
from shared.events.base import Value
from shared.events.errors import (
    DatabaseAwayError,
    FengqiaoError,
    HandlerFailedError,
    MalformedMessageError,
)
from shared.events.inbox import Inbox, ParkedMessage
from shared.events.kafka import Foreign
from shared.events.store import Intent


class Answer(Value):
    """A command and the code of the dispute it is for."""

    code: Annotated[str, Field(min_length=1, max_length=80)]
    command: AnyCommand


_ANSWER = TypeAdapter(Answer)


class Answers:
    """The entrance for answers. Raises only `DatabaseAwayError`."""

    def __init__(self, service: EscalationService, inbox: Inbox) -> None:
        self._service, self._inbox = service, inbox

    def __call__(self, messages: Sequence[Foreign]) -> None:
        for message in messages:
            try:
                answer = read_answer(message.body)
                self._service.execute(answer.code, answer.command)
            except DatabaseAwayError:
                raise
            except Exception as error:  # one answer must not stop those behind it
                known = error if isinstance(error, FengqiaoError) else None
                reason = in_short(known or HandlerFailedError(error))
                self._inbox.park(
                    message.place, message.headers, message.body or b"", reason
                )

    def intents(self, parked: ParkedMessage, body: bytes) -> Sequence[Intent]:
        """What a parked answer amounts to, for its release."""
        answer = read_answer(body)
        dispute = dispute_of(self._service.database, answer.code)
        return [self._service.intent(dispute, answer.command)]


def read_answer(body: bytes | None) -> Answer:
    """An answer from JSON. Raises `MalformedMessageError` naming the fields."""
    if not body:
        raise MalformedMessageError("the message has no body (a tombstone)")
    try:
        return _ANSWER.validate_json(body)
    except ValidationError as error:
        raise misread("proper answer", error) from None
