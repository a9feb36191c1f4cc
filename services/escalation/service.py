"""Escalation as a service: hears intake and routing, carries out commands of bodies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import ClassVar
from uuid import UUID

import structlog
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from services.escalation import policy, views
from services.escalation.command import OfficeCommand
from services.escalation.commands import COMMANDS, AnyCommand
from services.escalation.domain import Custody
from services.escalation.offices import Offices
from services.field_names import as_field
from shared.calendar import SHANGHAI, Calendar
from shared.events.base import Actor, DomainEvent, Recorded
from shared.events.database import Database
from shared.events.errors import MalformedMessageError, RefusedError
from shared.events.store import Changed, Done, Intent, Service, Statement
from shared.region import Region

log = structlog.get_logger()

CLOCKS_DIFFER = timedelta(minutes=5)
"""So far may the clock of a body be ahead of ours."""

_QUOTED = re.compile("'([^']*)'")


class EscalationService(Service):
    """Who holds a dispute, until when, and where it goes next."""

    name = "escalation"
    empty = Custody()
    hears: ClassVar[frozenset[str] | None] = frozenset(
        {"dispute.registered", "dispute.corrected", "dispute.routed"}
    )

    def __init__(self, database: Database, region: Region, calendar: Calendar) -> None:
        super().__init__(database)
        self.region, self.calendar = region, calendar

    def react(
        self, heard: Recorded, state: Custody, at: datetime
    ) -> Iterable[DomainEvent]:
        return policy.react(heard.event, state, at, self.calendar)

    def project(self, changed: Changed) -> Iterable[Statement]:
        return views.rows(changed)

    def execute(self, code: str, command: AnyCommand) -> list[Recorded]:
        """Carry out a body's command once per `command_id`.

        Raises why not: `UnknownDisputeError`, `NotAllowedNowError`, `NotYoursError`,
        `RefusedError`.
        """
        intent = self.intent(views.dispute_of(self.database, code), command)
        (done,) = self.decide_many([intent])
        _tell_log(code, command, done)
        if done.error:
            raise done.error
        return list(done.events)

    def intent(self, dispute: UUID, command: AnyCommand) -> Intent:
        """What a command amounts to.

        Raises `RefusedError` for an unknown body, or one told of before it happened.
        """
        for field in ("by", "to"):
            body = getattr(command, field, command.by)
            if body not in self.region.bodies:
                raise RefusedError(
                    "unknown-body",
                    "the directory has no body of that name; look it up there",
                    field=field,
                    body=body,
                )
        now = self.database.now()
        if command.occurred_at and command.occurred_at > now + CLOCKS_DIFFER:
            raise RefusedError(
                "in-the-future",
                "occurred_at has not come yet; look at the clock there, and its zone",
            )
        identity = f"command/{command.by}/{command.command_id}#"
        return Intent(
            dispute,
            identity + sha256(command.model_dump_json().encode()).hexdigest()[:12],
            lambda state: self._follows(command, state, now),
            Actor(body=command.by, person=command.person, role=command.role),
            command.occurred_at or now,
            identity,
        )

    def _follows(
        self, command: AnyCommand, state: Custody, now: datetime
    ) -> Iterable[DomainEvent]:
        """What a command leads to; where an office counts, the directory is asked."""
        if isinstance(command, OfficeCommand):
            offices = Offices(self.region, now.astimezone(SHANGHAI).date())
            return command.among(state, now, self.calendar, offices)
        return command.on(state, now, self.calendar)


def _tell_log(code: str, command: AnyCommand, done: Done) -> None:
    """One line for what a body of the directory asked of a dispute that is known."""
    log.info(
        "command_refused" if done.error else "command_done",
        code=code.upper(),
        command=command.command,
        by=command.by,
        cause=command.command_id,
        reason=getattr(done.error, "reason", getattr(done.error, "code", None)),
        again=done.again,
    )


def read_command(body: bytes) -> AnyCommand:
    """A command from JSON. Raises `MalformedMessageError` naming the fields."""
    try:
        return COMMANDS.validate_json(body)
    except ValidationError as error:
        raise misread("command", error) from None


def misread(what: str, error: ValidationError) -> MalformedMessageError:
    """Tells which fields are wrong, a few of them, and never what stands in them.

    Where only some words may stand, it tells these.
    """
    wrong = {
        ".".join(map(as_field, one["loc"])) + _allowed(one) for one in error.errors()
    }
    fields = ", ".join(sorted(wrong)[:8])
    return MalformedMessageError(
        f"not a {what}: look at {fields or 'the whole'}", fields=fields
    )


def _allowed(one: ErrorDetails) -> str:
    """The words of an enumeration, as our own model lists them."""
    if one["type"] not in ("enum", "literal_error"):
        return ""
    return f" ({' | '.join(_QUOTED.findall(one['ctx']['expected']))})"
