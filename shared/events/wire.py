"""An event as it is stored and as a CloudEvents 1.0 message in binary mode.

The bytes on the wire are the bytes in the store, so that a digest taken at one end
holds at the other. Reading passes the gate for older shapes and ignores fields of newer
releases.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import AwareDatetime, ValidationError
from pydantic_core import from_json, to_json

from shared.events.base import Actor, Recorded, Value, event_class
from shared.events.errors import MalformedMessageError
from shared.events.older import upgraded

SOURCE = "/fengqiao/{speaker}/{store}"
_DATA = b',"data":'


class _Envelope(Value):
    """What stands around the data of every event."""

    occurred_at: AwareDatetime
    recorded_at: AwareDatetime
    actor: Actor
    cause: str


class Told(NamedTuple):
    """A stored event on its way: who said it, where in its store, and the stored bytes.

    `position` only grows within one store; `name` is the stored name.
    """

    speaker: str
    store: UUID
    position: int
    dispute: UUID
    version: int
    name: str
    body: bytes

    @property
    def place(self) -> str:
        """How a reaction names this event as its cause."""
        return f"{self.speaker}:{self.version}"


def positions_of(speaker: str, store: UUID, partition: int) -> str:
    """The name under which hearers remember how far they heard this part of a store."""
    return f"{speaker}/{store}/{partition}"


class Message(NamedTuple):
    """A message on a topic: key, headers, body."""

    key: bytes
    headers: dict[str, str]
    body: bytes


def written(recorded: Recorded) -> bytes:
    """The bytes to store for an event, envelope and data in one JSON object."""
    envelope = to_json(
        {
            "occurred_at": recorded.occurred_at,
            "recorded_at": recorded.recorded_at,
            "actor": recorded.actor,
            "cause": recorded.cause,
        },
        exclude_none=True,
    )
    data = recorded.event.model_dump_json(exclude_none=True).encode()
    return envelope[:-1] + _DATA + data + b"}"


def read(told: Told) -> Recorded:
    """The event in a stored or received body.

    Raises `MalformedMessageError`, naming fields but never values, or
    `UnknownEventError` for a name of a newer release.
    """
    found = opened(told)
    name, data = upgraded(told.name, found["data"])
    kind = event_class(name)
    try:
        envelope = _Envelope.model_validate(found, extra="ignore")
        return Recorded(
            speaker=told.speaker,
            dispute=told.dispute,
            version=told.version,
            occurred_at=envelope.occurred_at,
            recorded_at=envelope.recorded_at,
            actor=envelope.actor,
            cause=envelope.cause,
            event=kind.model_validate(data, extra="ignore"),
        )
    except ValidationError as error:
        raise _malformed(told, _fields(error)) from None


def opened(told: Told) -> dict[str, Any]:
    """Envelope and data of a body as plain JSON values, whatever the event is."""
    try:
        found = from_json(told.body)
    except ValueError:
        raise _malformed(told, "the body is not JSON in UTF-8") from None
    if not isinstance(found, dict) or not isinstance(found.get("data"), dict):
        raise _malformed(told, "the body has no object 'data'")
    return found


def to_message(told: Told) -> Message:
    """An event as a CloudEvents message; the key is the dispute's id."""
    subject = str(told.dispute)
    headers = {
        "ce_specversion": "1.0",
        "ce_id": f"{told.speaker}:{subject}:{told.version}",
        "ce_source": _named(told.speaker, told.store),
        "ce_type": told.name,
        "ce_subject": subject,
        "ce_position": str(told.position),
        "content-type": "application/json",
        **_of_envelope(told),
    }
    return Message(subject.encode(), headers, told.body)


def _of_envelope(told: Told) -> dict[str, str]:
    """Headers from inside the body; none if the body cannot be read.

    The envelope stands before the data, which need not be parsed for this.
    """
    try:
        envelope = from_json(told.body.partition(_DATA)[0] + b"}")
        return {"ce_time": envelope["occurred_at"], "ce_causedby": envelope["cause"]}
    except (ValueError, KeyError, TypeError):
        return {}


def from_message(message: Message) -> Told:
    """The event in a CloudEvents message.

    Raises `MalformedMessageError` naming the header that is missing or wrong.
    """
    headers = message.headers
    if message.body is None:
        raise MalformedMessageError("the message has no body (a tombstone)")
    speaker, store = _source(_header(headers, "ce_source"))
    return Told(
        speaker=speaker,
        store=store,
        position=_digits(_header(headers, "ce_position"), "ce_position"),
        dispute=_uuid(_header(headers, "ce_subject"), "ce_subject"),
        version=_digits(_header(headers, "ce_id").rpartition(":")[2], "ce_id"),
        name=_header(headers, "ce_type"),
        body=message.body,
    )


@lru_cache(64)
def _named(speaker: str, store: UUID) -> str:
    return SOURCE.format(speaker=speaker, store=store)


@lru_cache(64)
def _source(source: str) -> tuple[str, UUID]:
    parts = source.split("/")
    if len(parts) != 4 or parts[1] != "fengqiao":
        raise _wrong_header("ce_source")
    return parts[2], _uuid(parts[3], "ce_source")


def _header(headers: Mapping[str, str], name: str) -> str:
    if not (found := headers.get(name)):
        raise MalformedMessageError(f"header {name} is missing", header=name)
    return found


def _digits(text: str, header: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise _wrong_header(header)
    return int(text)


def _uuid(text: str, header: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise _wrong_header(header) from None


def _wrong_header(header: str) -> MalformedMessageError:
    return MalformedMessageError(f"header {header} has a wrong value", header=header)


def _malformed(told: Told, what: str) -> MalformedMessageError:
    return MalformedMessageError(
        f"{told.name} at {told.place}: {what}", name=told.name, place=told.place
    )


def _fields(error: ValidationError) -> str:
    found = sorted({".".join(map(str, e["loc"])) or "(whole)" for e in error.errors()})
    return "fields do not fit: " + ", ".join(found[:8])
