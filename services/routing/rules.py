"""The rule tables of a region: small, first hit, and whole.

Six tables answer one after the other: how grave, which way, on what terms, who leads,
which limits, and what if nobody is there. In each the first row that matches decides,
and the last must match everything, so every dispute gets exactly one answer. Tables
that do not answer for every dispute do not load.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.routing.conditions import Asked
from services.routing.decider import (
    Decision,
    Nobody,
    Question,
    higher,
    tier_above,
)
from services.routing.rows import (
    ClocksRow,
    LeadRow,
    NobodyRow,
    SeverityRow,
    TermsRow,
    Way,
    WayRow,
)
from services.routing.tables import Table, TableFile
from shared.events.facts import Facts
from shared.events.routing import Action, FiredRow, Severity
from shared.events.vocabulary import HandoffKind, Tier
from shared.region import Region

OUR_OWN = frozenset(
    {
        HandoffKind.ESCALATE,
        HandoffKind.DISPATCH_DOWN,
        HandoffKind.RETURN_HANDOFF,
        HandoffKind.DESIGNATE,
    }
)
"""Handoffs that no sender asks for. Where one did, a referral is meant."""


@dataclass(frozen=True)
class RuleTables:
    """A `Decider` made of the tables in a region's `routing.toml`."""

    version: str
    severity: Table[SeverityRow]
    way: Table[WayRow]
    terms: Table[TermsRow]
    lead: Table[LeadRow]
    clocks: Table[ClocksRow]
    nobody: Table[NobodyRow]

    @classmethod
    def load(cls, region: Region) -> RuleTables:
        """The tables of a region. Raises `RegionRefusedError` with table and row."""
        file = TableFile.read(region)
        return cls(
            version=file.version,
            severity=file.table("severity", SeverityRow),
            way=file.table("way", WayRow),
            terms=file.table("terms", TermsRow),
            lead=file.table("lead", LeadRow),
            clocks=file.table("clocks", ClocksRow),
            nobody=file.table("nobody", NobodyRow),
        )

    def decide(self, question: Question) -> Decision:
        asked = Asked(**dict(question))
        severity = self.severity.first(asked)
        asked = asked.model_copy(update={"severity": severity.then.severity})
        way = self.way.first(asked)
        rows = (self.severity.fired(severity), self.way.fired(way))
        if way.then.action in (Action.STAY, Action.LAW):
            return Decision(
                action=way.then.action,
                severity=severity.then.severity,
                routes=way.then.routes,
                nobody=self._nobody(asked),
                rows=rows,
            )
        handoff = _handoff(way.then, question.facts)
        asked = asked.model_copy(update={"handoff": handoff})
        return self._asking_somebody(asked, way.then, severity.then.severity, rows)

    def _asking_somebody(
        self,
        asked: Asked,
        way: Way,
        severity: Severity,
        rows: tuple[FiredRow, ...],
    ) -> Decision:
        terms, lead = self.terms.first(asked), self.lead.first(asked)
        clocks = self.clocks.first(asked)
        return Decision(
            action=way.action,
            severity=severity,
            handoff=asked.handoff,
            from_tier=_from_tier(way, asked.tier),
            to_sender=way.to_sender,
            bodies=lead.then.bodies,
            co_handlers=lead.then.co_handlers,
            designators=way.designators,
            may_decline=terms.then.may_decline,
            answer=terms.limit("answer", terms.then.answer),
            clocks=tuple(clocks.limit(c.name, c) for c in clocks.then.clocks),
            nobody=self._nobody(asked),
            rows=(
                *rows,
                self.terms.fired(terms),
                *([] if way.to_sender else [self.lead.fired(lead)]),
                self.clocks.fired(clocks),
            ),
        )

    def _nobody(self, asked: Asked) -> Nobody:
        row = self.nobody.first(asked)
        return Nobody(
            designators=row.then.designators,
            routes=row.then.routes,
            answer=row.limit("designation", row.then.answer),
            row=self.nobody.fired(row),
        )


def _handoff(way: Way, facts: Facts) -> HandoffKind:
    if way.action is Action.DESIGNATE or way.handoff is None:
        return HandoffKind.DESIGNATE
    if way.handoff != "as_asked":
        return way.handoff
    return HandoffKind.REFERRAL if facts.asked in OUR_OWN else facts.asked


def _from_tier(way: Way, reached: Tier | None) -> Tier | None:
    match way.tier:
        case None:
            return None
        case "next":
            return tier_above(reached)
        case "reached":
            return reached
        case lowest:
            return higher(lowest, reached)
