"""The product to be measured: every service a process of its own, as `make up-kafka`."""

from __future__ import annotations

import random
from contextlib import ExitStack
from pathlib import Path
from socket import socket

from psycopg.conninfo import make_conninfo

from deploy.local.ports import PORTS
from services.children import Child, Children
from services.databases import KEYS
from services.on_kafka import OnKafka
from services.serve import NAMES
from services.settings import Settings


class Product(OnKafka):
    """The running product, and which processes it consists of."""

    def __init__(self, folder: Path) -> None:
        told = {"data": folder, "http_port": free_ports(len(NAMES))}
        super().__init__(Settings.model_validate(told))

    @property
    def database_url(self) -> str:
        return self.house.database.conninfo

    @property
    def processes(self) -> dict[str, int]:
        """The process id of every part; PostgreSQL's has children of its own."""
        found = {
            name: child.process.pid
            for name, child in self.children.children.items()
            if child.process
        }
        server = self.databases.server
        if server and server.pid:
            found["postgres"] = server.pid
        if self.broker and self.broker.pid:
            found["kafka"] = self.broker.pid
        return found

    @property
    def keystore_url(self) -> str:
        return make_conninfo(self.database_url, dbname=KEYS)

    def stop_services(self) -> None:
        """Leave only the broker and the database running."""
        self.children.stop()

    def start_services(self) -> None:
        """Start every service again."""
        self.children = Children([self.another(name) for name in NAMES])
        self.children.start()
        self._wait_until_alive()

    def another(self, name: str, port: int | None = None) -> Child:
        """A process of a service that is not started yet."""
        self.ports[name] = port or self.ports[name]
        return self._child(name, self.database_url, self.keystore_url, self.bootstrap)


def free_ports(count: int) -> int:
    """The first of so many ports in a row that nobody has now."""
    while True:
        first = random.randrange(PORTS.start, PORTS.stop - count)
        with ExitStack() as taken:
            try:
                for port in range(first, first + count):
                    taken.enter_context(socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
