"""Letters as CloudEvents messages on topics, for the systems of other bodies.

Knows no broker: what publishes is handed in. Without one, a folder plays the topics.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from pydantic_core import from_json, to_json

from services.notifications.channels.base import ChannelError, Letter
from services.notifications.channels.file_drop import not_taken
from services.notifications.channels.files import File, put_all

SOURCE = "/fengqiao/notices"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,200}", re.ASCII)


class Outgoing(NamedTuple):
    """A message on its way to a topic."""

    topic: str
    key: bytes
    headers: Mapping[str, str]
    body: bytes


class Publish(Protocol):
    """Puts messages on topics; returns, once each is kept there or not, why not."""

    def __call__(
        self, messages: Sequence[Outgoing], /
    ) -> Sequence[Exception | None]: ...


class TopicOutlet:
    """Sends a letter to the topic that is its address."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish

    def send(self, letter: Letter) -> None:
        (error,) = self.send_all([letter])
        if error:
            raise error

    def send_all(self, letters: Sequence[Letter]) -> list[Exception | None]:
        named = [bool(_NAME.fullmatch(letter.address)) for letter in letters]
        good = [_message(each) for each, ok in zip(letters, named, strict=True) if ok]
        errors = iter(self._publish(good) if good else ())
        return [
            next(errors) if ok else ChannelError("no-such-topic", retry=False)
            for ok in named
        ]


class FolderOfTopics:
    """Plays the topics of the embedded product: a folder each, a file per message."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, messages: Sequence[Outgoing], /) -> list[Exception | None]:
        return not_taken(put_all([_file(self._folder, each) for each in messages]))


def _message(letter: Letter) -> Outgoing:
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
    return Outgoing(letter.address, subject.encode(), headers, to_json(letter.data()))


def _file(folder: Path, message: Outgoing) -> File:
    told = {
        "key": message.key.decode(),
        "headers": message.headers,
        "body": from_json(message.body),
    }
    name = f"{message.headers['ce_id']}.json"
    return File(folder / message.topic, name, to_json(told, indent=2) + b"\n")
