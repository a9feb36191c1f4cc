"""Intake as a service: registers referrals, gives receipts, hears nobody."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import ClassVar
from uuid import UUID

from services.intake import notes, views
from services.intake.corrections import Correction
from services.intake.domain import Intake
from services.intake.entries import Entries
from services.intake.reading import Read, read_referral
from services.intake.receipt import Answer, Receipt, slip_of
from services.intake.referral import Ground, Referral
from services.intake.sealing import keys_needed
from shared.calendar import Calendar
from shared.events.cache import Folded
from shared.events.database import Database
from shared.events.errors import FengqiaoError, RefusedError
from shared.events.store import Changed, Done, Intent, Service, Statement
from shared.events.together import Together
from shared.events.vocabulary import Source
from shared.keystore import KeyMissingError, KeyStore
from shared.region import Region


class IntakeService(Service):
    """The front door: one dispute per sender and reference, however it comes."""

    name = "intake"
    empty = Intake()
    hears: ClassVar[frozenset[str] | None] = frozenset()

    def __init__(
        self,
        database: Database,
        region: Region,
        calendar: Calendar,
        keystore: KeyStore,
    ) -> None:
        super().__init__(database)
        self.region, self._keystore = region, keystore
        self._entries = Entries(region, calendar, keystore)
        self._together = Together(self._answers)

    def project(self, changed: Changed) -> Iterable[Statement]:
        return views.rows(changed)

    def ground(self) -> Ground:
        """What referrals are judged on now."""
        return Ground(self.region, self.database.now())

    def read(
        self,
        body: bytes,
        *,
        sender: str | None = None,
        source: Source | None = None,
        ground: Ground | None = None,
    ) -> Read:
        """What a body says. Raises `ReferralRefusedError` with every fault."""
        ground = ground or self.ground()
        return read_referral(body, ground, sender=sender, source=source)

    def refer(self, referral: bytes | Read, *, channel: str) -> Answer:
        """Register a referral, or answer as the first time if it came before.

        Safe to call again, also at the same instant and by another way. Raises
        `ReferralRefusedError`, or `RefusedError` if its reference stands for other
        content.
        """
        read = self.read_noted(referral, channel)
        answer = self._together(read)
        notes.answered(read, answer, channel)
        if isinstance(answer, FengqiaoError):
            raise answer
        return answer

    def read_noted(self, referral: bytes | Read, channel: str) -> Read:
        """As `read`; a refusal is noted."""
        try:
            return self.read(referral) if isinstance(referral, bytes) else referral
        except FengqiaoError as error:
            notes.not_taken(error, channel)
            raise

    def refer_many(
        self, referrals: Sequence[Read], *, channel: str
    ) -> list[Answer | FengqiaoError]:
        """As `refer`, many in one transaction; each is refused on its own."""
        answers = self._answers(referrals)
        for read, answer in zip(referrals, answers, strict=True):
            notes.answered(read, answer, channel)
        return answers

    def _answers(self, referrals: Sequence[Read]) -> list[Answer | FengqiaoError]:
        done = self._done(referrals)
        receipts = self._receipts(referrals)
        return [
            _answer(read, each, receipts)
            for read, each in zip(referrals, done, strict=True)
        ]

    def correct(self, correction: Correction) -> Receipt:
        """Put a registered referral right, once per command id.

        Raises `UnknownDisputeError` if none is registered under its reference.
        """
        (done,) = self.decide_many([self.correcting(correction)])
        if done.error:
            raise done.error
        dispute = correction.referral.dispute
        receipt = self._receipts([correction.referral])[dispute]
        notes.corrected(str(dispute), receipt.code, "http", again=done.again)
        return receipt

    def receipt(self, code: str) -> Receipt:
        """Raises `UnknownDisputeError`."""
        return views.receipt_by_code(self.database, self.region, code)

    def receipt_for(self, sender: str, reference: str) -> Receipt:
        """Raises `UnknownDisputeError`."""
        return views.receipt_by_reference(self.database, self.region, sender, reference)

    def entering(self, referrals: Sequence[Read]) -> list[Intent]:
        """What registering these, or giving them back, amounts to."""
        now = self.database.now()
        self._make_keys([read for read in referrals if isinstance(read, Referral)])
        return [self._entries.entering(read, now) for read in referrals]

    def foresee(self, referrals: Sequence[Read]) -> list[bool | FengqiaoError]:
        """Of each, whether it came before, or why it would be refused.

        Records nothing.
        """
        states = self._load({read.dispute for read in referrals})
        return [self._foreseen(read, states[read.dispute]) for read in referrals]

    def _foreseen(self, read: Read, folded: Folded) -> bool | FengqiaoError:
        try:
            return self._entries.came_before(read, folded)
        except RefusedError as error:
            return error

    def correcting(self, correction: Correction) -> Intent:
        return self._entries.correcting(correction, self.database.now())

    def _done(self, referrals: Sequence[Read]) -> list[Done]:
        """What came of each. The events of the first time are read again for slips only."""
        intents = self.entering(referrals)
        work = self.until_recorded(lambda: self._worked_and_recorded(intents))
        return [
            done if isinstance(read, Referral) else self._first_time(intent, done)
            for read, intent, done in zip(referrals, intents, work.done, strict=True)
        ]

    def _make_keys(self, referrals: Sequence[Referral]) -> None:
        """Have the keys at hand, in one round trip. What is registered needs none.

        A key that is missing is noticed when its own referral is sealed, so that it
        does not hold up the others.
        """
        if not referrals:
            return
        known = views.known(self.database, {r.dispute for r in referrals})
        new = [referral for referral in referrals if referral.dispute not in known]
        with suppress(KeyMissingError):
            self._keystore.keys_for([key for r in new for key in keys_needed(r)])

    def _receipts(self, referrals: Collection[Read]) -> dict[UUID, Receipt]:
        disputes = {r.dispute for r in referrals if isinstance(r, Referral)}
        if not disputes:
            return {}
        return views.receipts(self.database, self.region, disputes)


def _answer(
    read: Read, done: Done, receipts: Mapping[UUID, Receipt]
) -> Answer | FengqiaoError:
    if isinstance(done.error, FengqiaoError):
        return done.error
    if isinstance(read, Referral):
        return Answer(receipts[read.dispute], done.again or not done.events)
    return Answer(slip_of(done.events[-1]), done.again)
