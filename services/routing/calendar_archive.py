"""A calendar as bytes that can be kept, and read again when its version is asked for.

The version that it had follows from the bytes, and shows whether they were changed.
"""

from __future__ import annotations

from pydantic import ValidationError

from shared.calendar import Calendar
from shared.events.errors import RefusedError


def archived(calendar: Calendar) -> bytes:
    """Every notice of a calendar, to be kept under its version."""
    return calendar.model_dump_json(exclude_defaults=True).encode()


def version_of(content: bytes) -> str | None:
    """The version of the calendar that is really in these bytes, if there is one."""
    try:
        return Calendar.model_validate_json(content).version
    except ValidationError:
        return None


def restored(content: bytes) -> Calendar:
    """Raises `RefusedError` for what is no archive of a calendar."""
    try:
        return Calendar.model_validate_json(content)
    except ValidationError:
        raise RefusedError(
            "no-calendar", "this is no archive of a calendar; restore it from a copy"
        ) from None
