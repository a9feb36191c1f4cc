"""The local Kafka keeps its messages and its port, whoever kills what."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from deploy.errors import CannotStart
from deploy.local import kafka_files
from deploy.local.kafka import LocalKafka
from tests.deploy.waiting import wait_until


async def send(broker: LocalKafka, topic: str, text: str) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=broker.bootstrap, request_timeout_ms=5_000, acks="all"
    )
    await producer.start()
    try:
        await producer.send_and_wait(topic, text.encode())
    finally:
        await producer.stop()


async def read_one(broker: LocalKafka, topic: str) -> str:
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=broker.bootstrap,
        group_id=None,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        async with asyncio.timeout(20):
            return bytes((await consumer.getone()).value).decode()
    finally:
        await consumer.stop()


async def topics_after_asking_for(broker: LocalKafka, name: str) -> set[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    try:
        await admin.describe_topics([name])
        return set(await admin.list_topics())
    finally:
        await admin.close()


def test_a_misspelt_topic_is_not_made_by_asking_for_it(broker: LocalKafka) -> None:
    there = asyncio.run(topics_after_asking_for(broker, "intaek"))
    assert ("intake" in there, "intaek" in there) == (True, False)


def test_a_killed_broker_comes_back_on_its_port_with_its_messages(
    broker: LocalKafka,
) -> None:
    asyncio.run(send(broker, "notifications", "before the kill"))
    address, first = broker.bootstrap, broker.pid
    broker.kill()
    assert broker.pid is None
    assert broker.ensure()
    assert (broker.bootstrap, broker.pid != first) == (address, True)
    assert asyncio.run(read_one(broker, "notifications")) == "before the kill"


def test_a_watched_broker_comes_back_without_a_person(broker: LocalKafka) -> None:
    broker.watch(every=0.05)
    broker.kill()
    wait_until(lambda: broker.pid is not None and not broker.ensure())


def test_two_users_share_one_broker_and_the_first_out_leaves_it_running(
    broker: LocalKafka,
) -> None:
    with LocalKafka(broker.data) as second:
        assert (second.bootstrap, second.pid) == (broker.bootstrap, broker.pid)
    assert broker.pid is not None


def test_a_broker_that_cannot_start_shows_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "topics").mkdir()
    (tmp_path / "topics" / "meta.properties").write_text("version=7\n")
    with pytest.raises(CannotStart, match="ERROR") as caught:
        LocalKafka(tmp_path).start()
    assert caught.value.reason == "died_at_start"


def test_a_port_that_is_taken_is_said_at_once(
    broker: LocalKafka, tmp_path: Path
) -> None:
    taken = int(broker.bootstrap.rpartition(":")[2])
    with pytest.raises(CannotStart, match=str(taken)) as caught:
        LocalKafka(tmp_path, port=taken).start()
    assert caught.value.reason == "port_taken"


def test_a_cluster_id_is_never_taken_for_an_option() -> None:
    made = [kafka_files.cluster_id() for _ in range(500)]
    assert not [one for one in made if one.startswith("-")]
    assert {len(one) for one in made} == {22}
