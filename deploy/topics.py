"""The table of topics, and how it is brought to a broker.

The table is the truth: a missing topic is made, a setting that differs is set. The
number of partitions is never changed, since it decides which messages keep their order.
"""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from deploy.errors import TopicsNotApplied

TABLE = Path(__file__).with_name("topics.toml")
MOST_COPIES = 3
REQUEST_MS = 10_000
TOO_LONG = 30.0
PAUSE = 0.05


@dataclass(frozen=True)
class Topic:
    """A row of `topics.toml`."""

    name: str
    partitions: int
    settings: Mapping[str, str]
    zh: str
    en: str


@dataclass(frozen=True)
class Applied:
    """What became of one topic; details say which setting differed, and how."""

    topic: str
    outcome: Literal["created", "altered", "unchanged", "refused"]
    details: str = ""


def read_topics(path: Path = TABLE) -> tuple[Topic, ...]:
    """All topics, in the order of the table."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(
        _topic(name, row, table["kinds"][row["kind"]])
        for name, row in table["topics"].items()
    )


def partitions(topic: str) -> int:
    """How many partitions a topic of the table has."""
    return next(row.partitions for row in read_topics() if row.name == topic)


def _topic(name: str, row: Mapping[str, str], kind: Mapping[str, Any]) -> Topic:
    settings = {key: value for key, value in kind.items() if key != "partitions"}
    return Topic(name, int(kind["partitions"]), settings, row["zh"], row["en"])


async def apply(bootstrap: str, topics: Iterable[Topic]) -> tuple[Applied, ...]:
    """Make what is missing, set what differs, and wait until all can be used.

    A topic with another number of partitions is `refused`; the others are applied.
    """
    admin = AIOKafkaAdminClient(
        bootstrap_servers=bootstrap, request_timeout_ms=REQUEST_MS
    )
    try:
        async with asyncio.timeout(TOO_LONG):
            await admin.start()
            return await _apply(admin, tuple(topics))
    except (KafkaError, TimeoutError, OSError) as error:
        cause = type(error).__name__
        raise TopicsNotApplied("no_broker", bootstrap=bootstrap, cause=cause) from error
    finally:
        await admin.close()


async def _apply(
    admin: AIOKafkaAdminClient, topics: tuple[Topic, ...]
) -> tuple[Applied, ...]:
    there = await _partitions(admin)
    missing = [topic for topic in topics if topic.name not in there]
    made = await _create(admin, missing) if missing else {}
    old = [topic for topic in topics if topic.name not in made]
    changed = await _alter(admin, old, there) if old else {}
    await _until_usable(admin, {topic.name for topic in topics})
    return tuple((made | changed)[topic.name] for topic in topics)


async def _partitions(admin: AIOKafkaAdminClient) -> dict[str, int]:
    """Usable topics and how many partitions each has."""
    return {
        topic["topic"]: len(topic["partitions"])
        for topic in await admin.describe_topics()
        if all(part["leader"] >= 0 for part in topic["partitions"])
    }


async def _create(
    admin: AIOKafkaAdminClient, missing: list[Topic]
) -> dict[str, Applied]:
    brokers = len((await admin.describe_cluster())["brokers"])
    copies = min(MOST_COPIES, brokers)
    wanted = [
        NewTopic(
            topic.name, topic.partitions, copies, topic_configs=dict(topic.settings)
        )
        for topic in missing
    ]
    answer = await admin.create_topics(wanted)
    for name, code, _ in answer.topic_errors:
        if for_code(code) is not TopicAlreadyExistsError:
            _must_be_fine(name, code)
    return {topic.name: Applied(topic.name, "created") for topic in missing}


async def _alter(
    admin: AIOKafkaAdminClient, old: list[Topic], there: Mapping[str, int]
) -> dict[str, Applied]:
    found = await _settings(admin, old)
    results = {
        topic.name: _compare(topic, there[topic.name], found[topic.name])
        for topic in old
    }
    await _set(admin, [t for t in old if results[t.name].outcome == "altered"])
    return results


async def _set(admin: AIOKafkaAdminClient, topics: list[Topic]) -> None:
    """Set everything anew, and wait until the broker says so itself."""
    if not topics:
        return
    for answer in await admin.alter_configs(_resources(topics)):
        for code, _, _, name in answer.resources:
            _must_be_fine(name, code)
    wanted = {topic.name: dict(topic.settings) for topic in topics}
    while await _settings(admin, topics) != wanted:
        await asyncio.sleep(PAUSE)


def _must_be_fine(topic: str, code: int) -> None:
    if code:
        cause = for_code(code).__name__
        raise TopicsNotApplied("topic_refused", topic=topic, cause=cause)


def _resources(topics: list[Topic]) -> list[ConfigResource]:
    kind = ConfigResourceType.TOPIC
    return [ConfigResource(kind, topic.name, dict(topic.settings)) for topic in topics]


async def _settings(
    admin: AIOKafkaAdminClient, topics: list[Topic]
) -> dict[str, dict[str, str]]:
    answers = await admin.describe_configs(_resources(topics))
    return {
        name: {entry[0]: entry[1] for entry in entries}
        for answer in answers
        for _, _, _, name, entries in answer.resources
    }


def _compare(topic: Topic, partitions: int, found: Mapping[str, str]) -> Applied:
    if partitions != topic.partitions:
        details = f"partitions: {partitions} → {topic.partitions}"
        return Applied(topic.name, "refused", details)
    details = ", ".join(
        f"{key}: {found.get(key)} → {value}"
        for key, value in topic.settings.items()
        if found.get(key) != value
    )
    return Applied(topic.name, "altered" if details else "unchanged", details)


async def _until_usable(admin: AIOKafkaAdminClient, names: set[str]) -> None:
    while not names <= (await _partitions(admin)).keys():
        await asyncio.sleep(PAUSE)
