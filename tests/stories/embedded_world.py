"""The product in one process, its events handed from store to hearer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import count
from pathlib import Path

from services.compose import FOREIGN, HEARS
from services.embedded import Embedded, wait_for_rest
from shared.events.inbox import Inbox
from shared.events.kafka import Foreign
from shared.events.tail import Bell, EmbeddedCarrier
from tests.stories.world import Posted, World, patiently


class EmbeddedWorld(World):
    """With `twice` a second carrier hands every event to every hearer as well."""

    name = "embedded"

    def __init__(self, folder: Path, *, twice: bool = False) -> None:
        super().__init__(folder, twice=twice)
        self.failures: list[str] = []
        self.product = Embedded(self.settings, failed=self.failures.append)
        self._second: EmbeddedCarrier | None = None
        self._offsets = count()

    def start(self) -> None:
        self.product.start()
        self.house = self.product.house
        self.begin()
        if self.twice:
            self._carry_a_second_time()

    def stop(self) -> None:
        self._http.close()
        if self._second:
            self._bell.stop()
            self._second.stop()
        self.product.stop()
        assert self.failures == []

    def url(self, service: str) -> str:
        assert self.product.http
        return f"http://127.0.0.1:{self.product.http.port}"

    def say(self, topic: str, headers: Mapping[str, str], body: bytes | None) -> None:
        enter = self.house.entrance(FOREIGN[topic])
        for _ in range(1 + self.twice):
            message = Foreign(topic, 0, next(self._offsets), dict(headers), body)
            patiently(lambda message=message: enter([message]))  # type: ignore[misc]

    def on_topics(self) -> list[Posted]:
        return [
            Posted(f"topic:{path.parent.name}", path.stem, _body(path))
            for path in (self.settings.data / "topics").glob("*/*.json")
        ]

    def hear_everything_again(self) -> int:
        """Tell every hearer every event from the first one on; how many were new."""
        return sum(
            Inbox(self.house.inbox(hearer).service).receive(
                f"{speaker}/{service.store_id}/0", service.tell(after=0, limit=100_000)
            )
            for hearer, speakers in HEARS.items()
            for speaker in speakers
            for service in [self.house.inbox(speaker).service]
        )

    def _settle(self) -> None:
        self.product.settle()
        if self._second:
            wait_for_rest(self.house, self._second.at_rest, within=60)

    def _carry_a_second_time(self) -> None:
        again = {name: Inbox(self.house.inbox(name).service) for name in HEARS}
        self._bell = Bell(self.house.database.conninfo, list(HEARS))
        failed = self.failures.append
        self._second = EmbeddedCarrier(again, HEARS, self._bell, failed)
        self._bell.start()
        self._second.start()


def _body(path: Path) -> str:
    message = json.loads(path.read_text("utf-8"))
    return json.dumps(message["body"], ensure_ascii=False, sort_keys=True)
