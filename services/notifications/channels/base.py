"""What every channel takes and promises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable
from uuid import UUID

from shared.events.errors import FengqiaoError


@dataclass(frozen=True)
class Letter:
    """A notice with its text and where it goes. Made again, it has the same content.

    `address` may be a party's, so it is never printed.
    """

    notice: UUID
    dispute: UUID
    to: str
    address: str = field(repr=False)
    template: str
    facts: dict[str, str]
    subject: str
    text: str
    queued_at: datetime

    @property
    def type(self) -> str:
        """What kind of message it is, for machines."""
        return f"notice.{self.template}"

    def data(self) -> dict[str, object]:
        """The letter for a machine: facts to act on, and the text for people."""
        return {
            "notice": self.notice,
            "dispute": self.dispute,
            "to": self.to,
            "template": self.template,
            "facts": self.facts,
            "subject": self.subject,
            "text": self.text,
            "queued_at": self.queued_at,
        }


class Channel(Protocol):
    """A way by which letters go out. Used from several threads; always ends in time."""

    def send(self, letter: Letter) -> None:
        """Hand over a letter. Raises `ChannelError` if it was not taken."""


@runtime_checkable
class TakesMany(Protocol):
    """A channel for which many letters to one address at once cost much less each."""

    def send_all(self, letters: Sequence[Letter]) -> Sequence[Exception | None]:
        """Hand over letters; of each, why it was not taken. Taken are only those with
        None, once this has returned."""


class ChannelError(FengqiaoError):
    """A channel did not take a letter. `reason` is a short code without addresses."""

    code = "channel"

    def __init__(self, reason: str, *, retry: bool) -> None:
        self.reason, self.retry = reason, retry
        what_now = "it will be tried again" if retry else "another way is needed"
        super().__init__(f"the letter was not taken: {reason}; {what_now}")
