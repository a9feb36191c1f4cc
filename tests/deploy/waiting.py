"""Waiting for something to become true, instead of sleeping."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Return as soon as it holds; fail when it never does."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, f"did not come true within {seconds} s"
        time.sleep(0.02)
