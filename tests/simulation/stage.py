"""Puts a world in the place of clocks, threads, PostgreSQL and Kafka for a while."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import structlog

from services.escalation import clock
from services.notifications import attempt, sender
from shared.events import kafka, lines, store
from tests.simulation.broker import MemoryBroker, MemoryProducer
from tests.simulation.still import Still
from tests.simulation.world import World

SAID_AGAIN = 1
"""So few that it shows if a relay remembers what it has not published."""


@contextmanager
def on_stage(world: World) -> Iterator[None]:
    with ExitStack() as stack:
        for target, name, stand_in in _stand_ins(world):
            stack.enter_context(patch.object(target, name, stand_in))
        yield


@contextmanager
def in_silence() -> Iterator[None]:
    """The product's log lines are not written meanwhile."""
    before = structlog.get_config()
    quiet = structlog.make_filtering_bound_logger("critical")
    structlog.configure(**{**before, "wrapper_class": quiet})
    try:
        yield
    finally:
        structlog.configure(**before)


def _stand_ins(world: World) -> Iterator[tuple[Any, str, Any]]:
    async def producer(*_: object) -> MemoryProducer:
        return MemoryProducer(world.topics)

    yield kafka, "asyncio", Still()
    yield kafka, "KafkaBroker", MemoryBroker
    yield kafka, "Pause", _NoPause
    yield kafka, "SAID_AGAIN", SAID_AGAIN
    yield kafka, "_started_producer", producer
    yield kafka, "_wait_for_news", world.no_news
    yield kafka.Relay, "_lock", lambda relay: world.lock(relay)
    yield kafka, "reach", world.at
    yield lines, "store_name", world.store_name
    yield attempt, "reach", world.at
    yield store, "time", SimpleNamespace(sleep=lambda _: None)
    yield clock, "due_clocks", world.due_clocks
    yield sender, "claim_due", world.claim_due
    yield sender, "ThreadPoolExecutor", _OneAfterAnother
    yield sender, "wait", lambda running, timeout: (list(running), [])


class _NoPause:
    def next(self) -> float:
        return 0.0

    def over(self) -> None:
        """There was none."""


class _OneAfterAnother:
    """Does what threads would do, without them."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def submit(self, work: Any, *values: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(work(*values))
        return future

    def shutdown(self, **_: object) -> None:
        """Nothing runs."""
