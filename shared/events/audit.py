"""What audit records: what it heard, as it was told, and who read it.

Nobody hears audit, so nothing here is public.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from pydantic import AwareDatetime, ValidationError

from shared.events.base import Actor, DomainEvent, Value, event_class
from shared.events.errors import UnknownEventError
from shared.events.older import upgraded


class EventHeard(Value):
    """An event of another service, whole.

    `name` and `data` stay as they were told, whatever release told them: an event that
    nobody here can read yet is kept like any other. Sealed values stay sealed.
    """

    speaker: str
    version: int
    name: str
    occurred_at: AwareDatetime
    recorded_at: AwareDatetime
    actor: Actor
    cause: str
    data: dict[str, Any]

    @property
    def place(self) -> str:
        """How other events of the dispute name the one heard as their cause."""
        return f"{self.speaker}:{self.version}"

    @cached_property
    def event(self) -> DomainEvent | None:
        """The event heard, in its newest shape. None if this release cannot read it."""
        try:
            name, data = upgraded(self.name, self.data)
            return event_class(name).model_validate(data, extra="ignore")
        except (UnknownEventError, ValidationError, LookupError, TypeError):
            return None


class EventsHeard(DomainEvent, name="audit.heard", shape=2, public=False):
    """What audit heard of a dispute at once, in the order of hearing."""

    heard: tuple[EventHeard, ...]


class StoryRead(DomainEvent, name="story.read", public=False):
    """A named person (the actor) read a dispute's story, or its state at a time."""

    what: str
    at: AwareDatetime | None = None
    known_at: AwareDatetime | None = None
