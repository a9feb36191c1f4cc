"""The product as processes of its own on a real Kafka broker and PostgreSQL."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from deploy.topics import read_topics
from services.compose import FOREIGN, HEARS
from services.on_kafka import OnKafka
from services.serve import NAMES
from tests.stories.outside import Outside
from tests.stories.world import Posted, World, wait_until

GROUPS = {
    **{f"{reader}-from-{topic}": (topic,) for topic, reader in FOREIGN.items()},
    **{f"{hearer}-hears": speakers for hearer, speakers in HEARS.items() if speakers},
}
"""Every consumer group of the product, and the topics it reads."""

INTERNAL = sorted({speaker for speakers in HEARS.values() for speaker in speakers})


class KafkaWorld(World):
    """With `twice` every message between services is put on its topic a second time."""

    def __init__(self, folder: Path, *, twice: bool = False, **settings: Any) -> None:
        super().__init__(folder, twice=twice)
        changed = {"http_port": free_ports(len(NAMES)), **settings}
        self.settings = self.settings.model_copy(update=changed)
        self.product = OnKafka(self.settings)
        self.outside: Outside
        self._said_on: set[str] = set()

    def start(self) -> None:
        self.product.start()
        self.house = self.product.house
        self.begin()
        self.outside = Outside(self.product.bootstrap, read_topics())
        if self.twice:
            self.outside.double(INTERNAL)

    def stop(self) -> None:
        self._http.close()
        if "outside" in self.__dict__:
            self.outside.stop()
        self.product.stop()

    def url(self, service: str) -> str:
        return self.product.url(service)

    def say(self, topic: str, headers: Mapping[str, str], body: bytes | None) -> None:
        self._said_on.add(topic)
        for _ in range(1 + self.twice):
            self.outside.say(topic, headers, body)

    def on_topics(self) -> list[Posted]:
        return [
            Posted(f"topic:{each.topic}", each.headers["ce_id"], _body(each.body))
            for each in self.outside.read("receipts.", "handoffs.")
        ]

    def deliver_the_rest(self) -> None:
        wait_until(self.outside.has_doubled, "the second copies")
        wait_until(lambda: not self.outside.unread(GROUPS), "what lies on the topics")

    def _settle(self) -> None:
        groups = {g: t for g, t in GROUPS.items() if not self._said_on.isdisjoint(t)}
        if groups:
            wait_until(lambda: not self.outside.unread(groups), "what was said")
            self._said_on.clear()
        self.product.settle()


def free_ports(count: int) -> int:
    """The first of so many ports in a row that nobody has now."""
    while True:
        first = random.randrange(20_000, 30_000)
        with ExitStack() as taken:
            try:
                for port in range(first, first + count):
                    found = taken.enter_context(socket.socket())
                    found.bind(("127.0.0.1", port))
            except OSError:
                continue
            return first


def _body(body: bytes | None) -> str:
    return json.dumps(json.loads(body or b""), ensure_ascii=False, sort_keys=True)
