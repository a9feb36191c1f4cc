"""What decides in a pack, as one canonical text, and back. Pure.

Says nothing of where it came from: files, parents and what was left out of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.routing.dmn import Model, Place, read_xml, write_xml
from services.routing.packs.clocks import ClockRule
from services.routing.packs.faults import Wrong, refused
from services.routing.packs.handoffs import HandoffRule
from shared.region_head import Head

FORMAT = 1
_FILE = "archive"
_NOT_KEPT = frozenset({"inherits", "tables"})


@dataclass(frozen=True)
class Content:
    """A pack with all that it inherits, as it is written; not yet checked."""

    head: Head
    model: Model
    clocks: Mapping[str, ClockRule]
    handoffs: Mapping[str, HandoffRule]


def packed(found: Content) -> bytes:
    """The same content is the same bytes, always."""
    told = {
        "format": FORMAT,
        "head": _plain(found.head, _NOT_KEPT),
        "tables": write_xml(found.model).decode(),
        "clocks": [_plain(found.clocks[id]) for id in sorted(found.clocks)],
        "handoffs": [_plain(found.handoffs[kind]) for kind in sorted(found.handoffs)],
    }
    written = json.dumps(
        told, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return written.encode()


def unpacked(content: bytes) -> Content:
    """Raises `DmnRefusedError` for what is no archive of a pack."""
    try:
        told = json.loads(content)
        if told["format"] != FORMAT:
            raise refused(Wrong.NEWER_ARCHIVE, Place(_FILE), format=told["format"])
        clocks = [ClockRule.model_validate(one) for one in told["clocks"]]
        handoffs = [HandoffRule.model_validate(one) for one in told["handoffs"]]
        return Content(
            head=Head.model_validate(told["head"]),
            model=read_xml(told["tables"].encode(), _FILE),
            clocks={clock.id: clock for clock in clocks},
            handoffs={rule.kind: rule for rule in handoffs},
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise refused(Wrong.BROKEN_ARCHIVE, Place(_FILE)) from None


def _plain(value: Any, but: frozenset[str] = frozenset()) -> dict[str, Any]:
    found: dict[str, Any] = value.model_dump(
        mode="json", exclude=set(but), exclude_defaults=True
    )
    return found
