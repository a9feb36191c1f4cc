"""Which body the directory is asked for, and which it must not be. Pure."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from services.routing.decider import Decision
from services.routing.directory import Directory, Found, Sought, Told
from shared.bodies import Body, BodyKind
from shared.calendar import SHANGHAI
from shared.events.escalation import RouteRequested
from shared.events.vocabulary import ANEW, Source

OWN = frozenset({Source.OWN_APPLICATION, Source.SCREENING, Source.HOTLINE})
"""Sources whose sender may act itself. All others refer a dispute away."""


class Search(NamedTuple):
    """The bodies for one question, at the moment when it was asked."""

    asked: RouteRequested
    at: datetime
    directory: Directory

    @property
    def day(self) -> date:
        return self.at.astimezone(SHANGHAI).date()

    def sender(self) -> Found:
        sender = self.asked.facts.sender
        if body := self.directory.body(sender, self.day):
            return Found(body, ((Told.TO_SENDER, sender),))
        return Found(None, ((Told.NO_SENDER, sender),))

    def lead(self, decision: Decision, but: str | None = None) -> Found:
        facts = self.asked.facts
        skip = dict.fromkeys(facts.prior_failed, Told.PRIOR_FAILED)
        skip |= dict.fromkeys(self.asked.tried, Told.TRIED)
        skip |= dict.fromkeys(self.asked.passed_over, Told.PASSED_OVER)
        if facts.source not in OWN:
            skip[facts.sender] = Told.SENT_IT
        if self.asked.reason not in ANEW:
            skip[self.asked.holder] = Told.HOLDS_IT
        if but:
            skip[but] = Told.DESIGNATES
        return self.directory.find(
            Sought(
                kinds=decision.bodies,
                kind=facts.kind,
                place=facts.place,
                day=self.day,
                from_tier=decision.from_tier,
                skip=skip,
                organisation=facts.organisation,
                sender=facts.sender,
                at=self.at,
            )
        )

    def designator(self, kinds: tuple[BodyKind, ...]) -> Found:
        """A public body, if possible one that has not refused the dispute itself.

        Where nobody is awake at any of them one is asked all the same: a dispute never
        goes to law because an office is closed. One that could not settle it is not
        asked again: otherwise it would come back to it for ever.
        """
        facts = self.asked.facts
        tried = dict.fromkeys(self.asked.tried, Told.TRIED)
        sought = Sought(
            kinds,
            facts.kind,
            facts.place,
            self.day,
            skip=tried,
            public=True,
            at=self.at,
        )
        refused = tried | dict.fromkeys(self.asked.passed_over, Told.PASSED_OVER)
        found = self.directory.find(sought._replace(skip=refused))
        if found.body is None:
            found = self.directory.find(sought)
        if found.body is None:
            told = found.steps[:-1]
            found = self.directory.find(sought._replace(awake=False))
            found = found._replace(steps=(*told, *found.steps))
        return found

    def co_handlers(self, decision: Decision, lead: Body | None) -> tuple[str, ...]:
        facts = self.asked.facts
        sought = Sought(
            decision.co_handlers, facts.kind, facts.place, self.day, at=self.at
        )
        return self.directory.co_handlers(sought, but=[lead.id] if lead else [])
