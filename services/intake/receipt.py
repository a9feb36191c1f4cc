"""What a sender gets back: a receipt (回执) or a slip of return (退回单).

Both are the same however often the same referral is sent, and hold no personal data.
"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from pydantic import AwareDatetime

from services.intake.refusals import text
from shared.calendar import SHANGHAI
from shared.events.base import Recorded, Value
from shared.events.intake import ReferralReturned


class Holder(Value):
    """The body that held the dispute when it was registered."""

    id: str
    name: str
    name_en: str


class NextClock(Value):
    """The limit that ran from registration, and the law it stands on."""

    name: str
    due: AwareDatetime
    provisional: bool
    legal_basis: str


class Note(Value):
    """Something that the sender should know. `reason` is a code of the message file."""

    reason: str
    zh: str
    en: str


class Receipt(Value):
    """A dispute is registered: `code` is its one code everywhere (一案一码)."""

    code: str
    dispute: UUID
    sender: str
    reference: str
    received_at: AwareDatetime
    holder: Holder
    next_clock: NextClock
    notes: tuple[Note, ...] = ()


class Slip(Value):
    """A matter was no dispute and went back. `reason` is a code of the message file."""

    sender: str
    reference: str
    returned_at: AwareDatetime
    reason: str
    zh: str
    en: str


class Answer(NamedTuple):
    """What came of a referral, and whether it had come before."""

    given: Receipt | Slip
    again: bool


def notes_on(told: str | None, place: str | None) -> tuple[Note, ...]:
    """That a dispute is registered under another code of its place than was told."""
    if told is None or told == place:
        return ()
    key, facts = "noted.place-succeeded", {"told": told, "place": place}
    zh, en = text(key, "zh", **facts), text(key, "en", **facts)
    return (Note(reason="place-succeeded", zh=zh, en=en),)


def slip_of(recorded: Recorded) -> Slip:
    """The slip for a return that was recorded."""
    event = recorded.event
    assert isinstance(event, ReferralReturned)
    zh, en = slip_words(event.reason)
    return Slip(
        sender=event.sender,
        reference=event.reference,
        returned_at=recorded.recorded_at.astimezone(SHANGHAI),
        reason=event.reason,
        zh=zh,
        en=en,
    )


def slip_words(reason: str) -> tuple[str, str]:
    """Why a matter goes back and where its sender may lead it, in both languages."""
    return text(f"returned.{reason}", "zh"), text(f"returned.{reason}", "en")
