"""What routing says of its rules: proposed, approved, published, by whom and from when.

These events lie in a stream of their own per region, beside those of disputes, and
travel with them. What is in force on a day follows from them alone.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid5

from pydantic import Field

from shared.events.base import DomainEvent, Value

_RULES = UUID("2f7d0a55-5a0e-5d39-8f3e-1c64d6a0b7e1")
Summary = dict[str, int | str]


def rules_stream(region: str) -> UUID:
    """The id under which the publications of a region are kept; no dispute has it."""
    return uuid5(_RULES, region)


class Certificate(Value):
    """A certificate of completeness (完备性证书): of a pack with a directory.

    `digest` names the stored file; `pack` and `directory` the contents it speaks of.
    """

    digest: str
    pack: str
    directory: str
    passed: bool
    summary: Summary = Field(default_factory=dict)


class Backtest(Value):
    """What past disputes would have met with a pack (回测); `digest` names the file."""

    digest: str
    pack: str
    disputes: int
    flips: int
    unanswered: int
    summary: Summary = Field(default_factory=dict)


class PackAdopted(DomainEvent, name="pack.adopted", public=False):
    """The pack and directory that an installation began with. Said once."""

    pack: str
    version: str
    directory: str


class DirectoryFound(DomainEvent, name="directory.found", public=False):
    """The installation was started with a directory that nobody published here."""

    directory: str


class PackProposed(DomainEvent, name="pack.proposed"):
    """Somebody wants a pack (规则包) in force from a day on, and shows what it does.

    `pack` and `directory` are digests; `until` is the last day, if there is one.
    """

    proposal: int
    pack: str
    version: str
    directory: str
    by: str
    person: str
    reason: str
    certificate: Certificate
    backtest: Backtest
    valid_from: date
    until: date | None = None
    emergency: bool = False


class PackApproved(DomainEvent, name="pack.approved"):
    """A named person approved a proposal (审批)."""

    proposal: int
    by: str
    person: str


class PackRejected(DomainEvent, name="pack.rejected"):
    """A named person ended a proposal that was not published."""

    proposal: int
    by: str
    person: str
    reason: str


class PackPublished(DomainEvent, name="pack.published"):
    """A pack that two people approved will be in force (发布).

    The pack before it ends the day before, and is back on the day after `until`.
    """

    proposal: int
    pack: str
    version: str
    directory: str
    by: str
    person: str
    approved_by: tuple[str, ...]
    certificate: str
    backtest: str
    valid_from: date
    until: date | None = None
    emergency: bool = False


class PackWithdrawn(DomainEvent, name="pack.withdrawn"):
    """A publication was taken back: it ends on `last_day`, or was never in force."""

    proposal: int
    by: str
    person: str
    reason: str
    last_day: date | None = None


class DirectoryPublished(DomainEvent, name="directory.published"):
    """A version of the directory (机构名录) holds from now on.

    `certificates` are of every pack that is or will be in force, with this directory.
    """

    directory: str
    version: str
    by: str
    person: str
    reason: str
    certificates: tuple[Certificate, ...]
