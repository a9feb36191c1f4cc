"""The product in one process, its events handed from store to hearer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import count
from pathlib import Path

from services.compose import FOREIGN, HEARS
from services.embedded import Embedded, clock_loop, sender_loop, wait_for_rest
from shared.events.inbox import Inbox
from shared.events.kafka import Foreign
from shared.events.loop import Loop
from shared.events.tail import Bell, EmbeddedCarrier, source
from tests.stories.world import Posted, World, patiently


class EmbeddedWorld(World):
    """With `twice` a second carrier, clock and sender work beside the first."""

    def __init__(self, folder: Path, *, twice: bool = False) -> None:
        super().__init__(folder, twice=twice)
        self.failures: list[str] = []
        self.product = Embedded(self.settings, failed=self.failures.append)
        self._second: EmbeddedCarrier | None = None
        self._loops: list[Loop] = []
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
            for loop in self._loops:
                loop.stop()
                loop.join()
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

    def deliver_the_rest(self) -> None:
        """Tell every hearer every event once more, from the first one on."""
        for hearer, speakers in HEARS.items():
            for speaker in (self.house.inbox(name).service for name in speakers):
                everything = speaker.tell(after=0, limit=100_000)
                inbox = Inbox(self.house.inbox(hearer).service)
                assert inbox.receive({source(speaker): everything}) == 0

    def _settle(self) -> None:
        self.product.settle()
        if self._second:
            wait_for_rest(self.house, self._second.at_rest, within=60)

    def _carry_a_second_time(self) -> None:
        again = {name: Inbox(self.house.inbox(name).service) for name in HEARS}
        self._bell = Bell(self.house.database.conninfo, list(HEARS))
        failed = self.failures.append
        self._second = EmbeddedCarrier(again, HEARS, self._bell, failed)
        self._loops = [clock_loop(self.house, failed), sender_loop(self.house, failed)]
        self._bell.start()
        self._second.start()
        for loop in self._loops:
            loop.start()


def _body(path: Path) -> str:
    message = json.loads(path.read_text("utf-8"))
    return json.dumps(message["body"], ensure_ascii=False, sort_keys=True)
