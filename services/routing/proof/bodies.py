"""Which bodies an answer leads to, at one place and for one kind of dispute.

Goes by the directory itself. A body that is away or closed today is a body all the
same; where the pack skips those that are closed, `at` says for which moment it is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from services.routing.directory import Directory, Sought
from services.routing.proof.against import Against
from services.routing.proof.answer import Answer
from services.routing.proof.chains import Outcome, Situation
from services.routing.searching import OWN
from shared.bodies import Body, Preference
from shared.body_kinds import BodyKind
from shared.events.routing import Action
from shared.events.vocabulary import ANEW, HandoffKind, Source, Tier

_NOT_HANDED_DOWN = (HandoffKind.DISPATCH_DOWN, HandoffKind.RETURN_HANDOFF)


class Spot(NamedTuple):
    """Where a dispute is, when, of which kind, and from which source."""

    place: str
    day: date
    kind: str | None
    source: Source
    at: datetime | None = None


class Bodies:
    """The bodies for one spot. `senders` are those that may have sent it and are near,
    each with the cases that it has sent.
    """

    def __init__(
        self, directory: Directory, spot: Spot, senders: Mapping[str, int]
    ) -> None:
        self._directory, self.spot, self._senders = directory, spot, senders
        self._stationed = Preference.STATIONED in directory.resolution.prefer
        self._fitting = cache(self._candidates)

    def outcomes(
        self, answer: Answer, here: Situation, cases: int
    ) -> Iterator[tuple[Outcome, int]]:
        """What comes of an answer there, by whoever sent the dispute."""
        plain = self._outcome(answer, here, None)
        for sender in self._mattering(answer, here, plain):
            if its := cases & self._senders.get(sender, 0):
                found = self._outcome(answer, here, sender)
                own = found.taker is not None and found.taker.id == sender
                yield found._replace(by_sender=own), its
                cases &= ~its
        if cases:
            yield plain, cases

    def left_out(
        self, here: Situation, sender: str | None
    ) -> dict[str | None, Against]:
        """Who sent it away, and who holds it and asks for another."""
        sent = {} if self.spot.source in OWN else {sender: Against.SENT}
        holds = here.holder or sender
        return sent if here.reason in ANEW else {**sent, holds: Against.HOLDS}

    def is_open(self, body: Body) -> bool:
        at, calendar = self.spot.at, self._directory.calendar
        return at is None or body.hours is None or body.hours.open_at(at, calendar)

    def _mattering(
        self, answer: Answer, here: Situation, plain: Outcome
    ) -> Iterator[str]:
        """The senders for which other bodies are found than for all others."""
        yield from (body.id for body in (plain.lead, plain.designator) if body)
        if self._stationed and plain.is_asking and not plain.to_sender:
            lowest = answer.way.from_tier(here.reached)
            for body in self._fitting(answer.bodies, lowest, False, None):
                if body.host:
                    yield body.host

    def _outcome(self, answer: Answer, here: Situation, sender: str | None) -> Outcome:
        way = answer.way
        if way.action is Action.DESIGNATE:
            return self._designation(answer, here, way.designators, sender)
        if way.action is not Action.OFFER:
            return Outcome(answer, action=way.action)
        if way.to_sender:
            return Outcome(answer, to_sender=True)
        return self._offer(answer, here, sender)

    def _offer(self, answer: Answer, here: Situation, sender: str | None) -> Outcome:
        lead = self._lead(answer, here, sender)
        if lead is None:
            instead = self._designation(answer, here, answer.designators, sender)
            untried = here._replace(tried=frozenset())
            return instead._replace(fell=self._lead(answer, untried, sender) is None)
        hands_on = lead.dispatcher and answer.handoff not in _NOT_HANDED_DOWN
        return Outcome(answer, lead, dispatches=hands_on)

    def _designation(
        self,
        answer: Answer,
        here: Situation,
        kinds: tuple[BodyKind, ...],
        sender: str | None,
    ) -> Outcome:
        who = self._designator(kinds, here, sender)
        if who is None:
            unserved = not self._fitting(kinds, None, True, None)
            return Outcome(answer, action=Action.LAW, unserved=unserved)
        lead = self._lead(answer, here, sender, but=who.id)
        return Outcome(answer, lead, who, action=Action.DESIGNATE)

    def _lead(
        self,
        answer: Answer,
        here: Situation,
        sender: str | None,
        but: str | None = None,
    ) -> Body | None:
        lowest = answer.way.from_tier(here.reached)
        skipped = {*here.passed_over, *_tried(here, sender), but}
        skipped.update(self.left_out(here, sender))
        fitting = self._fitting(answer.bodies, lowest, False, sender)
        return next((body for body in fitting if body.id not in skipped), None)

    def _designator(
        self, kinds: tuple[BodyKind, ...], here: Situation, sender: str | None
    ) -> Body | None:
        """Where all of them are closed, one of them is asked all the same."""
        tried = _tried(here, sender)
        every = self._fitting(kinds, None, True, None)
        fitting = [body for body in every if body.id not in tried]
        awake = [body for body in fitting if self.is_open(body)]
        fresh = [body for body in awake if body.id not in here.passed_over]
        return next(iter((*fresh, *awake, *fitting)), None)

    def _candidates(
        self,
        kinds: tuple[BodyKind, ...],
        lowest: Tier | None,
        public: bool,
        sender: str | None,
    ) -> tuple[Body, ...]:
        spot = self.spot
        sought = Sought(
            kinds, spot.kind or "", spot.place, spot.day, lowest, public=public
        )
        found = self._directory.candidates(sought._replace(sender=sender))
        return found if public else tuple(filter(self.is_open, found))


def _tried(here: Situation, sender: str | None) -> set[str | None]:
    return {sender if body is None else body for body in here.tried}
