"""The topics and their messages as an AsyncAPI 3.0 document, complete in itself.

Put together from the table of topics, who hears whom, and the classes of the messages.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from deploy.topics import Topic, read_topics
from services.compose import FOREIGN, HEARS
from services.schemas import headers, letters
from services.schemas.catalog import said_by
from services.schemas.components import INBOUND, KAFKA, messages, ref, schemas
from services.schemas.words import CONTRACT, both

MESSAGES = "#/components/messages/"

Object = dict[str, Any]


def asyncapi() -> Object:
    """The whole document."""
    topics = read_topics()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": both("info.title"),
            "version": CONTRACT,
            "description": both("info.topics"),
        },
        "defaultContentType": headers.JSON,
        "channels": {topic.name: _channel(topic) for topic in topics},
        "operations": dict(_operations(topics)),
        "components": {"messages": messages(), "schemas": schemas()},
    }


def _channel(topic: Topic) -> Object:
    return {
        "address": topic.name,
        "description": f"{topic.zh}\n\n{topic.en}",
        "messages": {name: ref(MESSAGES + name) for name in _names_on(topic.name)},
        "bindings": {"kafka": _binding(topic)},
    }


def _names_on(topic: str) -> list[str]:
    """The messages that may lie on a topic."""
    if topic in HEARS:
        return [kind.stored_name for kind in said_by(topic)]
    family = topic.partition(".")[0]
    if topic in FOREIGN:
        return [INBOUND[family]]
    return [f"notice.{template}" for template in letters.templates_of(family)]


def _binding(topic: Topic) -> Object:
    settings: Object = {
        name: int(value) if value.lstrip("-").isdigit() else [value]
        for name, value in topic.settings.items()
    }
    return {
        "partitions": topic.partitions,
        "topicConfiguration": settings,
        "bindingVersion": KAFKA,
    }


def _operations(topics: tuple[Topic, ...]) -> Iterator[tuple[str, Object]]:
    """Who of us writes to a topic, and who reads it."""
    for topic in (topic.name for topic in topics):
        if topic not in FOREIGN:
            who = topic if topic in HEARS else "notifications"
            yield f"{who}.writes.{topic}", _operation("send", topic, who)
        readers = [hearer for hearer, speakers in HEARS.items() if topic in speakers]
        for who in [FOREIGN[topic]] if topic in FOREIGN else readers:
            yield f"{who}.reads.{topic}", _operation("receive", topic, who)


def _operation(action: str, topic: str, who: str) -> Object:
    return {
        "action": action,
        "channel": ref(f"#/channels/{topic}"),
        "summary": both(f"operation.{action}", who=who, topic=topic),
        "messages": [
            ref(f"#/channels/{topic}/messages/{name}") for name in _names_on(topic)
        ],
    }
