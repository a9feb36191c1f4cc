"""What referrals amount to: events with everything personal sealed, as intents.

An intent's identity is made from the content, so that the same content again, or a lost
reply, is recognised by the store.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from services.intake.corrections import Correction
from services.intake.domain import Intake
from services.intake.reading import NotADispute, Read
from services.intake.referral import Ground, Referral
from services.intake.sealing import (
    content,
    content_returned,
    identity,
    keys_needed,
    sealed_narrative,
    sealed_parties,
)
from shared.calendar import Calendar
from shared.events.base import Actor, DomainEvent, system
from shared.events.cache import Folded
from shared.events.clocks import Clock
from shared.events.facts import Facts
from shared.events.intake import (
    DisputeCorrected,
    DisputeRegistered,
    ReferralReturned,
)
from shared.events.store import Intent
from shared.events.vocabulary import dispute_code
from shared.keystore import KeyStore
from shared.region import Region

Digests = Mapping[str, str]


class Entries:
    """Makes intents with one region, one calendar and one key store."""

    def __init__(self, region: Region, calendar: Calendar, keystore: KeyStore) -> None:
        self._region, self._calendar, self._keystore = region, calendar, keystore

    def entering(self, read: Read, now: datetime) -> Intent:
        """Register a dispute, or give back what is none."""
        if not isinstance(read, Referral):
            return self._returning(read)
        digests = content(read, self._keystore.index_key)

        def make(state: Intake) -> Iterator[DomainEvent]:
            return state.register(
                read.reference, digests, lambda: self._registered(read, digests, now)
            )

        actor = Actor(body=read.sender)
        return Intent(read.dispute, f"register/{identity(digests)}", make, actor)

    def came_before(self, read: Read, folded: Folded) -> bool:
        """Whether entering this would change nothing. Raises why not, if refused."""
        if not isinstance(read, Referral):
            intent = self._returning(read)
            return intent.cause in folded.causes or not list(intent.make(folded.state))
        digests = content(read, self._keystore.index_key)
        if f"register/{identity(digests)}" in folded.causes:
            return True
        state: Intake = folded.state
        return not state.is_new(read.reference, digests)

    def correcting(self, correction: Correction, now: datetime) -> Intent:
        referral = correction.referral
        digests = content(referral, self._keystore.index_key)

        def make(state: Intake) -> Iterator[DomainEvent]:
            return state.correct(
                referral.reference,
                digests,
                lambda changed: self._corrected(referral, digests, changed, now),
            )

        actor = Actor(body=referral.sender, person=correction.person)
        cause = f"correct/{correction.command_id}"
        return Intent(referral.dispute, cause, make, actor)

    def _returning(self, matter: NotADispute) -> Intent:
        digests = content_returned(matter, self._keystore.index_key)
        event = ReferralReturned(
            sender=matter.sender,
            reference=matter.reference,
            source=matter.source,
            reason=matter.reason,
            fingerprint=digests,
        )
        return Intent(
            matter.dispute,
            f"return/{identity(digests)}",
            lambda state: state.return_to_sender(event),
            system("intake"),
        )

    def _registered(
        self, referral: Referral, digests: Digests, now: datetime
    ) -> DisputeRegistered:
        keys = self._keystore.keys_for(keys_needed(referral))
        facts = self._facts(referral, now)
        return DisputeRegistered(
            code=dispute_code(referral.dispute, facts.place),
            reference=referral.reference,
            facts=facts,
            arose_at=referral.occurred_at or now,
            first_contact=referral.sender,
            first_clock=self._first_clock(referral, now),
            parties=sealed_parties(referral, keys),
            narrative=sealed_narrative(referral, keys),
            fingerprint=dict(digests),
            directory=self._region.digest,
            place_told=_told(referral, facts),
        )

    def _corrected(
        self,
        referral: Referral,
        digests: Digests,
        changed: tuple[str, ...],
        now: datetime,
    ) -> DisputeCorrected:
        keys = self._keystore.keys_for(keys_needed(referral))
        facts = self._facts(referral, now)
        return DisputeCorrected(
            changed=changed,
            facts=facts,
            parties=sealed_parties(referral, keys),
            narrative=sealed_narrative(referral, keys),
            fingerprint=dict(digests),
            place_told=_told(referral, facts),
        )

    def _facts(self, referral: Referral, now: datetime) -> Facts:
        """Its facts, with the place by the code that is in force now."""
        place = Ground(self._region, now).place(referral.place)
        return referral.facts(self._region.profiles[referral.source].handoff, place)

    def _first_clock(self, referral: Referral, now: datetime) -> Clock:
        """The clock of the body of first contact (首问负责), from registration on."""
        terms = self._region.profiles[referral.source].first_clock
        deadline = self._calendar.deadline(now, terms.period)
        return Clock(
            name=terms.name,
            terms=terms,
            started_at=now,
            due=deadline.due,
            provisional=deadline.provisional or terms.provisional,
            calendar=deadline.calendar,
        )


def _told(referral: Referral, facts: Facts) -> str | None:
    """The code of the place as it came, if it is registered under another."""
    return None if referral.place == facts.place else referral.place
