"""Reads somebody else's XML into a bounded tree: no document type, so no entities.

UTF-8 only; never opens anything. Knows nothing of what the elements mean.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from services.routing.dmn.faults import Place, Why, refused

MOST_BYTES = 32 * 1024 * 1024
MOST_ELEMENTS = 1_000_000
MOST_ATTRIBUTES = 64
MOST_DEPTH = 64


@dataclass(slots=True)
class Element:
    """An element: `space` is its namespace. An attribute of a namespace has the key
    "namespace name", one of none only its name.
    """

    space: str
    name: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text directly inside, without space around it, lines ended in one way."""
        return plain("".join(self.pieces))

    def child(self, name: str) -> Element | None:
        return next((c for c in self.children if c.name == name), None)

    def all(self, name: str) -> list[Element]:
        return [c for c in self.children if c.name == name]


def plain(text: str) -> str:
    """A text without space around it, its lines ended in one way."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def tree(data: bytes, file: str) -> Element:
    """The root element. Raises `DmnRefusedError`."""
    place = Place(file)
    if len(data) > MOST_BYTES:
        raise refused(Why.TOO_LARGE, place, limit=MOST_BYTES)
    if b"\0" in data:  # another encoding, whatever it says of itself
        raise refused(Why.UNSAFE_XML, place)
    builder = _Builder(place)
    try:
        builder.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise refused(Why.BROKEN_XML, place, line=error.lineno) from None
    return builder.root()


class _Builder:
    def __init__(self, place: Place) -> None:
        self._place, self._count = place, 0
        self._open: list[Element] = [Element("", "", {}, 0)]
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.XmlDeclHandler = self._declaration
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._doctype

    def root(self) -> Element:
        return self._open[0].children[0]

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(attributes) > MOST_ATTRIBUTES:
            raise refused(Why.TOO_MANY, self._place, limit=MOST_ATTRIBUTES)
        if self._count > MOST_ELEMENTS:
            raise refused(Why.TOO_MANY, self._place, limit=MOST_ELEMENTS)
        if len(self._open) > MOST_DEPTH:
            raise refused(Why.TOO_DEEP, self._place, limit=MOST_DEPTH)
        space, _, local = name.rpartition(" ")
        own = {key: plain(value) for key, value in attributes.items()}
        found = Element(space, local, own, self.parser.CurrentLineNumber)
        self._open[-1].children.append(found)
        self._open.append(found)

    def _end(self, _: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        self._open[-1].pieces.append(text)

    def _declaration(self, version: str, encoding: str | None, alone: int) -> None:
        if (encoding or "utf-8").lower() != "utf-8":
            raise refused(Why.UNSAFE_XML, self._place)

    def _doctype(self, *_: object) -> None:
        raise refused(Why.UNSAFE_XML, self._place)
