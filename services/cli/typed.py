"""Refusals speak to whoever typed: of the code as it was typed, and of the option."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from shared.events.errors import RefusedError, UnknownDisputeError

LONGEST = 40
"""More of a code that was mistyped is not repeated."""


@contextmanager
def as_typed(code: str) -> Iterator[None]:
    try:
        yield
    except UnknownDisputeError as error:
        error.facts["dispute"] = code[:LONGEST]
        raise
    except RefusedError as error:
        if error.reason == "unknown-body":
            error.facts["field"] = "--why-not"
        raise
