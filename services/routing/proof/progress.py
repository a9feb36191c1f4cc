"""How far a proof has come, for whoever waits for it. Says nothing about the result."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Told the number of places that are done, on all days, and how many there are."""


def unseen(done: int, of: int) -> None:
    """Nobody waits."""
