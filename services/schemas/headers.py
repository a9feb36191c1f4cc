"""The Kafka headers of our messages: CloudEvents 1.0 in binary mode."""

from __future__ import annotations

from typing import Any

from services.notifications.channels.topic import SOURCE as NOTICES
from services.schemas.words import both
from shared.events.wire import SOURCE

JSON = "application/json"
_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_SPEAKER = r"[a-z]+"
_TEXT = {"type": "string"}


def _exactly(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{pattern}$"}


def event_headers() -> dict[str, Any]:
    """Headers of events between services."""
    source = SOURCE.format(speaker=_SPEAKER, store=_UUID)
    own = {
        "ce_id": _exactly(f"{_SPEAKER}:{_UUID}:[1-9][0-9]*"),
        "ce_source": _exactly(source),
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_causedby": {"type": "string"},
        "ce_position": _exactly("[1-9][0-9]*"),
    }
    return _headers("CloudEvents headers of an event; the id is unique for good.", own)


def letter_headers() -> dict[str, Any]:
    """Headers of receipts and letters for other bodies."""
    own = {
        "ce_id": _exactly(_UUID),
        "ce_source": {"const": NOTICES},
        "ce_time": {"type": "string", "format": "date-time"},
    }
    return _headers("CloudEvents headers of a notice; the id is the notice.", own)


def referral_headers() -> dict[str, Any]:
    """Headers of referrals; a sender may name itself here rather than in the body."""
    own = {"ce_source": {**_TEXT, "description": both("foreign.ce_source")}}
    return {"type": "object", "properties": own}


def of_type(headers: dict[str, Any], name: str) -> dict[str, Any]:
    """These headers for messages of one type."""
    own = {"type": "object", "properties": {"ce_type": {"const": name}}}
    return {"allOf": [headers, own]}


def _headers(description: str, own: dict[str, Any]) -> dict[str, Any]:
    properties = {
        "ce_specversion": {"const": "1.0"},
        "ce_type": _TEXT,
        "ce_subject": {**_exactly(_UUID), "description": "The dispute's id."},
        "content-type": {"const": JSON},
        **own,
    }
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": list(properties),
    }
