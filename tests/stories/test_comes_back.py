"""What is killed in the middle comes back without a person, and the stories go on.

The same stories are told in a calm world; what the others come to must be the same.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import cast

import pytest

from tests.stories import handoffs, papers, rights
from tests.stories.bad_days import Guests, kill, kill_process, processes
from tests.stories.cases import FAMILY, NEIGHBOURS, POLICE, VILLAGE
from tests.stories.chronicle import Chronicle, chronicle
from tests.stories.conftest import Worlds
from tests.stories.embedded_world import EmbeddedWorld
from tests.stories.kafka_world import KafkaWorld
from tests.stories.telling import Pause, Story, Teller, tell
from tests.stories.world import World, wait_until

Deed = Callable[[], None]

SOME: tuple[Story, ...] = (
    handoffs.a_second_decline_is_decided_by_a_public_body,
    rights.violence_at_home_stays_with_the_police,
    rights.what_a_court_delegated_goes_back_to_it,
    papers.the_same_referral_comes_three_ways,
)
MANY = 40
DATABASE, SERVICES, BROKER, GUESTS = "database-", "services-", "broker-", "guests-"


def test_killed_services_and_a_killed_database(
    kafka: KafkaWorld, calm: Mapping[str, Chronicle]
) -> None:
    first, rest = ("intake", "escalation"), ("routing", "notifications", "audit")
    database = kafka.product.databases.server
    assert database
    before, database_before = processes(kafka), database.pid

    def kill_the_rest() -> None:
        kill_process(database_before)
        kill(kafka, *rest)

    deeds = {1: lambda: kill(kafka, *first), 3: kill_the_rest}
    found = told_amid(kafka, SERVICES, deeds)

    after = processes(kafka)
    assert {name for name in after if after[name] != before[name]} >= {*first, *rest}
    assert database.pid not in (None, database_before)
    assert_same(found, calm[SERVICES])


def test_a_killed_clock_fires_what_came_due_meanwhile(kafka: KafkaWorld) -> None:
    async def nobody_reviews_it(tell: Teller) -> None:
        case = await tell.refer(POLICE, **FAMILY)
        kill(kafka, "clock")
        kafka.house.database.advance(timedelta(days=1, seconds=1))
        wait_until(lambda: case.told("supervision.issued") != [], "a supervision order")

        await case.does(POLICE, "record_outcome", result="not_accepted")
        await case.is_closed_by(POLICE)

    kafka.begin()
    assert_well(tell(kafka, [nobody_reviews_it], prefixes=["clock-"]))


def test_a_killed_broker(kafka: KafkaWorld, calm: Mapping[str, Chronicle]) -> None:
    broker = kafka.product.broker
    assert broker
    before = broker.pid

    found = told_amid(kafka, BROKER, {2: broker.kill})

    assert broker.pid not in (None, before)
    assert_same(found, calm[BROKER])


def test_consumers_join_and_leave(
    kafka: KafkaWorld, calm: Mapping[str, Chronicle]
) -> None:
    guests = Guests(kafka)
    deeds: dict[int, Deed] = {
        5: guests.come,
        10: guests.wait_until_they_work,
        15: lambda: guests.leave(signal.SIGTERM),
        20: guests.come,
        25: guests.wait_until_they_work,
        30: lambda: guests.leave(signal.SIGKILL),
    }
    kafka.begin()
    story = many_disputes(lambda n: deeds.get(n, nothing)())
    assert_well(tell(kafka, [story], prefixes=[GUESTS]))

    assert_same(chronicle(kafka, GUESTS), calm[GUESTS])


def test_rubbish_between_services_is_put_aside_and_stops_nobody(
    kafka: KafkaWorld,
) -> None:
    kafka.outside.say("escalation", {"ce_type": "no.such.v1"}, b"{")
    kafka.deliver_the_rest()
    kafka.settle()

    parked_at = [
        name
        for name, inbox in kafka.house.inboxes().items()
        if any(message.body == b"{" for message in inbox.parked())
    ]
    assert parked_at == ["routing", "notifications", "audit"]


def test_a_killed_embedded_database(
    worlds: Worlds, calm: Mapping[str, Chronicle]
) -> None:
    world = cast(EmbeddedWorld, worlds.open("embedded"))
    server = world.product.databases.server
    assert server
    before = server.pid

    found = told_amid(world, DATABASE, {2: lambda: kill_process(server.pid)})

    assert server.pid not in (None, before)
    assert world.failures == []
    assert_same(found, calm[DATABASE])


@pytest.fixture
def kafka(worlds: Worlds) -> KafkaWorld:
    return cast(KafkaWorld, worlds.open("kafka"))


@pytest.fixture(scope="module")
def calm(worlds: Worlds) -> Iterator[Mapping[str, Chronicle]]:
    """What the stories come to where nothing ever happens."""
    with worlds.make("embedded") as world:
        assert_well(tell(world, [many_disputes(nothing)], prefixes=[GUESTS]))
        assert_well(tell(world, SOME, prefixes=[SERVICES, BROKER, DATABASE]))
        yield {
            prefix: chronicle(world, prefix)
            for prefix in (GUESTS, SERVICES, BROKER, DATABASE)
        }


def told_amid(world: World, prefix: str, deeds: Mapping[int, Deed]) -> Chronicle:
    """Some stories, with deeds done in some of the turns of their telling."""
    world.begin()
    ends = tell(
        world,
        SOME,
        prefixes=[prefix],
        meanwhile=lambda turn: deeds.get(turn, nothing)(),
    )
    assert_well(ends)
    return chronicle(world, prefix)


def many_disputes(before: Callable[[int], None]) -> Story:
    """So many referrals in a row, with something done before each."""

    async def many(tell: Teller) -> None:
        cases = [tell.case(POLICE, **NEIGHBOURS) for _ in range(MANY)]
        for number, case in enumerate(cases):
            before(number)
            case.is_sent()
        await Pause()
        for case in cases:
            case.has_done(VILLAGE, "accept")

    return many


def nothing(*_: int) -> None:
    """What is done most of the time."""


def assert_well(ends: Mapping[str, Exception | None]) -> None:
    for error in filter(None, ends.values()):
        raise error


def assert_same(found: Chronicle, calm: Chronicle) -> None:
    """The same came of it. Of a letter that was on its way when its sender was killed
    there may be a second copy under the same id.
    """
    assert found.rows == calm.rows
    assert found.stories == calm.stories
    assert found.notices == calm.notices
    assert found.parked == calm.parked
    assert sorted(set(found.letters)) == calm.letters
