"""What intake remembers of one referral, and what may be done with it.

Pure: no clock, no database, no broker, no keys. What an event carries is sealed by the
caller; here only the keyed digests of contents are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Self

from pydantic import Field

from shared.events.base import DomainEvent, State
from shared.events.errors import RefusedError, UnknownDisputeError
from shared.events.intake import (
    DisputeCorrected,
    DisputeRegistered,
    ReferralReturned,
)
from shared.sealing import differing_fields

Fingerprint = Mapping[str, str]


class Intake(State):
    """What became of a referral: nothing yet, registered, or returned (登记 / 退回)."""

    code: str | None = None
    returned: str | None = None
    fingerprint: dict[str, str] = Field(default_factory=dict)

    def evolve(self, event: DomainEvent) -> Self:
        match event:
            case DisputeRegistered(code=code, fingerprint=fingerprint):
                update = {"code": code, "fingerprint": fingerprint, "returned": None}
            case DisputeCorrected(fingerprint=fingerprint):
                update = {"fingerprint": fingerprint}
            case ReferralReturned(reason=reason, fingerprint=fingerprint):
                update = {"returned": reason, "fingerprint": fingerprint}
            case _:
                return self
        return self.model_copy(update=update)

    def register(
        self,
        reference: str,
        fingerprint: Fingerprint,
        entry: Callable[[], DisputeRegistered],
    ) -> Iterator[DomainEvent]:
        """Enter a dispute (受理登记), unless the same content is registered already."""
        if self.is_new(reference, fingerprint):
            yield entry()

    def is_new(self, reference: str, fingerprint: Fingerprint) -> bool:
        """Whether there is something to enter; after a return there is.

        Refuses other content than what is registered under the reference.
        """
        if self.code is None:
            return True
        if fields := differing_fields(self.fingerprint, fingerprint):
            raise RefusedError(
                "reference-reused",
                f"reference {reference} is registered with other content; "
                f"{', '.join(fields)} differ. Correct the dispute, or use another "
                "reference for another one",
                reference=reference,
                fields=fields,
            )
        return False

    def correct(
        self,
        reference: str,
        fingerprint: Fingerprint,
        correction: Callable[[tuple[str, ...]], DisputeCorrected],
    ) -> Iterator[DomainEvent]:
        """Put right what was registered (更正); `correction` is given what changed."""
        if self.code is None:
            raise UnknownDisputeError(reference)
        if changed := differing_fields(self.fingerprint, fingerprint):
            yield correction(tuple(changed))

    def return_to_sender(self, returned: ReferralReturned) -> Iterator[DomainEvent]:
        """Give a matter back that is no dispute, with the reason (退回)."""
        if self.code is not None:
            raise RefusedError(
                "already-registered",
                f"reference {returned.reference} is registered as dispute {self.code} "
                "and cannot be returned now; let its holder end it",
                reference=returned.reference,
                dispute=self.code,
            )
        same = self.fingerprint == returned.fingerprint
        if not (same and self.returned == returned.reason):
            yield returned
