"""Reads XML from somebody else's machine in bounded pieces, and nothing but elements.

UTF-8 only, and no document type: so there are no entities to expand. Knows nothing of
what the elements mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO
from xml.parsers import expat

from services.intake.file_refusals import FileRefusedError

PIECE = 256 * 1024

OnStart = Callable[[str, dict[str, str]], None]
OnEnd = Callable[[str], None]
OnText = Callable[[str], None]


class Elements:
    """Tells of elements as they come, by their names without prefix."""

    def __init__(
        self,
        on_start: OnStart,
        on_end: OnEnd | None = None,
        on_text: OnText | None = None,
    ) -> None:
        self._on_start, self._on_end = on_start, on_end
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.XmlDeclHandler = _check_encoding
        self._parser.StartDoctypeDeclHandler = _refuse_doctype
        if on_end:
            self._parser.EndElementHandler = self._end
        if on_text:
            self._parser.CharacterDataHandler = on_text

    def feed(self, piece: bytes) -> None:
        """Raises `FileRefusedError` for what is no XML, or not as it must be."""
        if b"\0" in piece:  # another encoding, whatever it says of itself
            raise FileRefusedError("unsafe-xml")
        try:
            self._parser.Parse(piece)
        except expat.ExpatError:
            raise FileRefusedError("broken-workbook") from None

    def read(self, stream: IO[bytes]) -> None:
        """The whole of a stream."""
        for piece in pieces(stream):
            self.feed(piece)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._on_start(name[name.find(":") + 1 :], attributes)

    def _end(self, name: str) -> None:
        if self._on_end:
            self._on_end(name[name.find(":") + 1 :])


def pieces(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(PIECE):
        yield piece


def _check_encoding(version: str, encoding: str | None, standalone: int) -> None:
    if (encoding or "utf-8").lower() != "utf-8":
        raise FileRefusedError("unsafe-xml")


def _refuse_doctype(*_: object) -> None:
    raise FileRefusedError("unsafe-xml")
