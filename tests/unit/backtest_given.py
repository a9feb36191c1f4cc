"""A past that was never there: questions of the sample region and what was decided."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from services.routing.backtest.questions import Asking
from services.routing.directory import Directory
from services.routing.dmn.model import HitPolicy
from services.routing.domain import NOT_TAKEN
from services.routing.packs import Pack, PackDecider
from services.routing.packs.archive import Content, packed
from shared.acceptors import Acceptor, Away
from shared.events import wire
from shared.events.base import Recorded, system
from shared.events.facts import Facts, Money
from shared.events.routing import Asked
from shared.events.vocabulary import Flag, HandoffKind, RouteReason, Tier
from shared.region import Region

REGION = Region.load("sample")
PACK = Pack.load("sample")
DECIDER = PackDecider(PACK)
DIRECTORY = Directory(REGION, PACK.resolution)
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)

money = st.decimals(0, 10**12, places=2).map(lambda yuan: Money(yuan=yuan))
moments = st.integers(-1_500_000, 500_000).map(lambda n: AT + timedelta(minutes=n))


@st.composite
def askings(draw):
    """Any question, also such as no dispute would ever lead to."""
    senders = [
        (s.body, source) for s in REGION.senders.values() for source in s.sources
    ]
    sender, source = draw(st.sampled_from(senders))
    bodies = st.sampled_from(sorted(REGION.bodies))
    places = [one.code for one in REGION.divisions if len(one.code) >= 6]
    facts = Facts(
        source=source,
        sender=sender,
        kind=draw(st.sampled_from([*REGION.kinds, "unheard_of"])),
        place=draw(st.sampled_from(places)),
        persons=draw(st.integers(2, 60)),
        side=draw(st.integers(1, 40)),
        amount=draw(st.none() | money),
        flags=tuple(draw(st.lists(st.sampled_from(Flag), unique=True, max_size=3))),
        asked=draw(st.sampled_from(HandoffKind)),
        prior_failed=tuple(draw(st.lists(bodies, max_size=2))),
    )
    reason = draw(st.sampled_from(RouteReason))
    refused = st.sampled_from(HandoffKind) if reason in NOT_TAKEN else st.none()
    asked = Asked(
        holder=draw(st.just(sender) | bodies),
        tier=draw(st.none() | st.sampled_from(Tier)),
        declines=draw(st.integers(0, 3)),
        not_taken=draw(refused),
        passed_over=tuple(draw(st.lists(bodies, max_size=2))),
    )
    dispute = UUID(int=draw(st.integers(0, 2**128 - 1)))
    return Asking(dispute, 1, draw(moments), reason, facts, asked)


def with_absences(region):
    """The region, in which at every second body nobody answers for four days."""
    away = Away(first=AT.date(), last=AT.date() + timedelta(days=3))
    post = Acceptor(acceptor="desk", valid_from=AT.date(), away=(away,))
    bodies = {
        id: body.model_copy(update={"acceptors": (post,)} if number % 2 else {})
        for number, (id, body) in enumerate(sorted(region.bodies.items()))
    }
    return replace(region, bodies=bodies)


def crowd(region, seed, many):
    """Many questions that are much alike, so that few differences tell them apart.

    All are of one county, from bodies there that could be found themselves, on days
    when somebody may be away.
    """
    draw = random.Random(seed)
    codes = sorted(division.code for division in region.divisions)
    counties = Counter(code[:6] for code in codes if len(code) > 6)
    county = counties.most_common(1)[0][0]
    near = sorted(b.id for b in region.bodies.values() if b.place.startswith(county))
    senders = draw.sample(near, min(8, len(near)))
    places = draw.sample([code for code in codes if code.startswith(county)], 2)
    kinds = draw.sample(sorted(region.kinds), 5)
    turns = sorted(
        {
            day
            for body in region.bodies.values()
            for post in body.acceptors
            for away in post.away
            for day in (away.first, away.last)
            if day
        }
    )
    members = (m for body in region.bodies.values() for m in body.members)
    organisations = sorted({member.organisation for member in members})
    for number in range(many):
        sender, day = draw.choice(senders), draw.choice(turns)
        reason = draw.choice(["registered", "declined", "holder_asked"])
        refused = reason == "declined"
        moment = datetime(day.year, day.month, day.day, draw.randrange(24), tzinfo=UTC)
        yield plain(
            number,
            reason=reason,
            source=draw.choice(["police", "hotline", "court"]),
            sender=sender,
            kind=draw.choice(kinds),
            place=draw.choice(places),
            organisation=draw.choice([None, None, None, *organisations]),
            flags=tuple(flag for flag in Flag if draw.random() < 0.01),
            holder=draw.choice([sender, *senders[:3]]),
            tier=draw.choice([None, "village", "town"]),
            declines=int(refused),
            not_taken="referral" if refused else None,
            passed_over=(draw.choice(senders),) if refused else (),
        )._replace(at=moment + timedelta(days=draw.randrange(-2, 3)))


def plain(number=1, request=1, **changes):
    """A question about an ordinary dispute, with changes to its facts or its asking."""
    facts = {
        "source": "police",
        "sender": "police-fengqiao",
        "kind": "neighbour",
        "place": "330681109201",
        "persons": 2,
        "side": 1,
        "asked": "referral",
    }
    asked = {"holder": "police-fengqiao"}
    reason = changes.pop("reason", RouteReason.REGISTERED)
    for name in changes:
        (asked if name in Asked.model_fields else facts)[name] = changes[name]
    return Asking(
        UUID(int=number),
        request,
        AT,
        RouteReason(reason),
        Facts.model_validate(facts),
        Asked.model_validate(asked),
    )


def decided(asking, decider=DECIDER, directory=DIRECTORY):
    """What was decided then, as routing recorded it."""
    routed = asking.again(decider, directory)
    return Recorded(
        "routing",
        asking.dispute,
        asking.request,
        asking.at,
        asking.at,
        system("routing"),
        "escalation:3",
        routed,
    )


class Histories:
    """The history of a service, as its store would give it."""

    def __init__(self, recorded, store=1):
        self.store_id = UUID(int=store)
        self.stored = [
            (
                position,
                one.dispute,
                one.version,
                one.event.stored_name,
                wire.written(one),
            )
            for position, one in enumerate(recorded, 1)
        ]

    def after(self, position, names, limit):
        found = [one for one in self.stored if one[0] > position and one[3] in names]
        return found[:limit]


def with_rules(change, table="lead", policy=HitPolicy.FIRST):
    """The pack with other rules in a table."""
    decisions = tuple(
        replace(
            one,
            logic=replace(one.logic, rules=change(one.logic.rules), policy=policy),
        )
        if one.name == table
        else one
        for one in PACK.model.decisions
    )
    return repacked(replace(PACK.model, decisions=decisions))


def repacked(model=PACK.model, **head):
    """The pack with another model, or with other settings in its head."""
    told = PACK.head.model_copy(update=head)
    return Pack.restored(packed(Content(told, model, PACK.clocks, PACK.handoffs)))


def without_row(row, table="lead"):
    """The pack with one row left out."""
    return with_rules(lambda rules: tuple(r for r in rules if r.id != row), table)


def with_cell(row, output, value, table="terms"):
    """The pack with another output in a row."""
    place = [one.name for one in PACK.tables[table].outputs].index(output)

    def change(rules):
        return tuple(changed(rule) if rule.id == row else rule for rule in rules)

    def changed(rule):
        told = [*rule.outputs]
        told[place] = f'"{value}"'
        return replace(rule, outputs=tuple(told))

    return with_rules(change, table)
