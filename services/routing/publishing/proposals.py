"""A proposal and what became of it, and a pack with its days. Pure values."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from shared.events.base import Value
from shared.events.rules import PackProposed

APPROVERS = 2
"""So many different people approve before anything is published."""


class Stage(StrEnum):
    """What became of a proposal."""

    OPEN = "open"
    REJECTED = "rejected"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Approval(Value):
    """Who approved: a body and the official's work name."""

    by: str
    person: str


class Proposal(Value):
    """A proposal as it was made, and who has approved it."""

    made: PackProposed
    approvals: tuple[Approval, ...] = ()
    stage: Stage = Stage.OPEN

    @property
    def approved_by(self) -> tuple[str, ...]:
        """The work names of those who approved."""
        return tuple(each.person for each in self.approvals)

    @property
    def may_be_published(self) -> bool:
        """Enough people approved and it is not ended; one approval more harms nothing."""
        return self.stage is Stage.OPEN and len(self.approvals) >= APPROVERS


class InForce(Value):
    """A pack and the days it is meant for; `since` and `until` are included.

    `proposal` is missing for the pack that the installation began with.
    """

    pack: str
    version: str
    since: date | None = None
    until: date | None = None
    emergency: bool = False
    proposal: int | None = None

    def covers(self, day: date) -> bool:
        begun = self.since is None or self.since <= day
        return begun and (self.until is None or day <= self.until)
