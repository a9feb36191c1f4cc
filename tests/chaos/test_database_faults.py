"""The database is killed, cut off, silent or locked: nothing is lost, all come back.

Every service reaches it by a wire that can be cut. None of them is started anew for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple
from uuid import uuid4

import httpx
import psycopg
import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local.postgres import EmbeddedPostgres
from services.serve import NAMES
from shared.events import kafka
from shared.events.base import Actor
from shared.events.database import Connection, Database
from shared.events.errors import DatabaseAwayError
from shared.events.kafka import Foreign, KafkaCarrier
from shared.events.loop import Pause
from tests.chaos.client import Client
from tests.chaos.ledger import Referral
from tests.chaos.network import Wire, to_postgres, url_by
from tests.chaos.product import Product
from tests.stories.bad_days import kill_process
from tests.stories.cases import NEIGHBOURS, POLICE
from tests.stories.world import PATIENCE, wait_until

KILLS = 3
AT_ONCE = 50
"""More requests than a service has threads for them."""
LOCK = "LOCK TABLE {0}.{0}_events IN SHARE UPDATE EXCLUSIVE MODE"
"""What VACUUM takes."""
TIMED_OUT = "canceling statement due to lock timeout"


class Hurt(NamedTuple):
    """A product, the database it works with, and the wire between them."""

    product: Product
    database: EmbeddedPostgres
    wire: Wire

    def processes(self) -> dict[str, int | None]:
        return {name: self.product.alive()[name] for name in NAMES}

    def asked(self, path: str, times: int = 1) -> set[bool]:
        """What all services answer to a probe, asked so often at once: well, or not.

        No answer within a few seconds is none, as it is for whoever runs them.
        """
        urls = [self.product.url(name) + path for name in NAMES for _ in range(times)]
        with ThreadPoolExecutor(AT_ONCE) as together:
            return set(together.map(_is_well, urls))

    def all_ready(self) -> bool:
        return self.asked("/readyz") == {True}

    def none_ready(self) -> bool:
        return self.asked("/readyz") == {False}

    def all_alive(self) -> bool:
        return self.asked("/livez") == {True}

    def refer(self, client: Client, name: str) -> httpx.Response:
        """Ask once for one referral to be registered."""
        ledger = client.ledger
        said = Referral(POLICE, f"{name}-{ledger.seed}")
        ledger.sent(said)
        told = {**said._asdict(), **NEIGHBOURS}
        url = f"{self.product.url('intake')}/referrals"
        answer = httpx.post(url, json=told, timeout=60)
        if answer.is_success:
            ledger.acknowledged(said, answer.text)
        return answer

    @contextmanager
    def locked(self, service: str) -> Iterator[None]:
        """Somebody holds VACUUM's lock on a service's table of events."""
        with psycopg.connect(self.database.url) as connection:
            connection.execute(LOCK.format(service).encode())
            yield

    def timed_out(self) -> int:
        """How many statements the server has given up for a lock."""
        return self.database.log.read_text("utf-8", "replace").count(TIMED_OUT)


@pytest.fixture(scope="module")
def hurt() -> Iterator[Hurt]:
    """Not below pytest's own folder, which it closes to the user of the database."""
    with (
        TemporaryDirectory(prefix="fengqiao-", ignore_cleanup_errors=True) as folder,
        EmbeddedPostgres(Path(folder) / "server") as database,
        to_postgres(database.url) as wire,
    ):
        database.watch()
        url = url_by(wire, database.url)
        with Product(Path(folder) / "product", database_url=url) as product:
            yield Hurt(product, database, wire)


@pytest.fixture(scope="module")
def product(hurt: Hurt) -> Product:
    """Of this file: its own, behind the wire."""
    return hurt.product


@pytest.fixture(autouse=True)
def same_processes(hurt: Hurt) -> Iterator[None]:
    """Whatever happens to the database, no service ends because of it."""
    before = hurt.processes()
    yield
    assert hurt.processes() == before


def test_a_killed_database_loses_nothing_that_was_acknowledged(
    hurt: Hurt, client: Client
) -> None:
    with client.load():
        for _ in range(KILLS):
            before = hurt.database.pid
            kill_process(before)
            wait_until(
                lambda before=before: hurt.database.pid not in (None, before),  # type: ignore[misc]
                "another server",
            )
            wait_until(hurt.all_ready, "all ready again")


def test_a_silent_database_that_then_hangs_up(hurt: Hurt, client: Client) -> None:
    with client.load():
        with hurt.wire.dead():
            wait_until(hurt.none_ready, "none ready")
            assert hurt.all_alive()
        wait_until(hurt.all_ready, "all ready again")

    wait_until(lambda: hurt.asked("/readyz", AT_ONCE) == {True}, "no thread that hangs")


def test_nobody_waits_for_ever_for_a_silent_server(
    hurt: Hurt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Connection, "within", 0.5)
    database = Database(url_by(hurt.wire, hurt.database.url))
    database.open()
    before = database.now()
    with hurt.wire.dead(), pytest.raises(DatabaseAwayError):
        database.now()
    assert database.now() == before
    database.close()


def test_a_lost_reply_to_a_commit_is_looked_up(hurt: Hurt, client: Client) -> None:
    before = hurt.wire.lost
    with hurt.wire.losing_commits(lambda: True):
        first = hurt.refer(client, "lost")
    again = hurt.refer(client, "lost")

    assert hurt.wire.lost > before
    assert first.is_success, first.text
    assert (again.status_code, again.json()) == (200, first.json())


def test_many_lost_replies_to_commits_double_nothing(
    hurt: Hurt, client: Client, chance: Random
) -> None:
    before = hurt.wire.lost
    first = iter([True])  # one in any case, however few commits so many share
    with hurt.wire.losing_commits(lambda: next(first, chance.random() < 0.2)):
        client.send(30)

    assert hurt.wire.lost > before


def test_a_locked_table_of_events_is_told_after_one_attempt(
    hurt: Hurt, client: Client
) -> None:
    before = hurt.timed_out()
    with hurt.locked("intake"):
        answer = hurt.refer(client, "locked")

    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:fengqiao:problem:database-locked"
    assert hurt.timed_out() == before + 1
    assert hurt.refer(client, "locked").status_code == 201


def test_who_cannot_record_what_it_hears_waits_until_it_can(
    hurt: Hurt, client: Client
) -> None:
    before = hurt.timed_out()
    with hurt.locked("escalation"):
        assert hurt.refer(client, "waits").status_code == 201
        wait_until(lambda: hurt.timed_out() >= before + 2, "two refused attempts")


@pytest.mark.anyio
async def test_rubbish_that_comes_while_the_database_is_away_is_parked_after(
    hurt: Hurt, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is committed meanwhile, and before each attempt is a longer pause."""
    bin_ = Bin(hurt)
    monkeypatch.setattr(kafka, "Pause", bin_.pause)
    carrier = KafkaCarrier(bin_.bootstrap, "test", pytest.fail)
    carrier.enter(bin_.topic, bin_.group, bin_.enter)
    await bin_.make_topic()
    await carrier.start()
    with hurt.wire.cut():
        await bin_.put(b"{")
        await until(lambda: len(bin_.pauses) >= 2)
        assert await bin_.committed() is None
    await until(lambda: bin_.parked() == 1)
    while await bin_.committed() != 1:
        await asyncio.sleep(0.05)
    await carrier.stop()

    bin_.empty()
    assert bin_.attempts == len(bin_.pauses) + 1
    assert all(2 * short <= long for short, long in pairwise(bin_.pauses))


class Bin:
    """A topic with rubbish, and what intake makes of it: how often, after what pauses."""

    def __init__(self, hurt: Hurt) -> None:
        self.bootstrap = hurt.product.product.bootstrap
        self.topic = f"referrals.{uuid4().hex[:8]}"
        self.group = f"intake-from-{self.topic}"
        self.attempts, self.pauses = 0, list[float]()
        self._house = hurt.product.house
        self._house.database.pool.timeout = 0.5  # for a database that is away
        self._entrance = self._house.entrance("intake")

    def enter(self, messages: Sequence[Foreign]) -> None:
        self.attempts += 1
        self._entrance(messages)

    def pause(self) -> Pause:
        return _Noted(self.pauses)

    def parked(self) -> int:
        """How many messages wait for a person."""
        return len(self._house.inbox("intake").parked())

    def empty(self) -> None:
        """A person looks at the one message and throws it away."""
        (found,) = self._house.inbox("intake").parked()
        clerk = Actor(body=POLICE, person="样例经办-9")
        self._house.release(found.message, by=clerk, why="rubbish", discard=True)

    async def make_topic(self) -> None:
        async with self._admin() as admin:
            await admin.create_topics([NewTopic(self.topic, 1, 1)])

    async def put(self, body: bytes) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap) as producer:
            await producer.send_and_wait(self.topic, body)

    async def committed(self) -> int | None:
        """How far the group says that it has come."""
        async with self._admin() as admin:
            found = await admin.list_consumer_group_offsets(self.group)
        committed = found.get(TopicPartition(self.topic, 0))
        return committed.offset if committed else None

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()


class _Noted(Pause):
    def __init__(self, pauses: list[float]) -> None:
        super().__init__()
        self._pauses = pauses

    def next(self) -> float:
        self._pauses.append(super().next())
        return self._pauses[-1]


def _is_well(url: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(url, timeout=4).is_success
    return False


async def until(holds: Callable[[], bool]) -> None:
    """Return as soon as it holds. Fails if it never does."""
    end = time.monotonic() + PATIENCE
    while not await asyncio.to_thread(holds):
        assert time.monotonic() < end, "did not come about in time"
        await asyncio.sleep(0.05)
