"""What audit records because something was told: all of it, as it was told. Pure."""

from __future__ import annotations

from pydantic import ValidationError

from shared.events import wire
from shared.events.audit import EventHeard
from shared.events.errors import MalformedMessageError
from shared.events.wire import Told


def heard(told: Told) -> EventHeard:
    """The event as audit keeps it; what it says is not looked at.

    Raises `MalformedMessageError` only for a body without a whole envelope. A name of a
    newer release, or data that do not fit, are kept for the supervisor to see.
    """
    found = wire.opened(told)
    place = {"speaker": told.speaker, "version": told.version, "name": told.name}
    try:
        return EventHeard.model_validate({**found, **place}, extra="ignore")
    except ValidationError as error:
        raise MalformedMessageError(
            f"{told.name} at {told.place}: the envelope does not fit: {_fields(error)}",
            name=told.name,
            place=told.place,
        ) from None


def _fields(error: ValidationError) -> str:
    found = {".".join(map(str, each["loc"])) for each in error.errors()}
    return ", ".join(sorted(found))
