"""A service as `fengqiao serve NAME` runs it, with one more weakness and shorter limits.

`hurried` behind the name: a dead member of a group is missed after three seconds, not
ten, so that tests need not wait for it. While a file `end.<how>.<name>` lies in the
folder of `FENGQIAO_FAIL_AT`, what carries events in this process ends in that way, as it
never should by itself.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from services import serve
from services.cli import main
from services.compose import House
from shared.events import kafka
from shared.events.kafka import KafkaCarrier

HURRIED = "hurried"
SESSION_MS = 3_000
SHORT = {"session_timeout_ms": SESSION_MS, "heartbeat_interval_ms": 1_000}

Subscriber = Any
ENDS: dict[str, Callable[[Subscriber], None]] = {
    "cancelled": lambda subscriber: subscriber.tasks[-1].cancel(),
    "stopped": lambda subscriber: _soon(subscriber.consumer.stop()),
    "uncoordinated": lambda subscriber: _coordination(subscriber).cancel(),
}
"""How a consumer can end: its task, its connection, its membership."""


def hurry() -> None:
    """Shorten what a test would have to wait for."""
    kafka.SUBSCRIBER.update(SHORT)
    kafka.BROKER["graceful_timeout"] = 2.0
    kafka.SEND_WITHIN = 6.0


def can_end(name: str, folder: Path) -> None:
    """Let consumers of this process end when the folder says so."""
    make = serve._carrier

    def made(name: str, house: House) -> KafkaCarrier:
        carrier = make(name, house)
        watch = threading.Thread(target=_end, args=(name, folder, carrier), daemon=True)
        watch.start()
        return carrier

    serve._carrier = made


def _end(name: str, folder: Path, carrier: KafkaCarrier) -> None:
    while not (found := list(folder.glob(f"end.*.{name}"))):
        time.sleep(0.1)
    found[0].unlink()
    end = ENDS[found[0].name.split(".")[1]]
    subscriber: Subscriber = next(iter(carrier._broker.subscribers))
    loop: asyncio.AbstractEventLoop = subscriber.tasks[-1].get_loop()
    loop.call_soon_threadsafe(end, subscriber)


def _soon(work: Any) -> None:
    """Begin it; the process does not live long enough to forget it."""
    _begun.append(asyncio.ensure_future(work))


_begun: list[asyncio.Future[Any]] = []


def _coordination(subscriber: Subscriber) -> Any:
    return subscriber.consumer._coordinator._coordination_task


if __name__ == "__main__":
    who = sys.argv[1]
    if HURRIED in sys.argv:
        hurry()
    can_end(who, Path(os.environ["FENGQIAO_FAIL_AT"]))
    sys.argv[1:] = ["serve", who]
    main()
