"""The whole product as processes on a local Kafka and PostgreSQL, supervised here."""

from __future__ import annotations

import asyncio
import os
import time

import httpx

from deploy.local.kafka import LocalKafka
from deploy.topics import apply, read_topics
from services.children import Child, Children
from services.compose import HEARS, House
from services.data_folder import DataFolder
from services.databases import LocalDatabases
from services.embedded import wait_for_rest
from services.going_on import go_on
from services.running import Running
from services.serve import NAMES
from services.settings import Settings
from shared.events.errors import RefusedError
from shared.events.kafka import at_rest


class OnKafka(Running):
    """Broker, database and one process per service; `house` looks at their data.

    A broker, a database or a service that is killed is started again. HTTP of the n-th
    service is on the n-th port after the configured one.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._folder = DataFolder(settings.data, "fengqiao up --kafka")
        self.databases = LocalDatabases(settings)
        self.broker: LocalKafka | None = None
        self.house: House
        self.children: Children
        self.ports: dict[str, int] = {}

    def start(self) -> None:
        self._folder.claim()
        url, keys = self.databases.start()
        bootstrap = self.settings.kafka or self._local_broker()
        asyncio.run(apply(bootstrap, read_topics()))
        self.house = House(self.settings, database_url=url, keystore_url=keys)
        self.house.migrate()
        self.house.database.claim_carrier("kafka")
        go_on(self.house, bootstrap)
        self.bootstrap = bootstrap
        self.ports = {
            name: self.settings.http_port + number for number, name in enumerate(NAMES)
        }
        self.children = Children(
            [self._child(name, url, keys, bootstrap) for name in NAMES]
        )
        self.children.start()
        self._wait_until_alive()

    def stop(self) -> None:
        if "children" in self.__dict__:
            self.children.stop()
        if "house" in self.__dict__:
            self.house.close()
        if self.broker:
            self.broker.stop()
        self.databases.stop()
        self._folder.release()

    def settle(self, within: float = 120) -> None:
        inboxes = self.house.inboxes()
        wait_for_rest(self.house, lambda: at_rest(inboxes, HEARS), within)

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    def _local_broker(self) -> str:
        self.broker = LocalKafka(self.settings.data / "kafka")
        bootstrap = self.broker.start()
        self.broker.watch()
        return bootstrap

    def _child(self, name: str, url: str, keys: str, bootstrap: str) -> Child:
        settings = self.settings
        env = {
            **os.environ,
            "FENGQIAO_DATA": str(settings.data.resolve()),
            "FENGQIAO_DATABASE_URL": url,
            "FENGQIAO_KEYSTORE_URL": keys,
            "FENGQIAO_KAFKA": bootstrap,
            "FENGQIAO_REGION": settings.region,
            "FENGQIAO_MASTER_KEY_FILE": str(settings.master_key.resolve()),
            "FENGQIAO_HTTP_HOST": settings.http_host,
            "FENGQIAO_HTTP_PORT": str(self.ports[name]),
            "FENGQIAO_TIME_CAN_MOVE": str(settings.time_can_move).lower(),
            "FENGQIAO_LOG_FORMAT": "json",
            "FENGQIAO_LOG_LEVEL": settings.log_level,
        }
        return Child(name, env, settings.data / "logs")

    def _wait_until_alive(self, within: float = 60) -> None:
        until = time.monotonic() + within
        for name in NAMES:
            while not self._alive(name):
                if time.monotonic() > until:
                    raise RefusedError(
                        "not-started",
                        f"service {name} did not come up in {within:.0f} s; its log is "
                        f"{self.children.children[name].log_file}",
                        service=name,
                    )
                time.sleep(0.1)

    def _alive(self, name: str) -> bool:
        try:
            return httpx.get(f"{self.url(name)}/readyz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False
