"""The rows that say how bodies are reached, and which bodies refer disputes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from shared.bodies import Body, Channel, Sender
from shared.events.base import Value
from shared.events.vocabulary import Source
from shared.region_checks import body_of
from shared.region_faults import Faults, RegionRefusedError, collecting
from shared.region_files import Folder, read_csv

CHANNELS, SENDERS = "channels.csv", "senders.csv"
WAY_COLUMNS, SENDER_COLUMNS = ("body", "kind", "address"), ("body", "source")


class _SenderRow(Value):
    body: str
    source: Source


class _ChannelRow(Channel):
    body: str


def read_senders(
    folder: Folder, bodies: Mapping[str, Body], faults: Faults | None = None
) -> dict[str, Sender]:
    senders: dict[str, Sender] = {}
    with collecting(faults) as kept:
        for line in read_csv(folder, SENDERS, SENDER_COLUMNS, faults=kept):
            with kept.caught():
                body = body_of(line, bodies)
                before = senders[body].sources if body in senders else ()
                row = line.as_a(_SenderRow)
                if row.source in before:
                    raise line.refuse(
                        "it stands there twice", "keep one of the two rows", "twice"
                    )
                senders[body] = Sender(body=body, sources=(*before, row.source))
    return senders


def read_channels(
    folder: Folder, bodies: Mapping[str, Body], faults: Faults | None = None
) -> dict[str, tuple[Channel, ...]]:
    ways: defaultdict[str, list[Channel]] = defaultdict(list)
    with collecting(faults) as kept:
        for line in read_csv(folder, CHANNELS, WAY_COLUMNS, faults=kept):
            body = line.cells.get("body", "")
            with kept.reading((CHANNELS, body if body in bodies else "")):
                way = line.as_a(_ChannelRow)
                channel = Channel(kind=way.kind, address=way.address)
                ways[body_of(line, bodies)].append(channel)
        kept.found.extend(
            RegionRefusedError(
                CHANNELS,
                "the file",
                f"no way leads to {silent}",
                "add a row for it",
                why="no-way",
                column="body",
                name=silent,
            )
            for silent in sorted(bodies.keys() - ways.keys())
        )
    return {body: tuple(found) for body, found in ways.items()}
