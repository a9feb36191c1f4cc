"""The product on a real broker and database, as something that can be hurt.

Every process of it can be killed, frozen, held at a place of its work or given company;
what supervises it (`services.children`, `deploy.local.server`) brings back what died.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import psutil
from psycopg.sql import SQL

from deploy.local import kafka_files
from services import children
from services.children import Child
from services.notifications.views import waiting
from services.serve import NAMES
from tests.chaos.serve import HURRIED, SESSION_MS
from tests.stories.kafka_world import KafkaWorld
from tests.stories.world import wait_until

FAIL_AT = "FENGQIAO_FAIL_AT"


class Product(KafkaWorld):
    """A running product; time stands still in it until it is moved.

    `settings` replace those of the product, such as `database_url` or `kafka`: what is
    named so is not started here. `hurried` shortens what tests would have to wait for;
    without it limits are as they are delivered.
    """

    def __init__(self, folder: Path, *, hurried: bool = True, **settings: Any) -> None:
        super().__init__(folder, **settings)
        self.hurried = hurried
        self.session = SESSION_MS / 1000 if hurried else 10.0
        self.fail_at = folder / "fail-at"
        self._guests, self._numbers = list[Child](), count(1)
        self._undo = ExitStack()

    def start(self) -> None:
        self.fail_at.mkdir(parents=True)
        told = {FAIL_AT: str(self.fail_at)}
        self._undo.enter_context(mock.patch.dict(os.environ, told))
        at_once = mock.patch.object(children, "LONG_ENOUGH", 0.0)
        self._undo.enter_context(at_once)  # nobody waits longer at the tenth kill
        child = mock.patch.object(children, "_command", self._command)
        self._undo.enter_context(child)
        if self.hurried:
            self._hurry_broker()
        super().start()

    def _command(self, name: str) -> list[str]:
        command = [sys.executable, "-m", "tests.chaos.serve", name]
        return [*command, HURRIED] if self.hurried else command

    def _hurry_broker(self) -> None:
        """Let it accept members that are missed sooner than it would by itself."""
        settings = kafka_files.settings

        def hurried(*where: Any) -> dict[str, str]:
            return {**settings(*where), "group.min.session.timeout.ms": "1000"}

        broker = mock.patch.object(kafka_files, "settings", hurried)
        self._undo.enter_context(broker)

    def stop(self) -> None:
        for guest in self._guests:
            _end(guest)
        for token in self.fail_at.glob("hold.*"):
            token.unlink()
        super().stop()
        self._undo.close()

    # Its processes

    def pid(self, name: str) -> int:
        """The process of a service, or of `database` or `broker`."""
        found = self._pid(name)
        assert found, f"{name} does not run"
        return found

    def kill(self, *names: str) -> None:
        """SIGKILL, without a word; services, `database` or `broker`."""
        for name in names:
            with suppress(ProcessLookupError):
                os.kill(self.pid(name), signal.SIGKILL)

    def terminate(self, *names: str) -> None:
        """SIGTERM: it is to finish what it does, and to end."""
        for name in names:
            os.kill(self.pid(name), signal.SIGTERM)

    @contextmanager
    def dies(self, *names: str) -> Iterator[None]:
        """What is done inside makes these processes end; after it they are back."""
        before = {name: self.pid(name) for name in names}
        yield
        for name, pid in before.items():
            self.wait_until_back(name, pid)

    @contextmanager
    def frozen(self, *names: str) -> Iterator[None]:
        """Stop these processes as they are, and let them go on after."""
        stopped = [psutil.Process(self.pid(name)) for name in names]
        for process in stopped:
            process.suspend()
        try:
            yield
        finally:
            for process in stopped:
                with suppress(psutil.NoSuchProcess):
                    process.resume()

    def wait_until_back(self, name: str, after: int) -> None:
        """Wait until another process does the work of the one that was `after`."""
        wait_until(
            lambda: self._pid(name) not in (None, after) and self._answers(name),
            f"{name} is back",
        )

    def alive(self) -> dict[str, int | None]:
        """Every process of the product, and its number."""
        return {name: self._pid(name) for name in (*NAMES, "database", "broker")}

    # More processes of the same services

    def invite(self, name: str) -> Child:
        """Start one more process of a service beside the one that runs."""
        resident = self.product.children.children[name]
        env = {**resident._env, "FENGQIAO_HTTP_PORT": "0"}
        guest = Child(name, env, self.settings.data / f"guest-{next(self._numbers)}")
        guest.start()
        self._guests.append(guest)
        return guest

    def leaves(self, guest: Child, by: signal.Signals) -> None:
        """A guest is told to go, or killed."""
        assert guest.process
        guest.process.send_signal(by)
        guest.process.wait()

    def wait_until_members(self, group: str, number: int) -> None:
        """Wait until a group of consumers has so many members."""
        members = self.outside.members
        wait_until(lambda: members(group) == number, f"{number} in {group}")

    # Places where it can be ended or held; see `shared.events.failpoints`

    def kill_at(self, place: str, who: str, times: int = 1) -> list[Path]:
        """Whoever reaches this place next dies there; the tokens that are taken."""
        tokens = [
            self.fail_at / f"kill.{place}.{who}.{next(self._numbers)}"
            for _ in range(times)
        ]
        for token in tokens:
            token.touch()
        return tokens

    @contextmanager
    def held_at(self, place: str, who: str) -> Iterator[Path]:
        """Whoever reaches this place waits there until the end; yields the file that
        appears when somebody does.
        """
        hold, held = (self.fail_at / f"{word}.{place}.{who}" for word in HOLDING)
        held.unlink(missing_ok=True)
        hold.touch()
        try:
            yield held
        finally:
            hold.unlink(missing_ok=True)

    @contextmanager
    def frozen_at(self, place: str, who: str, name: str) -> Iterator[None]:
        """Stop a service just where it is at this place, and let it go on after."""
        with ExitStack() as frozen:
            with self.held_at(place, who) as held:
                wait_until(held.exists, f"{who} is at {place}")
                frozen.enter_context(self.frozen(name))
            yield

    def end_consumer(self, how: str, name: str) -> None:
        """Let a consumer of a service end by itself; see `tests.chaos.serve`."""
        (self.fail_at / f"end.{how}.{name}").touch()

    # Rest

    def progress(self, name: str) -> Callable[[], bool]:
        """A question: whether a service has recorded something since now."""
        service = self.house.inbox(name).service

        def newest() -> int:
            table = f"{name}.{name}_events"
            sql = f"SELECT coalesce(max(notification_id), 0) FROM {table}"
            return int(service.database.read(SQL(sql))[0][0])

        before = newest()
        return lambda: newest() > before

    def come_to_rest(self) -> None:
        """Wait for all consequences, and let the pauses of notices that missed pass."""
        self.settle()
        while again := self._next_try():
            self.pass_time_until(again)

    def _next_try(self) -> Any:
        now = self.now()
        if not waiting(self.house.database, now).later:
            return None
        return self.house.database.read(_NEXT_TRY)[0][0]

    def _pid(self, name: str) -> int | None:
        if name == "broker":
            return self.product.broker.pid if self.product.broker else None
        if name == "database":
            server = self.product.databases.server
            return server.pid if server else None
        process = self.product.children.children[name].process
        return process.pid if process and process.poll() is None else None

    def _answers(self, name: str) -> bool:
        if name not in NAMES:
            return True
        with suppress(httpx.TransportError):
            return self._http.get(f"{self.url(name)}/livez").is_success
        return False


HOLDING = ("hold", "held")
_NEXT_TRY = """
    SELECT min(greatest(d.next_try, p.until)) FROM notifications.deliveries d
    JOIN notifications.notices n USING (notice)
    LEFT JOIN notifications.pauses p USING (lane) WHERE d.state = 'queued'
"""


def _end(guest: Child) -> None:
    if guest.process and guest.process.poll() is None:
        guest.process.send_signal(signal.SIGCONT)
        guest.process.kill()
        guest.process.wait()
