"""Letters as CloudEvents messages on topics, for the systems of other bodies.

Knows no broker: what publishes is handed in. Without one, a folder plays the topics.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from pydantic_core import from_json, to_json

from services.notifications.channels.base import ChannelError, Letter
from services.notifications.channels.file_drop import put_once

SOURCE = "/fengqiao/notices"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,200}", re.ASCII)


class Publish(Protocol):
    """Puts a message on a topic and returns once it is kept there, or raises."""

    def __call__(
        self, topic: str, key: bytes, headers: Mapping[str, str], body: bytes, /
    ) -> None: ...


class TopicOutlet:
    """Sends a letter to the topic that is its address."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish

    def send(self, letter: Letter) -> None:
        topic = letter.address
        if not _NAME.fullmatch(topic):
            raise ChannelError("no-such-topic", retry=False)
        subject = str(letter.dispute)
        headers = {
            "ce_specversion": "1.0",
            "ce_id": str(letter.notice),
            "ce_source": SOURCE,
            "ce_type": letter.type,
            "ce_subject": subject,
            "ce_time": letter.queued_at.isoformat(),
            "content-type": "application/json",
        }
        self._publish(topic, subject.encode(), headers, to_json(letter.data()))


class FolderOfTopics:
    """Plays the topics of the embedded product: a folder each, a file per message."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(
        self, topic: str, key: bytes, headers: Mapping[str, str], body: bytes, /
    ) -> None:
        message = {"key": key.decode(), "headers": headers, "body": from_json(body)}
        path = self._folder / topic / f"{headers['ce_id']}.json"
        try:
            put_once(path, to_json(message, indent=2) + b"\n")
        except OSError as error:
            raise ChannelError(f"file-{type(error).__name__}", retry=True) from error
