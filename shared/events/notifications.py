"""What notifications says: who was told what, by which channel, with what success."""

from __future__ import annotations

from uuid import UUID

from pydantic import AwareDatetime

from shared.events.base import DomainEvent, Value
from shared.events.facts import Facts
from shared.sealing import Sealed


class Addressee(Value):
    """A party as far as notices must know it. The contact stays sealed."""

    number: int
    contact: Sealed | None = None


class DisputeLearned(DomainEvent, name="dispute.learned", public=False):
    """What notices need of a dispute, as one speaker told it so far.

    `addressees` come from intake only. `silent` is true while no party may be written
    to, because a letter could put somebody in danger.
    """

    speaker: str
    code: str
    holder: str
    facts: Facts
    parties: int
    silent: bool
    addressees: tuple[Addressee, ...] = ()


class NoticeQueued(DomainEvent, name="notice.queued"):
    """Somebody is to be told something.

    `to` is a body id, or `party:N`. `template` and `facts` make the text from the
    message files; neither holds personal data.
    """

    notice: UUID
    to: str
    template: str
    facts: dict[str, str]
    about: str


class NoticeSent(DomainEvent, name="notice.sent"):
    """The channel took the notice. `tries` counts attempts, the successful one too."""

    notice: UUID
    channel: str
    tries: int


class NoticeRetried(DomainEvent, name="notice.retried"):
    """An attempt failed; the next one is not before `next_try`."""

    notice: UUID
    channel: str
    tries: int
    reason: str
    next_try: AwareDatetime


class NoticeFailed(DomainEvent, name="notice.failed"):
    """Given up after the last attempt: a person must tell them another way."""

    notice: UUID
    channel: str
    tries: int
    reason: str
