"""Decisions of the sample region, to be explained."""

from __future__ import annotations

from datetime import datetime

from services.routing.directory import Directory
from services.routing.explaining.cases import Case
from services.routing.explaining.choices import Choices
from services.routing.explaining.search import Search
from services.routing.explaining.why_not import Ground
from services.routing.packs import Pack, PackDecider
from shared.calendar import SHANGHAI
from shared.events.escalation import RouteRequested
from shared.events.facts import Facts
from shared.events.routing import Routed
from shared.events.vocabulary import HandoffKind, RouteReason, Source
from shared.region import Region

MONDAY = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
REGION = Region.load("sample")
PACK = Pack.load("sample")
DECIDER = PackDecider(PACK)
DIRECTORY = Directory(REGION, PACK.resolution)
GROUND = Ground(DECIDER, DIRECTORY)
CODE = "330681-7KQ2-9XWM-4T0A-7"

NEIGHBOURS = Facts(
    source=Source.POLICE,
    sender="police-fengqiao",
    kind="neighbour",
    place="330681109201",
    persons=2,
    side=1,
    asked=HandoffKind.REFERRAL,
)


def case(facts: Facts = NEIGHBOURS, **more: object) -> Case:
    """A question as escalation asks it at first, or later with `more`."""
    told = {"request": 1, "reason": RouteReason.REGISTERED, "holder": facts.sender}
    asked = RouteRequested.model_validate({**told, "facts": facts, **more})
    return Case(asked, None, MONDAY)


def routed(one: Case | None = None) -> Routed:
    """The decision as routing records it."""
    return (one or case()).answer(DECIDER, DIRECTORY)


def search(one: Case, body: str) -> Search:
    targets = (REGION.bodies[body],)
    choices = Choices(PACK, DIRECTORY, MONDAY.date(), targets)
    return Search(one, DECIDER, choices, PACK.profiles)
