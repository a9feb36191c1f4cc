"""Real disputes as patterns from which any number of others can be stamped. Pure."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import timedelta
from hashlib import md5
from typing import Any, NamedTuple
from uuid import UUID

from shared.events.vocabulary import dispute_code, dispute_id

DAY = 86_400_000_000


class Slot(NamedTuple):
    """Something that differs in every copy: its kind, and what stood there."""

    kind: str
    was: Any


class Rows(NamedTuple):
    """A dispute's rows in one table: fixed bytes, and between them what differs.

    `slots` are places in the pattern's list; `numbers` are those of the pieces that are
    the rows' own numbers.
    """

    fixed: list[bytes]
    slots: list[int]
    numbers: list[int]
    how_many: int


class Pattern(NamedTuple):
    """A real dispute. One that is closed may be moved back in time; others may not."""

    sender: str
    reference: str
    place: str
    closed: bool
    slots: list[Slot]
    rows: dict[str, Rows]


class Copy(NamedTuple):
    """What a copy is called, and how many days before its pattern it happened."""

    dispute: UUID
    code: str
    reference: str
    days: int
    mask: int


def copy_of(pattern: Pattern, number: int) -> Copy:
    """The copy of this number: a reference as long as the old one, and what follows."""
    reference = f"h{number:0{len(pattern.reference) - 1}}"
    dispute = dispute_id(pattern.sender, reference)
    code = dispute_code(dispute, pattern.place)
    days = 1 + number % 364 if pattern.closed else 0
    mask = int.from_bytes(md5(dispute.bytes, usedforsecurity=False).digest(), "big")
    return Copy(dispute, code, reference, days, mask)


def filled(pattern: Pattern, copy: Copy) -> list[bytes]:
    """What stands in a copy wherever it differs from its pattern."""
    return [_filled(slot, copy) for slot in pattern.slots]


def stamped(rows: Rows, words: Sequence[bytes], first: int) -> bytes:
    """A copy's rows in one table, numbered from `first`."""
    pieces = [b""] * (len(rows.fixed) + len(rows.slots))
    pieces[::2] = rows.fixed
    pieces[1::2] = [words[slot] for slot in rows.slots]
    for number, place in enumerate(rows.numbers, start=first):
        pieces[place] = struct.pack(">q", number)
    return b"".join(pieces)


def _filled(slot: Slot, copy: Copy) -> bytes:
    match slot.kind:
        case "dispute":
            return copy.dispute.bytes
        case "dispute_text":
            return str(copy.dispute).encode()
        case "uuid":
            return int.to_bytes(slot.was ^ copy.mask, 16, "big")
        case "uuid_text":
            return _as_text(slot.was ^ copy.mask)
        case "code":
            return copy.code.encode()
        case "reference":
            return copy.reference.encode()
        case "date":
            return f"{slot.was - timedelta(days=copy.days)}".encode()
        case "number":
            return b""
        case _:
            return struct.pack(">q", slot.was - copy.days * DAY)


def _as_text(number: int) -> bytes:
    """An id as it is written; many times faster than by its class."""
    found = b"%032x" % number
    return b"-".join((found[:8], found[8:12], found[12:16], found[16:20], found[20:]))
