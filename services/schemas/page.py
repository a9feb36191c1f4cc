"""The AsyncAPI document as one plain page: no script, no picture, nothing from outside.

So it opens from a disk on an office network. It shows only what the document says.
"""

from __future__ import annotations

from html import escape
from importlib import resources
from typing import Any

from services.schemas.html import (
    links,
    paragraphs,
    schema_of,
    table,
    type_of,
    word,
)
from services.schemas.words import both

Object = dict[str, Any]
_SECTIONS = ("topics", "headers", "messages", "types")
_HEADS = (
    *("topic", "about", "writers", "readers", "message"),
    *("partitions", "kept", "largest"),
)
_HEADERS = ("EventHeaders", "LetterHeaders")
_DAY = 24 * 60 * 60 * 1000
_MIB = 1024 * 1024


def page(document: Object) -> str:
    """The whole page, in HTML."""
    schemas: Object = document["components"]["schemas"]
    bodies = {
        "topics": _topics(document),
        "headers": "".join(schema_of(name, schemas[name]) for name in _HEADERS),
        "messages": _messages(document),
        "types": "".join(
            schema_of(name, found)
            for name, found in sorted(schemas.items())
            if name not in _HEADERS
        ),
    }
    frame = (resources.files("services.schemas") / "page.html").read_text("utf-8")
    return frame.format(
        title=escape(document["info"]["title"]),
        version=escape(document["info"]["version"]),
        about=paragraphs(document["info"]["description"]),
        contents="".join(_entry(section) for section in _SECTIONS),
        body="".join(_section(name, bodies[name]) for name in _SECTIONS),
    )


def _entry(section: str) -> str:
    return f'<li><a href="#{section}">{word(section)}</a></li>\n'


def _section(name: str, body: str) -> str:
    return f'<h2 id="{name}">{word(name)}</h2>\n{body}'


def _topics(document: Object) -> str:
    rows = [
        [
            f'<code id="topic-{name}">{name}</code>',
            paragraphs(channel["description"]),
            _who(document, name, "send"),
            _who(document, name, "receive"),
            links("message", channel["messages"]),
            *_settings(channel["bindings"]["kafka"]),
        ]
        for name, channel in document["channels"].items()
    ]
    return table(_HEADS, rows)


def _who(document: Object, topic: str, action: str) -> str:
    """Who of us writes or reads a topic; if nobody does, outside bodies do."""
    found = [
        name.partition(".")[0]
        for name, operation in document["operations"].items()
        if operation["action"] == action
        and operation["channel"]["$ref"] == f"#/channels/{topic}"
    ]
    return escape(", ".join(found)) or word("outside")


def _settings(binding: Object) -> list[str]:
    settings = binding["topicConfiguration"]
    kept = settings["retention.ms"]
    largest = settings["max.message.bytes"] // _MIB
    days = both("page.days", days=kept // _DAY)
    return [
        str(binding["partitions"]),
        word("for_good") if kept < 0 else escape(days),
        f"{largest} MiB",
    ]


def _messages(document: Object) -> str:
    messages = document["components"]["messages"]
    return "".join(
        f'<h3 id="message-{name}">{escape(message["title"])}</h3>\n'
        f"<p><code>{name}</code></p>\n{paragraphs(message.get('description', ''))}"
        f"<p>{word('on')}: {links('topic', _topics_of(document, name))}</p>\n"
        f"<p>{word('type')}: {type_of(message['payload'])}</p>\n"
        for name, message in sorted(messages.items())
    )


def _topics_of(document: Object, message: str) -> list[str]:
    channels = document["channels"]
    return [topic for topic in channels if message in channels[topic]["messages"]]
