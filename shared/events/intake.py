"""What intake says: a dispute was registered, corrected, or returned to its sender."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime

from shared.events.base import DomainEvent, Value
from shared.events.clocks import Clock
from shared.events.facts import Facts
from shared.sealing import Sealed


class Side(StrEnum):
    APPLICANT = "applicant"
    RESPONDENT = "respondent"


class Party(Value):
    """A party (当事人), sealed under a key of its own.

    `willing` is what the sender recorded about the will to mediate; None if not asked.
    """

    number: int
    side: Side
    organisation: bool = False
    key: UUID
    name: Sealed
    contact: Sealed | None = None
    identity: Sealed | None = None
    claim: Sealed | None = None
    minor: bool = False
    willing: bool | None = None


class DisputeRegistered(DomainEvent, name="dispute.registered"):
    """A dispute was entered and has a code, a holder and a running clock.

    `fingerprint` maps each field of the referral to a keyed digest, so that a second
    sending can be compared without unsealing. `place_told` is the code of the place as
    it came, if that had ended: the facts name what took it over.
    """

    code: str
    reference: str
    facts: Facts
    arose_at: AwareDatetime
    first_contact: str
    first_clock: Clock
    parties: tuple[Party, ...]
    narrative: Sealed
    fingerprint: dict[str, str]
    directory: str
    place_told: str | None = None


class DisputeCorrected(DomainEvent, name="dispute.corrected"):
    """The sender corrected its referral; `changed` names the fields.

    `place_told` as in `DisputeRegistered`.
    """

    changed: tuple[str, ...]
    facts: Facts
    parties: tuple[Party, ...]
    narrative: Sealed
    fingerprint: dict[str, str]
    place_told: str | None = None


class ReferralReturned(DomainEvent, name="referral.returned"):
    """A referral was not registered and went back to its sender, with the reason."""

    sender: str
    reference: str
    source: str
    reason: str
    fingerprint: dict[str, str]
