"""The whole product in one process: PostgreSQL of a wheel, all services, HTTP, clock."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Collection
from typing import cast

import uvicorn

from services.app import make_app
from services.catching_up import fire_when_caught_up
from services.compose import HEARS, House
from services.data_folder import DataFolder
from services.databases import LocalDatabases
from services.declined_rows import looking_of
from services.escalation.clock import fire_due
from services.escalation.views import due_clocks
from services.notifications.sender import deliver_due
from services.notifications.views import waiting
from services.routing.backtest.kept import shadow_of
from services.routing.service import RoutingService
from services.running import Running
from services.settings import Settings
from shared.events.errors import RefusedError
from shared.events.kafka import end_process
from shared.events.loop import Loop
from shared.events.tail import Bell, EmbeddedCarrier


class Embedded(Running):
    """All services in one process, each event handed from store to hearer."""

    def __init__(
        self, settings: Settings, failed: Callable[[str], None] = end_process
    ) -> None:
        self.settings, self._failed = settings, failed
        self._folder = DataFolder(settings.data, "fengqiao up")
        self.databases = LocalDatabases(settings)
        self.house: House
        self.http: HttpServer | None = None
        self._loops: list[Loop] = []

    def start(self) -> None:
        self._folder.claim()
        url, keys = self.databases.start()
        self.house = House(self.settings, database_url=url, keystore_url=keys)
        self.house.migrate()
        self.house.rules.warn(self.house.found)
        self.house.database.claim_carrier("embedded")
        inboxes = self.house.inboxes()
        self._bell = Bell(url, list(HEARS))
        self._carrier = EmbeddedCarrier(inboxes, HEARS, self._bell, self._failed)
        self._loops = [
            clock_loop(self.house, self._failed, self._bell.follower()),
            sender_loop(self.house, self._failed, self._bell.follower()),
            shadow_loop(self.house, self._failed),
            rows_loop(self.house, self._failed),
        ]
        self._bell.start()
        self._carrier.start()
        for loop in self._loops:
            loop.start()
        self.http = HttpServer(self.house, self.settings)
        self.http.start()

    def stop(self) -> None:
        """Stop what has been started, also if it was not all."""
        if self.http:
            self.http.stop()
        if self._loops:
            self._stop_carrying()
        if "house" in self.__dict__:
            self.house.close()
        self.databases.stop()
        self._folder.release()

    def _stop_carrying(self) -> None:
        for loop in self._loops:
            loop.stop()
        self._bell.stop()
        self._carrier.stop()
        for loop in self._loops:
            loop.join()

    def settle(self, within: float = 120) -> None:
        """Wait until everything said is heard, everything due done, every notice out.

        Raises `RefusedError` if it does not come to rest.
        """
        wait_for_rest(self.house, self._carrier.at_rest, within)


class HttpServer:
    """HTTP in a thread of its own."""

    def __init__(self, house: House, settings: Settings) -> None:
        self._socket = bound_socket(settings.http_host, settings.http_port, LOCAL)
        self.port: int = self._socket.getsockname()[1]
        self._server = uvicorn.Server(
            uvicorn.Config(
                make_app(house, HEARS),
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=2,
                lifespan="off",
            )
        )
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(4)
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


LOCAL = ("127.0.0.1", "::1", "localhost")
IN_A_CONTAINER = (*LOCAL, "0.0.0.0")


def bound_socket(
    host: str, port: int, allowed: Collection[str] = IN_A_CONTAINER
) -> socket.socket:
    """A socket bound to the address. Raises `RefusedError` if it is taken or not local.

    There is no log-in yet, so nobody but this machine may be served.
    """
    if host not in allowed:
        raise RefusedError("address", f"HTTP cannot listen on {host!r}")
    # TCP by name, or the event loop would not switch Nagle's algorithm off, and every
    # answer would wait 40 ms for the reader's acknowledgement.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except OSError as error:
        found.close()
        raise RefusedError(
            "port-taken",
            f"HTTP cannot listen on {host}:{port} ({error.strerror}); choose another "
            "port with FENGQIAO_HTTP_PORT, or end the program that has it",
            host=host,
            port=port,
        ) from None
    return found


MANY_LETTERS = 200
"""So many in one round mean that more may be waiting."""


def clock_loop(
    house: House, failed: Callable[[str], None], rung: threading.Event | None = None
) -> Loop:
    """Fires what is due; rung when something new may be."""
    return Loop("clock", fire_when_caught_up(house), failed, idle=0.5, rung=rung)


def sender_loop(
    house: House, failed: Callable[[str], None], rung: threading.Event | None = None
) -> Loop:
    """Sends notices that are due; rung when something new may be.

    After a round of few it waits: letters go out in rounds, which cost much less each.
    """

    def round_of_letters() -> int:
        done = deliver_due(house.notifications, house.database.now())
        return done if done >= MANY_LETTERS else 0

    return Loop("sender", round_of_letters, failed, idle=0.5, rung=rung)


def shadow_loop(house: House, failed: Callable[[str], None]) -> Loop:
    """Counts what a draft beside the rules in force would have decided otherwise.

    It reads what was decided; no decision waits for it.
    """
    routing = cast(RoutingService, house.inbox("routing").service)
    return Loop("shadow", shadow_of(routing).follow, failed, idle=2.0)


def rows_loop(house: House, failed: Callable[[str], None]) -> Loop:
    """Looks once a day, by default, whether rows of the rules are declined too often."""
    return Loop("rows", looking_of(house).look, failed, idle=10.0)


def wait_for_rest(house: House, at_rest: Callable[[], bool], within: float) -> None:
    """Wait until nothing is under way, seen twice with nothing new in between."""
    until = time.monotonic() + within
    seen: list[int] = []
    while time.monotonic() < until:
        fire_due(house.escalation)
        positions = [
            inbox.service.last_position() for inbox in house.inboxes().values()
        ]
        if at_rest() and _nothing_due(house):
            if positions == seen:
                return
            seen = positions
        else:
            seen = []
        time.sleep(0.02)
    raise RefusedError("no-rest", f"the services did not come to rest in {within} s")


def _nothing_due(house: House) -> bool:
    now = house.database.now()
    return (
        not due_clocks(house.database, now, 1) and not waiting(house.database, now).due
    )
