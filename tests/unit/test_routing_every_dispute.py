"""Every possible dispute gets one decision that can be carried out, and ends."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from services.routing.decider import Question
from services.routing.directory import Directory
from services.routing.domain import Decisions
from services.routing.packs import Pack, PackDecider
from services.routing.policy import react
from services.routing.searching import OWN
from shared.events.clocks import OnBreach
from shared.events.escalation import RouteRequested
from shared.events.facts import Facts
from shared.events.routing import Action, Routed
from shared.events.vocabulary import (
    SAFETY,
    Flag,
    HandoffKind,
    RouteReason,
    Tier,
)
from shared.region import Region
from tests.unit.chains_given import longest_way

REGION = Region.load("sample")
RULES = PackDecider(Pack.load("sample"))
DIRECTORY = Directory(REGION)
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)
TIERS = (None, *Tier)
PLACES = [division.code for division in REGION.divisions]
SENDERS = [(s.body, source) for s in REGION.senders.values() for source in s.sources]
BY_LAW = (RouteReason.PARTY_REFUSED, RouteReason.PARTY_CHOSE_LAW)

facts = st.builds(
    lambda sender, **more: Facts(sender=sender[0], source=sender[1], **more),
    sender=st.sampled_from(SENDERS),
    kind=st.sampled_from(sorted(REGION.kinds)),
    place=st.sampled_from([*PLACES, "110101", "330681109299"]),
    persons=st.integers(2, 200),
    side=st.integers(1, 199),
    flags=st.lists(st.sampled_from(Flag), unique=True, max_size=3).map(tuple),
    asked=st.sampled_from(HandoffKind),
    prior_failed=st.lists(st.sampled_from(sorted(REGION.bodies)), max_size=2).map(
        tuple
    ),
)
questions = st.builds(
    RouteRequested,
    request=st.just(1),
    reason=st.sampled_from(RouteReason),
    facts=facts,
    holder=st.sampled_from(sorted(REGION.bodies)),
    tier=st.sampled_from(TIERS),
    declines=st.integers(0, 3),
    passed_over=st.lists(st.sampled_from(sorted(REGION.bodies)), max_size=3).map(tuple),
    tried=st.lists(st.sampled_from(sorted(REGION.bodies)), max_size=3).map(tuple),
)
decided_before = st.builds(
    Decisions,
    asked_at=st.sampled_from(TIERS),
    asked_as=st.sampled_from((None, *HandoffKind)),
)
NOTHING = Decisions()


def answer(asked: RouteRequested, before: Decisions = NOTHING) -> Routed:
    (event,) = react(asked, before, AT, RULES, DIRECTORY)
    assert isinstance(event, Routed)
    return event


@settings(max_examples=600, deadline=None)
@given(questions, decided_before)
def test_every_question_gets_one_decision_that_can_be_carried_out(asked, before):
    can_be_carried_out(asked, answer(asked, before))


asked_of_rules = st.builds(
    Question,
    reason=st.sampled_from(RouteReason),
    facts=facts,
    tier=st.sampled_from(TIERS),
    declines=st.integers(0, 3),
    not_taken=st.sampled_from((None, *HandoffKind)),
    with_sender=st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(asked_of_rules)
def test_what_is_explained_is_what_was_decided(question):
    decision = RULES.decide(question)
    told = {one.name: one.fired[0].id for one in RULES.explain(question)}
    rows = {row.table: row.row for row in (*decision.rows, decision.nobody.row)}
    assert rows.items() <= told.items()


def test_every_dispute_of_every_sender_and_kind_at_every_place():
    for (sender, source), kind, place in product(SENDERS, REGION.kinds, PLACES):
        for asked_for in REGION.profiles[source].may_ask:
            asked = registered(sender, source, kind, place, asked_for)
            can_be_carried_out(asked, answer(asked))


def test_every_movement_of_every_source_and_flag_is_decided():
    """All reasons and single flags, at both ends of tiers and declines."""
    movements = [*product(RouteReason, (None, "county"), (0, 2), (True, False))]
    for these in plain_facts():
        for reason, tier, declines, with_sender in movements:
            question = Question(
                reason=reason,
                facts=these,
                tier=tier,
                declines=declines,
                with_sender=with_sender,
            )
            is_sound(question, RULES.decide(question))


def plain_facts():
    flags = [(), *((flag,) for flag in Flag)]
    kinds = ("neighbour", "wage_arrears")
    for profile, kind, flag in product(REGION.profiles.values(), kinds, flags):
        for asked_for in profile.may_ask:
            yield Facts(
                source=profile.source,
                sender="police-fengqiao",
                kind=kind,
                place="330681109201",
                persons=2,
                side=1,
                flags=flag,
                asked=asked_for,
            )


def is_sound(question, decision):
    flags, reason = set(question.facts.flags), question.reason
    moved_on = decision.action is Action.OFFER and not decision.to_sender
    if flags & SAFETY and reason not in (RouteReason.HOLDER_ASKED, *BY_LAW):
        assert not moved_on, (question, decision)
    if reason in BY_LAW:
        assert decision.action is Action.LAW or decision.to_sender
    if reason in (RouteReason.DECLINED, RouteReason.LAPSED) and question.declines >= 2:
        assert decision.action is not Action.OFFER, (question, decision)
    if decision.to_sender:
        assert not decision.may_decline
    for clock in decision.clocks:
        assert clock.legal_basis
        assert clock.on_breach is not OnBreach.LAPSE


def can_be_carried_out(asked, routed):
    bodies = [routed.lead, routed.designator, *routed.co_handlers]
    for body in filter(None, bodies):
        assert REGION.bodies[body].in_force(DAY)
    assert routed.rows
    assert routed.versions == {
        "table": RULES.version,
        "directory": REGION.digest,
        "calendar": DIRECTORY.calendar.version,
    }
    match routed.action:
        case Action.OFFER:
            assert routed.kind
            assert routed.answer
            offered_to_somebody_fit(asked, routed)
        case Action.DESIGNATE:
            assert REGION.bodies[routed.designator].public
            assert routed.designator not in asked.tried
            assert routed.lead != routed.designator
            assert routed.tier
        case Action.LAW:
            assert routed.routes
        case Action.STAY:
            assert not routed.lead


def offered_to_somebody_fit(asked, routed):
    lead = REGION.bodies[routed.lead]
    if routed.kind is HandoffKind.RETURN_HANDOFF:
        assert lead.id == asked.facts.sender
        assert not routed.may_decline
        return
    assert lead.id not in (*asked.passed_over, *asked.tried)
    assert lead.id != asked.facts.sender or asked.facts.source in OWN
    assert lead.id not in asked.facts.prior_failed
    assert lead.is_for(asked.facts.kind)
    assert routed.lead not in routed.co_handlers
    office_work = {HandoffKind.FORWARD, HandoffKind.ASSIGN_WITH_REPORT}
    if not {routed.kind, asked.facts.asked} & office_work:
        assert lead.mediates or routed.dispatches
    assert bool(routed.clocks) is not routed.dispatches


def registered(sender, source, kind, place, asked_for, flags=()):
    return RouteRequested(
        request=1,
        reason=RouteReason.REGISTERED,
        facts=Facts(
            source=source,
            sender=sender,
            kind=kind,
            place=place,
            persons=2,
            side=1,
            flags=flags,
            asked=asked_for,
        ),
        holder=sender,
    )


def answer_checked(asked: RouteRequested, before: Decisions) -> Routed:
    routed = answer(asked, before)
    can_be_carried_out(asked, routed)
    return routed


def test_every_chain_of_declines_deadlines_and_failures_ends():
    senders = {source: sender for sender, source in reversed(SENDERS)}
    places = ("330681109201", "330681", "652324100201", "652324")
    for source, sender in senders.items():
        for kind, place in product(("neighbour", "contract", "consumer_other"), places):
            for asked_for in REGION.profiles[source].may_ask:
                for flags in ((), (Flag.GROUP,), (Flag.VIOLATION,)):
                    first = registered(sender, source, kind, place, asked_for, flags)
                    assert longest_way(first, answer_checked) <= 16
