"""Events over a real broker: nothing lost, nothing doubled, bad messages parked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local.kafka import LocalKafka
from shared.events import kafka
from shared.events.base import Actor
from shared.events.database import Database
from shared.events.inbox import Inbox
from shared.events.kafka import Foreign, KafkaCarrier
from tests.delivery.counting import Counted, Counting, Doubling

CLERK = Actor(body="court-zhuji", person="clerk-7")
PATIENCE = 60

pytestmark = pytest.mark.anyio


class Pair:
    """A speaker and a hearer on topics of their own, and ways to start carriers."""

    def __init__(self, database: Database, broker: LocalKafka) -> None:
        self.database, self.bootstrap = database, broker.bootstrap
        suffix = uuid4().hex[:8]
        self.speaking = _named(Counting, f"counting_{suffix}")(database)
        self.hearing = _named(Doubling, f"doubling_{suffix}")(database)
        for service in (self.speaking, self.hearing):
            service._scripts = list
            service.migrate()
        self.inbox = Inbox(self.hearing)
        self.failed: list[str] = []

    def carrier(self, *, relay: bool = True) -> KafkaCarrier:
        carrier = KafkaCarrier(self.bootstrap, "test", self.failed.append)
        carrier.hear(Inbox(self.hearing), [self.speaking.name])
        if relay:
            carrier.relay(self.speaking)
        return carrier

    def count(self, dispute: UUID, number: int) -> None:
        self.speaking.decide(
            dispute, str(uuid4()), lambda _: [Counted(number=number)], actor=CLERK
        )

    def at_rest(self) -> bool:
        return kafka.is_heard(Inbox(self.speaking), [self.inbox])


def _named(kind: type, name: str) -> type:
    return type(kind.__name__, (kind,), {"name": name})


@pytest.fixture
def pair(database: Database, broker: LocalKafka) -> Iterator[Pair]:
    found = Pair(database, broker)
    asyncio.run(_make_topics(broker.bootstrap, [found.speaking.name]))
    yield found
    assert found.failed == []
    found.speaking.close()
    found.hearing.close()


async def _make_topics(bootstrap: str, names: list[str]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(name, 4, 1) for name in names])
    await admin.close()


async def until(condition, *values) -> None:
    end = time.monotonic() + PATIENCE
    while not await asyncio.to_thread(condition, *values):
        assert time.monotonic() < end, "did not come about in time"
        await asyncio.sleep(0.05)


async def test_what_is_recorded_is_published_and_heard_in_order(pair):
    disputes = [uuid4() for _ in range(20)]
    carrier = pair.carrier()
    await carrier.start()
    for number in range(10):
        await asyncio.to_thread(lambda n=number: [pair.count(d, n) for d in disputes])

    await until(pair.at_rest)
    await carrier.stop()

    assert all(
        pair.hearing.state(d).numbers == tuple(range(0, 20, 2)) for d in disputes
    )


async def test_members_that_join_and_leave_lose_and_double_nothing(pair):
    disputes = [uuid4() for _ in range(30)]
    first = pair.carrier()
    await first.start()
    for number in range(4):
        await asyncio.to_thread(lambda n=number: [pair.count(d, n) for d in disputes])
        guest = pair.carrier(relay=False)
        await guest.start()
        await asyncio.to_thread(lambda n=number: [pair.count(d, n) for d in disputes])
        await guest.stop()

    await until(pair.at_rest)
    await first.stop()

    expected = tuple(2 * n for n in range(4) for _ in range(2))
    assert all(pair.hearing.state(d).numbers == expected for d in disputes)


async def test_two_relays_of_one_store_publish_what_one_would(pair):
    dispute = uuid4()
    carriers = [pair.carrier() for _ in range(2)]
    for carrier in carriers:
        await carrier.start()
    for number in range(50):
        await asyncio.to_thread(pair.count, dispute, number % 10)

    await until(pair.at_rest)
    for carrier in carriers:
        await carrier.stop()

    assert pair.hearing.state(dispute).numbers == tuple(range(0, 20, 2)) * 5


async def test_poison_between_good_messages_is_parked_and_stops_nobody(pair):
    topic, good = pair.speaking.name, uuid4()
    carrier = pair.carrier()
    await carrier.start()
    await asyncio.to_thread(pair.count, good, 1)
    await until(pair.at_rest)
    producer = AIOKafkaProducer(bootstrap_servers=pair.bootstrap)
    await producer.start()
    poison = [
        (b"{", []),
        (None, []),
        (b"\xff\xfe", [("ce_type", b"\xff"), ("ce_source", b"\xfe")]),
        (b"{}", [("ce_source", b"/fengqiao/x/y"), ("ce_id", b"1")]),
    ]
    for body, headers in poison:
        await producer.send_and_wait(topic, body, b"k", partition=0, headers=headers)
    await producer.stop()
    await asyncio.to_thread(pair.count, good, 2)

    await until(pair.at_rest)
    await until(lambda: len(pair.inbox.parked()) == len(poison))
    await carrier.stop()

    assert pair.hearing.state(good).numbers == (2, 4)


async def test_a_foreign_message_reaches_its_entrance_whatever_it_holds(pair):
    topic = f"referrals.{uuid4().hex[:8]}"
    await _make_topics(pair.bootstrap, [topic])
    arrived: list[Foreign] = []
    carrier = KafkaCarrier(pair.bootstrap, "test", pair.failed.append)
    carrier.enter(topic, f"intake-from-{topic}", arrived.extend)
    await carrier.start()
    producer = AIOKafkaProducer(
        bootstrap_servers=pair.bootstrap, max_request_size=kafka.LARGEST_MESSAGE
    )
    await producer.start()
    bodies = [b"{}", None, b"\xff", b"x" * 10_000_00, b"[" * 9000]
    for body in bodies:
        await producer.send_and_wait(topic, body, b"k", headers=[("h", b"\xff")])
    await producer.stop()

    await until(lambda: len(arrived) >= len(bodies))
    await carrier.stop()

    assert sorted(map(repr, (m.body for m in arrived))) == sorted(map(repr, bodies))
    assert {m.headers["h"] for m in arrived} == {"\\xff"}


async def test_a_failing_entrance_ends_the_process_and_commits_nothing(
    database, broker
):
    topic = f"referrals.{uuid4().hex[:8]}"
    await _make_topics(broker.bootstrap, [topic])
    failed: list[str] = []

    def broken(_):
        raise ZeroDivisionError

    carrier = KafkaCarrier(broker.bootstrap, "test", failed.append)
    carrier.enter(topic, f"g-{topic}", broken)
    await carrier.start()
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap)
    await producer.start()
    await producer.send_and_wait(topic, b"1")
    await producer.stop()
    await until(lambda: bool(failed))
    await carrier.stop()

    arrived: list[Foreign] = []
    again = KafkaCarrier(broker.bootstrap, "test", failed.append)
    again.enter(topic, f"g-{topic}", arrived.extend)
    await again.start()
    await until(lambda: len(arrived) == 1)
    await again.stop()


async def test_what_was_processed_is_committed_while_running_and_before_the_end(
    pair, broker
):
    carrier = pair.carrier()
    await carrier.start()
    await asyncio.to_thread(pair.count, uuid4(), 1)
    await _until_committed(pair, broker, 1)

    await asyncio.to_thread(pair.count, uuid4(), 2)
    await until(pair.at_rest)
    await carrier.stop()

    await _until_committed(pair, broker, 2)


async def _until_committed(pair: Pair, broker: LocalKafka, count: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    try:
        end = time.monotonic() + PATIENCE
        committed = -1
        while committed != count:
            assert time.monotonic() < end, f"{committed} committed, not {count}"
            group = f"{pair.hearing.name}-hears"
            offsets = await admin.list_consumer_group_offsets(group)
            committed = sum(max(0, found.offset) for found in offsets.values())
    finally:
        await admin.close()
