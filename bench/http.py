"""A small HTTP client that costs little, so that it does not measure itself.

Only for loopback: it keeps connections open and knows bodies of stated length.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from pydantic_core import from_json

WITHIN = 30.0
STILL_OPEN = 2.0
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Answer(NamedTuple):
    """What came back; status 0 if nothing did."""

    status: int
    body: bytes

    @property
    def fine(self) -> bool:
        return 200 <= self.status < 300

    @property
    def json(self) -> Any:
        return from_json(self.body)


class Client:
    """Connections to one service, opened as they are needed."""

    def __init__(self, url: str) -> None:
        found = urlsplit(url)
        self._host, self._port = found.hostname or "", found.port or 80
        self._idle: list[tuple[float, Connection]] = []

    async def get(self, path: str) -> Answer:
        return await self._ask("GET", path, b"")

    async def post(self, path: str, body: bytes) -> Answer:
        return await self._ask("POST", path, body)

    def close(self) -> None:
        while self._idle:
            _, (_, writer) = self._idle.pop()
            writer.close()

    async def _ask(self, method: str, path: str, body: bytes) -> Answer:
        """One request, never repeated: what fails is an error that counts."""
        head = (
            f"{method} {path} HTTP/1.1\r\nhost: {self._host}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        try:
            async with asyncio.timeout(WITHIN):
                return await self._exchanged(head.encode() + body)
        except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError):
            return Answer(0, b"")

    async def _exchanged(self, request: bytes) -> Answer:
        reader, writer = await self._connection()
        try:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            body = await reader.readexactly(_length(head))
        except BaseException:
            writer.close()
            raise
        if "\r\nconnection: close" in head:
            writer.close()
        else:
            self._idle.append((time.monotonic(), (reader, writer)))
        return Answer(int(head.split(" ", 2)[1]), body)

    async def _connection(self) -> Connection:
        """One that was used a moment ago, or a new one: servers close idle ones."""
        while self._idle:
            used, connection = self._idle.pop()
            if time.monotonic() < used + STILL_OPEN:
                return connection
            connection[1].close()
        return await asyncio.open_connection(self._host, self._port)


def _length(head: str) -> int:
    for line in head.split("\r\n"):
        name, _, told = line.partition(":")
        if name == "content-length":
            return int(told)
    raise ValueError("no content-length")
