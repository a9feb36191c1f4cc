"""The files under `schemas/`: what belongs there, what differs, and writing it.

The same code gives the same bytes on every machine.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from services.schemas.asyncapi import asyncapi
from services.schemas.bodies import event_schema
from services.schemas.catalog import events, is_older
from services.schemas.openapi import openapi
from services.schemas.page import page

EVENTS = "events"


def generated() -> dict[str, bytes]:
    """Every file there should be, by its path in the folder."""
    topics = asyncapi()
    of_events = {
        f"{EVENTS}/{kind.stored_name}.json": _json(event_schema(kind))
        for kind in events()
    }
    return {
        **of_events,
        "asyncapi.json": _json(topics),
        "asyncapi.html": page(topics).encode(),
        "openapi.json": _json(openapi()),
    }


def differences(folder: Path) -> list[str]:
    """The paths of files that are missing, not as generated, or not to be there."""
    wanted, there = generated(), _files(folder)
    paths = wanted.keys() | there.keys()
    return sorted(path for path in paths if wanted.get(path) != there.get(path))


def write(folder: Path) -> list[str]:
    """Make the folder as it should be; returns the paths that changed.

    Schemas of shapes that are only read any more stay as they were written last.
    """
    wanted, changed = generated(), differences(folder)
    for path in changed:
        file = folder / path
        if path in wanted:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(wanted[path])
        else:
            file.unlink()
    return changed


def _json(document: dict[str, Any]) -> bytes:
    words = json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True)
    return words.encode() + b"\n"


def _files(folder: Path) -> dict[str, bytes]:
    """What lies there, without the schemas of shapes that are only read any more."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and not (file.parent.name == EVENTS and is_older(file.stem))
    }
