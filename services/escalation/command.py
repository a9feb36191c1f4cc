"""The form of every command: who asks, under which id, and when it happened.

What each command does stands in `commands` and `by_hand`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from services.escalation.domain import Custody
from services.escalation.offices import Offices
from shared.calendar import Calendar
from shared.events.base import DomainEvent, Value
from shared.events.errors import RefusedError

Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[\w.:/@-]+$")]

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Times before this are mistakes of typing; some even lead out of all calendars."""


class Command(Value):
    """Asked for by a body through a person; safe to repeat under one `command_id`.

    `occurred_at` is when it happened as told; now, if it is left out. Clocks of
    others run from when we learned it, so that no limit is over before it was known.
    """

    command_id: Name
    by: Name
    person: Name | None = None
    role: Name | None = None
    occurred_at: Annotated[AwareDatetime, Field(ge=EARLIEST)] | None = None

    def on(
        self, state: Custody, at: datetime, calendar: Calendar
    ) -> Iterable[DomainEvent]:
        """The events that follow now, at `at`. Raises why not."""
        raise RefusedError("no-command", "this is only the form of a command")


class OfficeCommand(Command):
    """One for which it counts who has which office: the directory of the day is asked."""

    def among(
        self, state: Custody, at: datetime, calendar: Calendar, offices: Offices
    ) -> Iterable[DomainEvent]:
        """The events that follow now, at `at`. Raises why not."""
        raise RefusedError("no-command", "this is only the form of a command")


def must_not_have_asked(state: Custody) -> None:
    if state.asked:
        raise RefusedError(
            "already-asked",
            f"routing was asked already ({state.asked}) and has not answered; wait for "
            "its answer",
            asked=state.asked,
        )


def must_be_party(state: Custody, party: int) -> None:
    if party > state.parties:
        raise RefusedError(
            "no-such-party",
            f"party {party} does not exist; there are {state.parties}",
            party=party,
        )
