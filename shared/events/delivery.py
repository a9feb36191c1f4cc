"""Messages that could not be processed: put aside, and released by a person."""

from __future__ import annotations

from uuid import UUID

from shared.events.base import DomainEvent


class MessageParked(DomainEvent, name="message.parked"):
    """A message was put aside with its bytes, headers and reason (kept apart, sealed).

    `behind` is true if nothing is wrong with it, but an earlier one of the same dispute
    waits, which it must not overtake.
    """

    message: UUID
    service: str
    came_from: str
    reason: str
    behind: bool


class MessageReleased(DomainEvent, name="message.released"):
    """A named person released a parked message: as it was, repaired, or to be dropped."""

    message: UUID
    service: str
    by: str
    why: str
    repaired: bool
    discarded: bool = False
