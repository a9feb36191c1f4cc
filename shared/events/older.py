"""Readers for shapes of events that are no longer written.

One gate: everything that is read passes `upgraded`, so nobody else knows an old shape.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Reader = Callable[[dict[str, Any]], dict[str, Any]]

READERS: dict[str, tuple[str, Reader]] = {
    "audit.heard.v1": ("audit.heard.v2", lambda data: {"heard": [data]}),
}
"""Old stored name -> (the next stored name, what turns old data into the next shape)."""


def upgraded(stored_name: str, data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The newest stored name and data of an event that was stored in any shape."""
    while reader := READERS.get(stored_name):
        stored_name, convert = reader
        data = convert(data)
    return stored_name, data
