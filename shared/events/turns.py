"""Threads of one process that take turns, and do not wait for ever."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from shared.events.errors import DatabaseLockedError

TURN_WITHIN = 10.0
"""Seconds after which a thread no longer waits for those before it."""


class Turn(Protocol):
    """A lock, reentrant or not."""

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool: ...
    def release(self) -> None: ...


@contextmanager
def in_turn(turn: Turn) -> Iterator[None]:
    """Hold a lock. Raises `DatabaseLockedError` if others hold it for too long."""
    if not turn.acquire(timeout=TURN_WITHIN):
        raise DatabaseLockedError(f"no turn within {TURN_WITHIN:.0f} s")
    try:
        yield
    finally:
        turn.release()
