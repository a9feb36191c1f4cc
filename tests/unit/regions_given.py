"""What the rules and the directory of a shipped region answer to a dispute."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from services.routing.decider import Decision, Question
from services.routing.directory import Directory
from services.routing.packs import Pack, PackDecider
from services.routing.sought import Sought, Told
from shared.bodies import Body, BodyKind
from shared.events.facts import Facts
from shared.events.vocabulary import HandoffKind, RouteReason, Source, Tier
from shared.region import Region

SHIPPED = resources.files("shared") / "regions"
NAMES = ["shaoxing", "changji", "otog", "beijing"]
DAY = date(2026, 3, 2)

pack, region = cache(Pack.load), cache(Region.load)


class Answer(NamedTuple):
    decision: Decision
    lead: Body | None
    co_handlers: tuple[str, ...]

    @property
    def row(self) -> str:
        return next(row.row for row in self.decision.rows if row.table == "lead")


def ask(
    name: str,
    kind: str,
    place: str,
    *,
    reason: RouteReason = RouteReason.REGISTERED,
    tier: Tier | None = None,
    organisation: str | None = None,
    **more: object,
) -> Answer:
    """What the region's rules and directory answer to a dispute of two people."""
    usual = {"source": Source.OWN_APPLICATION, "sender": "", "persons": 2, "side": 1}
    told = {**usual, "asked": HandoffKind.REFERRAL, "kind": kind, "place": place}
    facts = Facts.model_validate(told | more)
    question = Question(facts=facts, reason=reason, tier=tier)
    decision = PackDecider(pack(name)).decide(question)
    sent = {facts.sender: Told.SENT_IT}
    sought = Sought(decision.bodies, kind, place, DAY, decision.from_tier, sent)
    sought = sought._replace(organisation=organisation, sender=facts.sender)
    directory = Directory(region(name), pack(name).resolution)
    lead = directory.find(sought).body
    invited = sought._replace(kinds=decision.co_handlers, from_tier=None, skip={})
    but = [lead.id] if lead else []
    return Answer(decision, lead, directory.co_handlers(invited, but))


def lead(name: str, kind: str, place: str, **more: Any) -> str:
    found = ask(name, kind, place, **more).lead
    assert found
    return found.id


def bodies(name: str, kind: BodyKind) -> list[Body]:
    return [body for body in region(name).bodies.values() if body.kind is kind]
