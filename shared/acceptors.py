"""Who answers for a body and when (签收岗位、代班), and who belongs to a chamber or grid.

Pure. Acceptors are roles or staff numbers; no directory holds names of persons.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field, field_validator

from shared.channels import Channel
from shared.events.base import Value

Code = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$")]
"""A role, a staff number, an organisation: never a name of a person."""


class Away(Value):
    """An absence; its last day may be unknown."""

    first: date
    last: date | None = None

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


class Acceptor(Value):
    """A post that accepts or declines for a body (签收岗位).

    `deputy_of` is the post of the same body that this one stands in for while that is
    away. `channel` reaches this post and no other. `valid_to` is its last day.
    """

    acceptor: Code
    deputy_of: Code | None = None
    channel: Channel | None = None
    valid_from: date
    valid_to: date | None = None
    away: tuple[Away, ...] = ()

    @field_validator("channel", mode="before")
    @classmethod
    def _written_in_one(cls, told: Any) -> Any:
        if not isinstance(told, str):
            return told
        kind, _, address = told.partition(":")
        return {"kind": kind.strip(), "address": address.strip()}

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day and (
            self.valid_to is None or day <= self.valid_to
        )

    def awake(self, day: date) -> bool:
        """Whether this post answers on that day."""
        return self.in_force(day) and not any(away.covers(day) for away in self.away)


class Member(Value):
    """An organisation that belongs to a chamber (商会) or grid (网格)."""

    organisation: Code
    member_of: Code
    valid_from: date
    valid_to: date | None = None

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day and (
            self.valid_to is None or day <= self.valid_to
        )
