"""The table of topics is the truth, and a broker is brought to it."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from deploy.errors import TopicsNotApplied
from deploy.local.kafka import LocalKafka
from deploy.local.ports import free_port
from deploy.topics import Applied, Topic, apply, read_topics

TOPICS = read_topics()


def applied(broker: LocalKafka, *topics: Topic) -> tuple[Applied, ...]:
    return asyncio.run(apply(broker.bootstrap, topics))


def test_every_topic_of_the_table_was_made_and_a_second_time_nothing_changes(
    broker: LocalKafka,
) -> None:
    outcomes = {result.topic: result.outcome for result in applied(broker, *TOPICS)}
    assert outcomes == {topic.name: "unchanged" for topic in TOPICS}


def test_a_setting_that_differs_is_set_and_told(broker: LocalKafka) -> None:
    (topic,) = (topic for topic in TOPICS if topic.name == "receipts.other")
    shorter = dict(topic.settings) | {"retention.ms": "1000"}
    there_and_back = [
        applied(broker, dataclasses.replace(topic, settings=shorter)),
        applied(broker, topic),
    ]
    assert there_and_back == [
        (Applied(topic.name, "altered", "retention.ms: 7776000000 → 1000"),),
        (Applied(topic.name, "altered", "retention.ms: 1000 → 7776000000"),),
    ]


def test_the_number_of_partitions_is_never_changed(broker: LocalKafka) -> None:
    wider = dataclasses.replace(TOPICS[0], partitions=9)
    results = applied(broker, wider)
    assert results == (Applied("intake", "refused", "partitions: 4 → 9"),)


def test_a_setting_that_kafka_refuses_is_told_with_its_topic(
    broker: LocalKafka,
) -> None:
    wrong = Topic("wrong", 1, {"cleanup.policy": "burn"}, "错", "wrong")
    with pytest.raises(TopicsNotApplied, match="wrong") as caught:
        applied(broker, wrong)
    assert caught.value.facts["topic"] == "wrong"


def test_a_broker_that_is_not_there_is_told_with_what_to_do() -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    with pytest.raises(TopicsNotApplied, match="FENGQIAO_KAFKA"):
        asyncio.run(apply(nowhere, TOPICS))
