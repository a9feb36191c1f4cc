"""Reads a dispute's stored rows and marks what must differ in a copy of it.

Rows are read and written in PostgreSQL's binary copy format: a count of fields, then
each field's length and bytes. What differs has the same length in every copy.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from datetime import date
from uuid import UUID

from bench.patterns import Rows, Slot
from bench.tables import Column, Table

UUID_TEXT = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
DATE = re.compile(rb"\d{4}-\d\d-\d\d(?=T\d\d:)")
HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"


class Reader:
    """Makes a pattern of a dispute from its rows."""

    def __init__(self, dispute: UUID, code: str, reference: str) -> None:
        self._words = {
            str(dispute).encode(): Slot("dispute_text", None),
            code.encode(): Slot("code", None),
            reference.encode(): Slot("reference", None),
        }
        known = b"|".join(re.escape(word) for word in self._words)
        self._differs = re.compile(b"|".join((known, UUID_TEXT.pattern, DATE.pattern)))
        self._dispute = dispute
        self._known: dict[Slot, int] = {}

    def rows(self, table: Table, told: bytes) -> Rows:
        """What stands in a binary copy of the dispute's rows."""
        found = Rows([b""], [], [], 0)
        for fields in _tuples(told):
            found = found._replace(how_many=found.how_many + 1)
            found.fixed[-1] += struct.pack(">h", len(fields))
            for column, value in zip(table.columns, fields, strict=True):
                length = -1 if value is None else len(value)
                found.fixed[-1] += struct.pack(">i", length)
                self._add(found, self._pieces(column, value or b""))
        return found

    @property
    def slots(self) -> list[Slot]:
        """Everything that differs, in the order of the places in `Rows.slots`."""
        return list(self._known)

    def _add(self, found: Rows, pieces: Iterator[bytes | Slot]) -> None:
        for piece in pieces:
            if isinstance(piece, bytes):
                found.fixed[-1] += piece
                continue
            if piece.kind == "number":
                found.numbers.append(2 * len(found.slots) + 1)
            found.slots.append(self._known.setdefault(piece, len(self._known)))
            found.fixed.append(b"")

    def _pieces(self, column: Column, value: bytes) -> Iterator[bytes | Slot]:
        if not value:
            return
        if column.sequence:
            yield Slot("number", None)
        elif column.kind == "uuid":
            known = value == self._dispute.bytes
            was = int.from_bytes(value, "big")
            yield Slot("dispute", None) if known else Slot("uuid", was)
        elif column.kind == "timestamptz":
            yield Slot("time", struct.unpack(">q", value)[0])
        elif column.kind in ("text", "bytea", "jsonb"):
            yield from self._pieces_of_text(value)
        else:
            yield value

    def _pieces_of_text(self, value: bytes) -> Iterator[bytes | Slot]:
        place = 0
        for found in self._differs.finditer(value):
            yield value[place : found.start()]
            yield self._words.get(found[0]) or _slot(found[0])
            place = found.end()
        yield value[place:]


def _slot(word: bytes) -> Slot:
    if len(word) == 10:
        return Slot("date", date.fromisoformat(word.decode()))
    return Slot("uuid_text", UUID(word.decode()).int)


def _tuples(told: bytes) -> Iterator[list[bytes | None]]:
    """The fields of each row in a binary copy."""
    place = len(HEADER)
    while (count := struct.unpack_from(">h", told, place)[0]) != -1:
        place += 2
        fields: list[bytes | None] = []
        for _ in range(count):
            (length,) = struct.unpack_from(">i", told, place)
            place += 4
            fields.append(None if length < 0 else told[place : place + length])
            place += max(0, length)
        yield fields
