"""A running product, and the bodies outside that talk to it as they really would.

A story is told to a `World` and does not know how events are carried there. Time stands
still in it until a story lets it pass.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar
from uuid import UUID

import httpx
from pydantic_core import to_json

from services.compose import House
from services.escalation.views import next_due
from services.intake.file_report import FileReport
from services.settings import Settings
from shared.events.base import Actor
from shared.events.errors import DatabaseAwayError
from tests.conftest import MONDAY

PATIENCE = 90.0
"""Seconds in which whatever was killed must be back."""

Result = TypeVar("Result")


class Posted(NamedTuple):
    """A letter as it lies in a body's folder or on a body's topic."""

    where: str
    notice: str
    content: str


class World(ABC):
    """One product. With `twice` the outside says everything twice, at the same instant.

    Everything here may be called while a part of the product is away: like any client,
    it tries again until the part is back.
    """

    def __init__(self, folder: Path, *, twice: bool = False) -> None:
        self.twice = twice
        self.settings = Settings.model_validate(
            {"data": folder, "http_port": 0, "time_can_move": True}
        )
        self.house: House
        self._http = httpx.Client(timeout=30)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # What the two products do differently

    @abstractmethod
    def start(self) -> None:
        """Start the product; time stands still on a Monday morning."""

    @abstractmethod
    def stop(self) -> None: ...

    @abstractmethod
    def url(self, service: str) -> str:
        """Where a service's HTTP is."""

    @abstractmethod
    def say(self, topic: str, headers: Mapping[str, str], body: bytes | None) -> None:
        """Put a message on a topic that outside bodies write to."""

    @abstractmethod
    def on_topics(self) -> list[Posted]:
        """Every letter on the topics that outside bodies read, each as often as sent."""

    @abstractmethod
    def deliver_the_rest(self) -> None:
        """Let every second copy arrive, that nothing may change any more."""

    @abstractmethod
    def _settle(self) -> None: ...

    # What outside bodies do

    def post(self, service: str, path: str, told: object) -> httpx.Response:
        """Send JSON, again and again until somebody is there to answer."""
        body = to_json(told)
        if not self.twice:
            return self._posted(service, path, body)
        with ThreadPoolExecutor(2) as both:
            sent = [both.submit(self._posted, service, path, body) for _ in range(2)]
            first, second = (each.result() for each in sent)
        assert first.is_success == second.is_success, (first.text, second.text)
        assert not first.is_success or first.json() == second.json()
        return first

    def get(self, service: str, path: str, **asked: object) -> Any:
        """What a service answers. Fails if it refuses."""
        response = self._asked("GET", service, path, params=asked)
        assert response.is_success, response.text
        return response.json()

    def hand_in(self, path: Path, sender: str) -> FileReport:
        """Import a file of referrals; its good rows go in."""
        for _ in range(1 + self.twice):
            report = self.house.import_file(path, sender, good_rows=True)
        return report

    def release(self, message: UUID, *, by: Actor, why: str, body: bytes) -> list[UUID]:
        """A named person releases a parked message, repaired; what was released."""
        done = self.house.release(message, by=by, why=why, body=body)
        if self.twice:
            assert self.house.release(message, by=by, why=why, body=body) == []
        return done

    # Rest, and time

    def settle(self) -> None:
        """Wait until everything that was said has had all its consequences."""
        patiently(self._settle)

    def begin(self, at: datetime = MONDAY) -> None:
        """Stop the time, from now on it is moved."""
        self.house.database.let_time_move()
        self.house.database.freeze(at)

    def now(self) -> datetime:
        return patiently(self.house.database.now)

    def pass_time_until(self, at: datetime) -> None:
        """Let time pass, stopping at every clock that comes due on the way."""
        while (due := next_due(self.house.database)) and due < at:
            self._move_to(due + timedelta(seconds=1))
        self._move_to(at)

    def _move_to(self, at: datetime) -> None:
        now = self.house.database.now()
        if at > now:
            self.house.database.advance(at - now)
        self.settle()

    # Letters

    def letters(self) -> list[Posted]:
        """Every letter that left, by file drop or topic, in one order."""
        outbox = self.settings.outbox
        dropped = [
            Posted(f"file:{path.parent.name}", path.stem, path.read_text("utf-8"))
            for path in outbox.glob("*/*.txt")
        ]
        return sorted([*dropped, *self.on_topics()])

    def _posted(self, service: str, path: str, body: bytes) -> httpx.Response:
        headers = {"content-type": "application/json"}
        return self._asked("POST", service, path, content=body, headers=headers)

    def _asked(
        self, method: str, service: str, path: str, **told: Any
    ) -> httpx.Response:
        def attempt() -> httpx.Response:
            response = self._http.request(method, self.url(service) + path, **told)
            if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                raise DatabaseAwayError(response.text)
            return response

        return patiently(attempt)


def patiently(action: Callable[[], Result]) -> Result:
    """Do it; while what it needs is away, do it again."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with suppress(DatabaseAwayError, httpx.TransportError):
            return action()
        time.sleep(0.1)
    return action()


def wait_until(holds: Callable[[], bool], what: str, within: float = PATIENCE) -> None:
    """Return as soon as it holds. Fails if it never does."""
    until = time.monotonic() + within
    while not patiently(holds):
        assert time.monotonic() < until, f"{what}: not within {within:.0f} s"
        time.sleep(0.05)
