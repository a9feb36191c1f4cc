"""Stored examples of events: for every name and shape the bytes that a store holds.

They stand for rows stored long ago. So they are added with the first release that
writes the shape and never made anew: when a test about one fails, the code is wrong.
What a shape gains later gets one more example, named `<stored name>~<what>.json`.
"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from shared.events import wire
from shared.events.wire import Told

FOLDER = Path(__file__).parent
SOMEWHERE = UUID("0b6cf1f2-6a3c-4c58-9d0e-3b1f6f0c2a11")


def examples() -> list[Told]:
    """Every example, as a service reads it from its store."""
    files = sorted(FOLDER.glob("*.json"))
    return [told(file.stem.partition("~")[0], file.read_bytes()) for file in files]


def told(stored_name: str, body: bytes) -> Told:
    """A body as if it had been stored under this name."""
    return Told("escalation", SOMEWHERE, 1, SOMEWHERE, 1, stored_name, body)


def add(
    stored_name: str, body: bytes, *, what: str = "", folder: Path = FOLDER
) -> Path:
    """Keep a body as an example, written as the store writes it.

    Raises `FileExistsError` if that example is there, for it must stay as it is.
    """
    as_stored = wire.written(wire.read(told(stored_name, body)))
    path = folder / f"{stored_name}{what and f'~{what}'}.json"
    with path.open("xb") as file:
        file.write(as_stored)
    return path
