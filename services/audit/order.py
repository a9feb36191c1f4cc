"""The one order in which the events of a dispute are told. Pure.

Hearing is in no order between speakers, and times can be equal or run backwards. So an
event stands after what caused it and after what its speaker said before; between these,
earlier recorded comes first, and ties fall the same way every time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from itertools import groupby, pairwise
from operator import attrgetter
from typing import NamedTuple

from shared.events.audit import EventHeard

RANK = ("intake", "escalation", "routing", "notifications", "audit")

Before = dict[str, set[str]]


class _Stand(NamedTuple):
    """Where an event stands: not before any of its causes, and deeper than each."""

    at: datetime
    depth: int


def in_causal_order(events: Iterable[EventHeard]) -> list[EventHeard]:
    """The same events in the order of the story, however they were heard."""
    known = {event.place: event for event in events}
    stands: dict[str, _Stand] = {}
    before, order = _walk(known)
    for place in order:
        earlier = [stands[other] for other in before[place]]
        stands[place] = _Stand(
            max([known[place].recorded_at, *(stand.at for stand in earlier)]),
            1 + max((stand.depth for stand in earlier), default=0),
        )
    return sorted(known.values(), key=lambda event: (stands[event.place], _tie(event)))


def _walk(known: Mapping[str, EventHeard]) -> tuple[Before, list[str]]:
    """What stands before each event, and a way through. A circle of causes is cut."""
    said = _said_before(known)
    caused = {
        place: earlier | ({known[place].cause} & known.keys())
        for place, earlier in said.items()
    }
    try:
        return caused, list(TopologicalSorter(caused).static_order())
    except CycleError:  # a store was restored, and numbers were given twice
        return said, list(TopologicalSorter(said).static_order())


def _said_before(known: Mapping[str, EventHeard]) -> Before:
    """The event before each one of the same speaker. Numbers may have gaps."""
    before: Before = {place: set() for place in known}
    ordered = sorted(known.values(), key=attrgetter("speaker", "version"))
    for _, said in groupby(ordered, key=attrgetter("speaker")):
        for earlier, later in pairwise(said):
            before[later.place].add(earlier.place)
    return before


def _tie(event: EventHeard) -> tuple[int, str, int]:
    known = event.speaker in RANK
    rank = RANK.index(event.speaker) if known else len(RANK)
    return rank, event.speaker, event.version
