"""No dispute goes round for ever, whoever has tried, is away, or whose member it is."""

from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random

import pytest

from services.routing.directory import Directory
from services.routing.packs import Pack, PackDecider
from services.routing.policy import react
from shared.acceptors import Acceptor, Away
from shared.events.escalation import RouteRequested
from shared.events.facts import Facts
from shared.events.vocabulary import Flag, HandoffKind, RouteReason
from shared.region import Region
from tests.unit.chains_given import longest_way

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
LONG_AGO = date(2020, 1, 1)
AWAY = Acceptor(acceptor="desk", valid_from=LONG_AGO, away=(Away(first=LONG_AGO),))
DISPUTES = 150


def some_facts(random, region, organisations):
    sender = random.choice(sorted(region.senders))
    side = random.choice((1, 1, 5, 30))
    return Facts(
        sender=sender,
        source=random.choice(region.senders[sender].sources),
        kind=random.choice(sorted(region.kinds)),
        place=random.choice([one.code for one in region.divisions]),
        persons=side + 1,
        side=side,
        flags=tuple(random.sample([*Flag], random.choice((0, 0, 1, 2)))),
        asked=random.choice([*HandoffKind]),
        prior_failed=tuple(random.sample(sorted(region.bodies), random.randrange(7))),
        organisation=random.choice([None, *organisations]),
    )


def with_some_away(random, region):
    """The region while nobody answers at a tenth of its bodies."""
    away = set(random.sample(sorted(region.bodies), len(region.bodies) // 10))
    bodies = {
        name: body.model_copy(update={"acceptors": (AWAY,)}) if name in away else body
        for name, body in region.bodies.items()
    }
    return replace(region, bodies=bodies)


@pytest.mark.parametrize("name", ["sample", "shaoxing", "changji", "otog", "beijing"])
def test_every_chain_ends(name):
    pack, region, random = Pack.load(name), Region.load(name), Random(name)
    decider = PackDecider(pack)
    bodies = region.bodies.values()
    organisations = sorted({one.organisation for b in bodies for one in b.members})
    for _ in range(DISPUTES):
        directory = Directory(with_some_away(random, region), pack.resolution)

        def answer(asked, before, directory=directory):
            return next(react(asked, before, AT, decider, directory))

        facts = some_facts(random, region, organisations)
        first = RouteRequested(
            request=1, reason=RouteReason.REGISTERED, facts=facts, holder=facts.sender
        )
        assert longest_way(first, answer) <= 24, facts
