"""How far topics and their readers have come, looked at and set from outside.

Used when a database was put back to an earlier moment while the broker went on. Reads
and sets offsets; what they mean is decided by the caller. Errors are those of aiokafka.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.topics import partitions

REQUEST_MS = 10_000
LARGEST = 12 * 1024 * 1024
TAIL = 20
"""So far before its end a partition is read to find its last message: what a
transaction leaves behind takes a place as well."""
LEFT_WITHIN = 60
"""Seconds in which the members of a group that has been stopped are forgotten."""

_HAS_MEMBERS = ("PreparingRebalance", "CompletingRebalance", "Stable")


class Again(NamedTuple):
    """A part of a topic that a group reads again: from `start`, up to before `end`.

    `gone` messages of it are no longer on the topic.
    """

    group: str
    topic: str
    partition: int
    start: int
    end: int
    gone: int


class Seen(NamedTuple):
    """A message as it lies on a topic."""

    headers: dict[str, str]
    body: bytes


async def committed(
    bootstrap: str, groups: Mapping[str, str]
) -> dict[str, dict[str, int]] | None:
    """How far each group has read its topic, by partition; None without a broker."""
    try:
        async with _admin(bootstrap) as admin:
            return {group: await _committed(admin, group) for group in groups}
    except (KafkaError, OSError):
        return None


async def set_back(
    bootstrap: str, group: str, topic: str, known: Mapping[int, int]
) -> list[Again]:
    """Let a group read a topic again, from what is known or else from its beginning.

    The group must have no members any more. Waits until they are forgotten.
    """
    await _until_left(bootstrap, group)
    async with _consumer(bootstrap, group) as consumer:
        places = _places(consumer, topic)
        first = await consumer.beginning_offsets(places)
        ends = await _ends(consumer, places)
        again = [
            _again(group, place, known.get(place.partition, 0), first[place], ends)
            for place in places
        ]
        starts = dict(zip(places, (each.start for each in again), strict=True))
        await consumer.commit(starts)
        return again


async def last_messages(bootstrap: str, topic: str) -> list[Seen]:
    """The last message of each partition of a topic that has any."""
    async with _consumer(bootstrap) as consumer:
        places = _places(consumer, topic)
        found: dict[int, Seen] = {}
        async for record in _tails(consumer, places):
            found[record.partition] = _seen(record)
        return list(found.values())


async def each_since(
    bootstrap: str,
    topic: str,
    since: datetime | None,
    take: Callable[[Sequence[Seen]], None],
) -> None:
    """Hand over every message put on a topic since then, in batches."""
    async with _consumer(bootstrap) as consumer:
        places = _places(consumer, topic)
        await _seek(consumer, places, since)
        async for records in _to_the_end(consumer, places):
            take([_seen(record) for record in records])


async def _committed(admin: AIOKafkaAdminClient, group: str) -> dict[str, int]:
    found = await admin.list_consumer_group_offsets(group)
    return {
        f"{place.topic}/{place.partition}": read.offset
        for place, read in found.items()
        if read.offset >= 0
    }


async def _seek(
    consumer: AIOKafkaConsumer, places: list[TopicPartition], since: datetime | None
) -> None:
    await consumer.seek_to_beginning(*places)
    if since is None:
        return
    at = int(since.timestamp() * 1000)
    found = await consumer.offsets_for_times(dict.fromkeys(places, at))
    for place, met in found.items():
        if met is None:
            await consumer.seek_to_end(place)
        else:
            consumer.seek(place, met.offset)


async def _to_the_end(
    consumer: AIOKafkaConsumer, places: list[TopicPartition]
) -> AsyncIterator[list[ConsumerRecord]]:
    ends = await consumer.end_offsets(places)
    while any([await consumer.position(place) < ends[place] for place in places]):
        batches = await consumer.getmany(timeout_ms=200, max_records=5_000)
        yield [record for batch in batches.values() for record in batch]


async def _tails(
    consumer: AIOKafkaConsumer, places: list[TopicPartition]
) -> AsyncIterator[ConsumerRecord]:
    first = await consumer.beginning_offsets(places)
    ends = await consumer.end_offsets(places)
    for place in places:
        consumer.seek(place, max(first[place], ends[place] - TAIL))
    async for records in _to_the_end(consumer, places):
        for record in records:
            yield record


async def _ends(
    consumer: AIOKafkaConsumer, places: list[TopicPartition]
) -> dict[TopicPartition, int]:
    """The offset after the last message of each partition; 0 where there is none."""
    ends = dict.fromkeys(places, 0)
    async for record in _tails(consumer, places):
        ends[TopicPartition(record.topic, record.partition)] = record.offset + 1
    return ends


def _again(
    group: str,
    place: TopicPartition,
    known: int,
    first: int,
    ends: Mapping[TopicPartition, int],
) -> Again:
    start = max(known, first)
    end = max(start, ends[place])
    gone = start - known if known else 0
    return Again(group, place.topic, place.partition, start, end, gone)


async def _until_left(bootstrap: str, group: str) -> None:
    """Wait until a group has no members. Raises `TimeoutError` if some stay."""
    async with _admin(bootstrap) as admin, asyncio.timeout(LEFT_WITHIN):
        while await _state(admin, group) in _HAS_MEMBERS:
            await asyncio.sleep(0.3)


async def _state(admin: AIOKafkaAdminClient, group: str) -> str:
    (answer,) = await admin.describe_consumer_groups([group])
    (described,) = answer.groups
    return str(described[2])


@asynccontextmanager
async def _admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(
        bootstrap_servers=bootstrap, request_timeout_ms=REQUEST_MS
    )
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


def _places(consumer: AIOKafkaConsumer, topic: str) -> list[TopicPartition]:
    """Every partition of a topic of the table, assigned for reading."""
    places = [TopicPartition(topic, number) for number in range(partitions(topic))]
    consumer.assign(places)
    return places


@asynccontextmanager
async def _consumer(
    bootstrap: str, group: str | None = None
) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group,
        enable_auto_commit=False,
        isolation_level="read_committed",
        request_timeout_ms=REQUEST_MS,
        max_partition_fetch_bytes=LARGEST,
        auto_offset_reset="earliest",
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


def _seen(record: Any) -> Seen:
    headers = {n: (v or b"").decode("utf-8", "replace") for n, v in record.headers}
    return Seen(headers, record.value or b"")
