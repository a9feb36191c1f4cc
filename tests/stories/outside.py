"""Kafka as outside bodies see it: what they say and read, and who reads what they said.

Runs in a thread of its own. Knows topics and groups, nothing of disputes.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.topics import Topic
from shared.events.kafka import LARGEST_MESSAGE, Foreign

SECOND_COPY = "x-second-copy"
WITHIN = 120.0

Result = TypeVar("Result")


class Outside:
    """A client of a broker. What a broker that is away prevents, it tries again."""

    def __init__(self, bootstrap: str, topics: Iterable[Topic]) -> None:
        self._bootstrap = bootstrap
        self._partitions = {topic.name: range(topic.partitions) for topic in topics}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="outside")
        self._thread.start()
        self._doubler: Doubler | None = None
        self._call(self._start())

    def stop(self) -> None:
        self._call(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def say(self, topic: str, headers: Mapping[str, str], body: bytes | None) -> None:
        """Put a message on a topic; those of one sender keep their order."""
        key = headers.get("ce_source", topic).encode()
        pairs = [(name, value.encode()) for name, value in headers.items()]
        self._call(self._say(topic, key, pairs, body))

    def read(self, *prefixes: str) -> list[Foreign]:
        """Everything on the topics whose names begin so."""
        return self._call(
            self._read([t for t in self._partitions if t.startswith(prefixes)])
        )

    def unread(self, groups: Mapping[str, Sequence[str]]) -> list[str]:
        """The groups that have not read their topic to its end."""
        try:
            return self._call(self._unread(groups))
        except KafkaError:
            return list(groups)

    def members(self, group: str) -> int:
        """How many consumers share a group's topic."""
        return self._call(self._members(group))

    def double(self, topics: Iterable[str]) -> None:
        """From now on every message on these topics is put there once more."""
        places = self._places(topics)
        self._doubler = Doubler(self._bootstrap, places)
        self._call(self._doubler.start())

    def has_doubled(self) -> bool:
        """Whether everything that is there is there twice."""
        return self._doubler is None or self._call(self._doubler.is_done())

    def _call(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WITHIN)

    async def _start(self) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            acks="all",
            enable_idempotence=True,
            max_request_size=LARGEST_MESSAGE,
        )
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap, enable_auto_commit=False
        )
        self._admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
        await self._producer.start()
        await self._consumer.start()
        await self._admin.start()

    async def _stop(self) -> None:
        if self._doubler:
            await self._doubler.stop()
        await self._producer.stop()
        await self._consumer.stop()
        await self._admin.close()

    async def _say(
        self,
        topic: str,
        key: bytes,
        headers: list[tuple[str, bytes]],
        body: bytes | None,
    ) -> None:
        while True:
            with suppress(KafkaError):
                await self._producer.send_and_wait(topic, body, key, headers=headers)
                return

    async def _unread(self, groups: Mapping[str, Sequence[str]]) -> list[str]:
        found = []
        for group, topics in groups.items():
            places = self._places(topics)
            ends = await self._consumer.end_offsets(places)
            read = await self._admin.list_consumer_group_offsets(group)
            offsets = {place: committed.offset for place, committed in read.items()}
            if any(offsets.get(place, 0) < ends[place] for place in places):
                found.append(group)
        return found

    async def _members(self, group: str) -> int:
        (answer,) = await self._admin.describe_consumer_groups([group])
        (described,) = answer.groups
        return len(described[5])

    async def _read(self, topics: list[str]) -> list[Foreign]:
        places = self._places(topics)
        reader = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap, enable_auto_commit=False
        )
        await reader.start()
        reader.assign(places)
        await reader.seek_to_beginning(*places)
        ends = await reader.end_offsets(places)
        found: list[Foreign] = []
        while any([await reader.position(place) < ends[place] for place in places]):
            batches = await reader.getmany(timeout_ms=200)
            found += [_told(record) for batch in batches.values() for record in batch]
        await reader.stop()
        return found

    def _places(self, topics: Iterable[str]) -> list[TopicPartition]:
        return [
            TopicPartition(topic, number)
            for topic in topics
            for number in self._partitions[topic]
        ]


class Doubler:
    """Puts every message of some partitions there once more, unchanged but marked."""

    def __init__(self, bootstrap: str, places: list[TopicPartition]) -> None:
        self._places, self._bootstrap = places, bootstrap
        self._copies = 0

    async def start(self) -> None:
        self._producer = AIOKafkaProducer(bootstrap_servers=self._bootstrap)
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap, enable_auto_commit=False
        )
        await self._producer.start()
        await self._consumer.start()
        self._consumer.assign(self._places)
        await self._consumer.seek_to_beginning(*self._places)
        self._task = asyncio.create_task(self._double())

    async def stop(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        await self._producer.stop()
        await self._consumer.stop()

    async def is_done(self) -> bool:
        if self._task.done():
            self._task.result()
        ends = await self._consumer.end_offsets(self._places)
        return bool(sum(ends.values()) == 2 * self._copies)

    async def _double(self) -> None:
        while True:
            batches = await self._consumer.getmany(timeout_ms=200)
            for record in [r for batch in batches.values() for r in batch]:
                if SECOND_COPY not in dict(record.headers):
                    await self._put_again(record)

    async def _put_again(self, record: ConsumerRecord) -> None:
        await self._producer.send_and_wait(
            record.topic,
            record.value,
            record.key,
            record.partition,
            headers=[*record.headers, (SECOND_COPY, b"1")],
        )
        self._copies += 1


def _told(record: ConsumerRecord) -> Foreign:
    headers = {name: value.decode() for name, value in record.headers}
    return Foreign(record.topic, record.partition, record.offset, headers, record.value)
