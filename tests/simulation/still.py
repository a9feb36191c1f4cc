"""Stands in for `asyncio` where nothing ever has to be waited for.

A coroutine runs to its end in one go, in the order of the code, and may start another
one on the way. What is not replaced here comes from `asyncio` itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

__all__ = ["Still", "run"]


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that never waits."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value
    work.close()
    raise AssertionError("the code under simulation waits for something unforeseen")


async def _outcome(work: Coroutine[Any, Any, Any]) -> Any:
    try:
        return await work
    except Exception as error:
        return error


class Event:
    """Waiting for it while it is not set is over at once."""

    def __init__(self) -> None:
        self._set = False

    def set(self) -> None:
        self._set = True

    def is_set(self) -> bool:
        return self._set

    async def wait(self) -> bool:
        if not self._set:
            raise TimeoutError
        return True


class Still:
    """Has what the carrier uses of `asyncio`."""

    Event = Event

    @staticmethod
    async def to_thread(work: Callable[..., Any], *values: Any) -> Any:
        return work(*values)

    @staticmethod
    async def wait_for(work: Awaitable[Any], _: float) -> Any:
        return await work

    @staticmethod
    async def gather(
        *works: Coroutine[Any, Any, Any], return_exceptions: bool = False
    ) -> list[Any]:
        """All are done, also if one of them fails; unless the process ends."""
        try:
            done = [await _outcome(work) for work in works]
        finally:
            for work in works:
                work.close()
        failed = [found for found in done if isinstance(found, Exception)]
        if failed and not return_exceptions:
            raise failed[0]
        return done

    @staticmethod
    @asynccontextmanager
    async def timeout(_: float):
        yield

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)
