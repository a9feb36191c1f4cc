"""How a body is reached (送达渠道)."""

from __future__ import annotations

from enum import StrEnum

from shared.events.base import Value


class ChannelKind(StrEnum):
    """How a body is told something."""

    FILE = "file"
    TOPIC = "topic"
    WEBHOOK = "webhook"
    EMAIL = "email"


class Channel(Value):
    """A way to a body. The address is a folder, a topic, a URL or an e-mail address."""

    kind: ChannelKind
    address: str
