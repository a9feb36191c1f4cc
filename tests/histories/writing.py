"""Writes the history of a pack as it is now: `python -m tests.histories.writing sample`.

Questions are drawn by a fixed seed; kept is every one that has a row decide, or a step
told, that none before it had.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from services.routing.backtest.questions import Asking
from services.routing.directory import Directory
from services.routing.domain import NOT_TAKEN
from services.routing.packs import Pack, PackDecider
from shared.events.base import Recorded, system
from shared.events.facts import Facts, Money
from shared.events.routing import Asked, Routed
from shared.events.vocabulary import Flag, HandoffKind, RouteReason, Tier
from shared.region import Region
from tests.histories.kept import write

TRIES = 30_000
FROM = datetime(2026, 1, 1, tzinfo=UTC)


def main(name: str) -> None:
    region, pack = Region.load(name), Pack.load(name)
    write(pack.name, pack, region, chosen(region, pack))


def chosen(region: Region, pack: Pack) -> Iterator[Recorded]:
    """Decisions that together show every row that chance brings up."""
    decider, directory = PackDecider(pack), Directory.of(region, pack.head)
    draw, seen = random.Random(5), set[tuple[str, ...]]()
    for _ in range(TRIES):
        asking = drawn(draw, region, pack)
        event = asking.again(decider, directory)
        if new := shown(event) - seen:
            seen |= new
            at, dispute = asking.at, asking.dispute
            actor, cause = system("routing"), "escalation:3"
            yield Recorded("routing", dispute, 1, at, at, actor, cause, event)


def shown(event: Routed) -> set[tuple[str, ...]]:
    """What a decision shows: its rows, its steps by name, and how it ends."""
    rows = {(row.table, row.row) for row in event.rows}
    steps = {("step", step[0], str(event.action)) for step in event.steps}
    return rows | steps | {("body", str(event.lead))}


def drawn(draw: random.Random, region: Region, pack: Pack) -> Asking:
    senders = sorted(region.senders.values(), key=lambda sender: sender.body)
    sender = draw.choice(senders)
    source = draw.choice(sender.sources)
    facts = Facts(
        source=source,
        sender=sender.body,
        kind=draw.choice(sorted(pack.kinds)),
        place=draw.choice(sorted(d.code for d in region.divisions if len(d.code) > 4)),
        persons=2 + int(draw.expovariate(0.4)),
        side=1 + int(draw.expovariate(0.5)),
        amount=draw.choice([None, Money(yuan=Decimal(draw.randrange(10**7)) / 100)]),
        flags=tuple(flag for flag in Flag if draw.random() < 0.05),
        asked=draw.choice(pack.profiles[source].may_ask),
    )
    reason = draw.choice([RouteReason.REGISTERED, *RouteReason])
    bodies = sorted(region.bodies)
    asked = Asked(
        holder=draw.choice([sender.body, sender.body, draw.choice(bodies)]),
        tier=draw.choice([None, *Tier]),
        declines=draw.choice([0, 0, 1, 2, 3]),
        not_taken=draw.choice([*HandoffKind]) if reason in NOT_TAKEN else None,
        passed_over=(draw.choice(bodies),) if reason in NOT_TAKEN else (),
    )
    at = FROM + timedelta(minutes=draw.randrange(300 * 24 * 60))
    return Asking(UUID(int=draw.getrandbits(128)), 1, at, reason, facts, asked)


if __name__ == "__main__":
    main(sys.argv[1])
