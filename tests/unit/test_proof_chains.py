"""What the proof thinks becomes of a dispute is what routing really answers."""

from datetime import UTC, datetime
from random import Random

from services.routing.directory import Directory
from services.routing.domain import Decisions
from services.routing.packs import Pack, PackDecider
from services.routing.policy import react
from services.routing.proof.axes import Axis
from services.routing.proof.futures import Futures
from services.routing.proof.pack_world import USUAL, codes, world_of
from services.routing.proof.smallest import Smallest
from services.routing.proof.spots import Spots
from services.routing.proof.web import Web
from shared.events.escalation import RouteRequested
from shared.events.facts import Facts
from shared.events.vocabulary import Flag
from shared.region import Region

PACK, REGION = Pack.load("sample"), Region.load("sample")
WEB = Web(PACK.graph, world_of(PACK, REGION))
DAY = max(PACK.valid_from, REGION.head.valid_from)
AT = datetime(DAY.year, DAY.month, DAY.day, 4, tzinfo=UTC)
DECIDER, DIRECTORY = PackDecider(PACK), Directory(REGION, PACK.resolution)
NOBODY = "somebody-far-away"
VILLAGE = "330681109201"


def the_future():
    futures = Futures(PACK, REGION, WEB, Smallest(WEB, USUAL))
    spots = Spots(REGION, DAY)
    alike = spots.alike({place: futures.seen(place) for place in codes(REGION)})
    village = next(one for one in alike if VILLAGE in one.places)
    return futures.at(village, spots.senders(village), None)


def some_steps(future, count):
    """Steps drawn from all, each with the cases that come there."""
    steps = [
        step for found in future.exploring.steps.values() for step in found.values()
    ]
    return Random(7).sample(steps, count)


def a_case(future, step, random):
    """One of the cases, and the body that sent it."""
    width = future.exploring.width
    places = [n for n in range(step.cases.bit_length()) if step.cases >> n & 1]
    block, fold = divmod(random.choice(places), width)
    return future.case(block, fold), future.blocks[block].sender or NOBODY


def the_facts(case, place, sender):
    known = {
        WEB.axes[number].name: WEB.axes[number].value(one)
        for number, one in case.facts
        if isinstance(WEB.axes[number], Axis)
    }
    side = int(known.get("side", 1))
    return Facts(
        source=known["source"],
        sender=sender,
        kind=known["kind"] or "unknown-kind",
        place=place,
        persons=max(int(known["persons"]), side),
        side=side,
        flags=tuple(flag for flag in Flag if known.get(str(flag))),
        asked=known["asked"],
    )


def the_answer(here, facts):
    asked = RouteRequested(
        request=1,
        reason=here.reason,
        facts=facts,
        holder=here.holder or facts.sender,
        tier=here.tier,
        declines=here.declines,
        passed_over=tuple(sorted(here.passed_over)),
        tried=tuple(sorted(body or facts.sender for body in here.tried)),
    )
    before = Decisions(asked_at=here.asked_at, asked_as=here.asked_as)
    return next(react(asked, before, AT, DECIDER, DIRECTORY))


def test_routing_answers_as_the_proof_says():
    future, random = the_future(), Random(8)
    compared = 0
    for step in some_steps(future, 400):
        case, sender = a_case(future, step, random)
        if step.found.to_sender and sender == NOBODY:
            continue
        routed = the_answer(step.here, the_facts(case, VILLAGE, sender))
        told = as_told(routed)
        assert told == as_thought(step.found, sender), (step.here, case.facts, sender)
        compared += 1
    assert compared > 300


def as_told(routed):
    return routed.action, routed.lead, routed.designator, routed.dispatches


def as_thought(found, sender):
    lead = sender if found.to_sender else found.lead and found.lead.id
    who = found.designator and found.designator.id
    return found.action, lead, who, found.dispatches
