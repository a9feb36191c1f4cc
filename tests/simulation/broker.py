"""Kafka as the carrier sees it, in memory: partitions, offsets, and what is committed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import product, starmap
from typing import Any, NamedTuple

from aiokafka import TopicPartition

from shared.events.kafka import SUBSCRIBER
from tests.simulation.memory import Place

PARTITIONS = 2


class Record(NamedTuple):
    """A message as it lies on its topic."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Topics:
    """What survives everybody's end: the messages, and the offsets of groups."""

    def __init__(self, at: Place) -> None:
        self.at = at
        self.logs: dict[tuple[str, int], list[Record]] = defaultdict(list)
        self.committed: dict[tuple[str, str, int], int] = defaultdict(int)

    def add(
        self,
        topic: str,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]],
    ) -> None:
        log = self.logs[topic, partition]
        log.append(Record(topic, partition, len(log), key, value, headers))

    def has_more(self, group: str, topic: str) -> bool:
        """Whether a group whose name begins so has not committed all of a topic."""
        committed = {
            partition: offset
            for (name, found, partition), offset in self.committed.items()
            if found == topic and name.startswith(group)
        }
        return any(
            len(self.logs[topic, partition]) > committed.get(partition, 0)
            for partition in range(PARTITIONS)
        )


class Subscription(NamedTuple):
    """What a process does with the messages of some topics."""

    topics: tuple[str, ...]
    group: str
    handler: Callable[[Any], Awaitable[None]]


class MemoryBroker:
    """Stands in for FastStream's broker in one process: keeps its subscribers."""

    def __init__(self, *_: object, **__: object) -> None:
        self.subscriptions: list[Subscription] = []

    def subscriber(self, *topics: str, group_id: str, **_: object) -> Any:
        return _Subscriber(self, topics, group_id)


class _Subscriber:
    """Stands in for FastStream's, which wants its handler when it is called."""

    def __init__(self, broker: MemoryBroker, topics: tuple[str, ...], group: str):
        self._broker, self._topics, self._group = broker, topics, group
        self.get_msg = None

    def __call__(self, handler: Callable[[Any], Awaitable[None]]) -> None:
        found = Subscription(self._topics, self._group, handler)
        self._broker.subscriptions.append(found)


class Poll:
    """One process's place in one subscription: it fetches, hands over and commits.

    Not committed, the same comes again; another process may be further on.
    """

    def __init__(self, topics: Topics, of: Subscription) -> None:
        self._topics, self.of = topics, of
        self._next: dict[tuple[str, int], int] = {}

    def place(self, topic: str, partition: int) -> int:
        committed = self._topics.committed[self.of.group, topic, partition]
        return self._next.get((topic, partition), committed)

    def goes_back_to(self, topic: str, partition: int, offset: int) -> None:
        self._next[topic, partition] = offset

    def fetch(self, topics: Sequence[str], limit: int) -> list[Record]:
        limit = min(limit, SUBSCRIBER["max_records"])
        return [
            record
            for topic in topics
            for partition in range(PARTITIONS)
            for record in self._topics.logs[topic, partition][
                self.place(topic, partition) :
            ][:limit]
        ]

    async def hand_over(self, records: Sequence[Record]) -> None:
        self._next |= {(r.topic, r.partition): r.offset + 1 for r in records}
        await self.of.handler(_Batch(self, tuple(records)))

    def assignment(self) -> Iterable[TopicPartition]:
        """Every partition: in memory nothing is taken away from a member."""
        return starmap(TopicPartition, product(self.of.topics, range(PARTITIONS)))

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        self._topics.at("commit", self.of.group)
        for (topic, partition), offset in offsets.items():
            self._topics.committed[self.of.group, topic, partition] = offset


class _Batch(NamedTuple):
    """Stands in for FastStream's message, and for what it says of its consumer."""

    consumer: Poll
    raw_message: tuple[Record, ...]


class MemoryProducer:
    """Stands in for aiokafka's: what was sent is there, also if the reply is lost."""

    def __init__(self, topics: Topics) -> None:
        self._topics = topics

    async def partitions_for(self, _: str) -> range:
        return range(PARTITIONS)

    def create_batch(self) -> _Sending:
        return _Sending()

    async def send_batch(
        self, batch: _Sending, topic: str, *, partition: int
    ) -> Awaitable[None]:
        self._topics.at("send", topic)
        for key, value, headers in batch.messages:
            self._topics.add(topic, partition, key, value, headers)
        self._topics.at("sent", topic)
        return _done()

    async def stop(self) -> None:
        """Nothing to stop."""


class _Sending:
    def __init__(self) -> None:
        self.messages: list[tuple[bytes, bytes, Sequence[tuple[str, bytes]]]] = []

    def append(
        self,
        *,
        timestamp: None,
        key: bytes,
        value: bytes,
        headers: Sequence[tuple[str, bytes]],
    ) -> object:
        self.messages.append((key, value, headers))
        return self

    def close(self) -> None:
        """Nothing more comes."""


async def _done() -> None:
    """The acknowledgement."""
