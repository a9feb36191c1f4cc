"""Why not that body: every change that is told leads there, and none is forgotten.

The whole product answers here, rules and directory; brute force tries every value.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.routing.explaining.facts import FACTS, NUMBERS
from services.routing.explaining.search import values_of
from services.routing.explaining.worlds import changed
from shared.divisions import is_county
from shared.events.facts import Facts, Money
from shared.events.vocabulary import Flag, HandoffKind, RouteReason, Source, Tier
from tests.unit.explaining_given import (
    DECIDER,
    DIRECTORY,
    MONDAY,
    PACK,
    REGION,
    case,
    routed,
    search,
)

PLACES = [
    d.code
    for d in REGION.divisions
    if d.in_force(MONDAY.date()) and (len(d.code) > 6 or is_county(d.code))
]
BODIES = sorted(REGION.bodies)
VALUES = {
    "kind": [*PACK.kinds],
    "side": [1, 2, 4, 5, 9, 10, 11, 60],
    "persons": [1, 2, 3, 5, 6, 10, 11, 12, 90],
    "amount": [None, Decimal(1), Decimal("50000.01"), Decimal(10**9)],
    "organisation": [None, "chamber-of-nobody"],
    "asked": [*HandoffKind],
    "declines": [0, 1, 2, 3, 7],
    "tier": [None, *Tier],
    "reason": [*RouteReason],
    "with_sender": [True, False],
    "not_taken": [None, *HandoffKind],
    "source": [*Source],
    "place": PLACES,
    **{str(flag): [True, False] for flag in Flag},
}
GENTLY = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@st.composite
def cases(draw):
    source = draw(st.sampled_from(Source))
    senders = [b for b, s in REGION.senders.items() if source in s.sources]
    side = draw(st.sampled_from([1, 1, 2, 6, 12]))
    facts = Facts(
        source=source,
        sender=draw(st.sampled_from(senders or BODIES)),
        kind=draw(st.sampled_from([*PACK.kinds])),
        place=draw(st.sampled_from(PLACES)),
        persons=side + draw(st.sampled_from([1, 2, 5])),
        side=side,
        amount=draw(st.none() | st.just(Money(yuan=Decimal(3000)))),
        flags=tuple(draw(st.sets(st.sampled_from(Flag), max_size=2))),
        asked=draw(st.sampled_from(PACK.profiles[source].may_ask)),
        prior_failed=tuple(draw(st.sets(st.sampled_from(BODIES), max_size=1))),
    )
    tier = draw(st.none() | st.sampled_from([Tier.VILLAGE, Tier.TOWN]))
    return case(facts, tier=tier)


def leads_to(world, body):
    told = world.answer(DECIDER, DIRECTORY)
    return body in (told.lead, told.designator)


def values_in(choice):
    """Its values; of a range of numbers both ends and what lies far inside."""
    if choice.low is None and choice.high is None:
        return choice.members
    low = choice.low if choice.low is not None else choice.value
    high = choice.high if choice.high is not None else low + 1000
    kind = type(choice.value)
    return (kind(low), kind((low + high) // 2), kind(high), choice.value)


def covers(hit, world):
    """Whether this hit tells of the changes of a world, or of some of them."""
    told = {fact.name: choice for fact, choice in hit.changes.items()}
    return all(
        name in world and _within(told[name], world[name], name in NUMBERS)
        for name in told
    )


def _within(choice, value, is_number):
    if value in choice.members or not is_number or value is None:
        return value in choice.members
    if choice.value is None:
        return False
    low = choice.low if choice.low is not None else value
    high = choice.high if choice.high is not None else value
    return low <= value <= high


@given(cases(), st.sampled_from(BODIES))
@GENTLY
def test_every_change_that_is_told_leads_to_that_body(one, body):
    asked = search(one, body)
    if asked.led(routed(one)):
        return
    for hit in asked.hits():
        assert len(hit.changes) <= 2
        last = [*hit.changes][-1]
        for value in values_in(hit.changes[last]):
            values = {**values_of(hit.changes), last: value}
            world = changed(one, values, PACK.profiles)
            assert world is None or leads_to(world, body)
        assert leads_to(changed(one, values_of(hit.changes), PACK.profiles), body)


@given(cases(), st.sampled_from(BODIES))
@GENTLY
def test_no_single_fact_leads_there_that_is_not_told(one, body):
    asked = search(one, body)
    if asked.led(routed(one)):
        return
    hits = asked.hits()
    for fact in FACTS:
        for value in VALUES[fact.name]:
            world = changed(one, {fact: value}, PACK.profiles)
            if value != fact.of(one) and world and leads_to(world, body):
                assert any(covers(hit, {fact.name: value}) for hit in hits)


@pytest.mark.parametrize(
    ("body", "more"),
    [
        ("police-fengqiao", {}),
        ("judicial-fengqiao", {}),
        ("justice-zhuji", {}),
        ("room-court-manas", {}),
        ("court-zhuji", {"source": Source.COURT, "sender": "court-zhuji"}),
        ("pmc-zhuji", {"flags": (Flag.CRIMINAL,), "side": 12, "persons": 20}),
    ],
)
def test_no_two_facts_lead_there_that_are_not_told(body, more):
    one = case(case().facts.model_copy(update=more))
    hits = search(one, body).hits()
    told_of = {fact for hit in hits if len(hit.changes) == 1 for fact in hit.changes}
    for first, second in combinations(FACTS, 2):
        if any(hit_is_open(hit) for hit in hits if len(hit.changes) == 1):
            return  # then the nearest changes are single ones, and only these are told
        for world in pairs(one, first, second):
            values = {first.name: world[first], second.name: world[second]}
            made = changed(one, world, PACK.profiles)
            if made and leads_to(made, body):
                assert any(covers(hit, values) for hit in hits), (values, told_of)


def hit_is_open(hit):
    return all(fact.standing == "open" for fact in hit.changes)


def pairs(one, first, second):
    for value in VALUES[first.name]:
        for other in VALUES[second.name]:
            if value != first.of(one) and other != second.of(one):
                yield {first: value, second: other}
