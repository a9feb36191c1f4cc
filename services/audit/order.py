"""The one order in which the events of a dispute are told. Pure.

Hearing is in no order between speakers, and times can be equal or run backwards. So an
event stands after what caused it and after what its speaker said before. Between these,
earlier comes first, but what followed at once is told right after what it followed
from, custody and routing before notices. Ties fall the same way every time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from itertools import groupby, pairwise
from operator import attrgetter

from services.audit.causes import causes
from shared.events.audit import EventHeard

RANK = ("intake", "escalation", "routing", "notifications", "audit")

AT_ONCE = timedelta(minutes=1)
"""What is recorded within this time after its cause is told together with it."""

Act = tuple[EventHeard, ...]
"""What a speaker recorded together for one cause. Named by its first event's place."""

Links = Mapping[str, Iterable[str]]


def in_causal_order(events: Iterable[EventHeard]) -> list[EventHeard]:
    """The same events in the order of the story, however they were heard."""
    acts = _acts(events)
    came_from = _came_from(acts)
    said_before = _said_before(acts)
    after = {
        name: {*said_before[name], *filter(None, [came_from[name]])} for name in acts
    }
    try:
        order = list(TopologicalSorter(after).static_order())
    except CycleError:  # a store was restored, and numbers were given twice
        after, came_from = said_before, dict.fromkeys(acts)
        order = list(TopologicalSorter(after).static_order())
    stands = _stands(acts, after, order)
    wanted = _together(acts, came_from, stands)
    return [event for name in _nearest(after, wanted) for event in acts[name]]


def _acts(events: Iterable[EventHeard]) -> dict[str, Act]:
    """Speaker by speaker, in the order of their numbers, which may have gaps."""
    ordered = sorted(events, key=attrgetter("speaker", "version"))
    together = groupby(ordered, key=attrgetter("speaker", "cause", "recorded_at"))
    acts = (tuple(said) for _, said in together)
    return {act[0].place: act for act in acts}


def _came_from(acts: Mapping[str, Act]) -> dict[str, str | None]:
    """The act that each one is a reaction to."""
    name_of = {event.place: name for name, act in acts.items() for event in act}
    found = causes(event for act in acts.values() for event in act)
    parents = {name: found[name] for name in acts}
    return {name: name_of[place] if place else None for name, place in parents.items()}


def _said_before(acts: Mapping[str, Act]) -> dict[str, set[str]]:
    """The act before each one of the same speaker."""
    before: dict[str, set[str]] = {name: set() for name in acts}
    for (_, earlier), (name, later) in pairwise(acts.items()):
        if earlier[0].speaker == later[0].speaker:
            before[name].add(earlier[0].place)
    return before


def _stands(
    acts: Mapping[str, Act], after: Links, order: Iterable[str]
) -> dict[str, datetime]:
    """When each act counts as recorded: not before anything it stands after."""
    stands: dict[str, datetime] = {}
    for name in order:
        earlier = (stands[other] for other in after[name])
        stands[name] = max([acts[name][0].recorded_at, *earlier])
    return stands


def _together(
    acts: Mapping[str, Act],
    came_from: Mapping[str, str | None],
    stands: Mapping[str, datetime],
) -> Iterator[str]:
    """Each act, and directly after it what followed from it at once."""
    following: defaultdict[str | None, list[str]] = defaultdict(list)
    for name, cause in came_from.items():
        at_once = cause is not None and stands[name] - stands[cause] <= AT_ONCE
        following[cause if at_once else None].append(name)

    def rank(name: str) -> tuple[int, datetime, str, int]:
        first = acts[name][0]
        return _rank(first.speaker), stands[name], first.speaker, first.version

    beginnings = sorted(following[None], key=lambda name: (stands[name], rank(name)))
    waiting = beginnings[::-1]
    while waiting:
        name = waiting.pop()
        yield name
        waiting += sorted(following[name], key=rank, reverse=True)


def _nearest(after: Links, wanted: Iterable[str]) -> Iterator[str]:
    """The wanted order as nearly as can be, nothing before what it stands after."""
    names = list(wanted)
    number = {name: n for n, name in enumerate(names)}
    sorter, ready = TopologicalSorter(after), list[int]()
    sorter.prepare()
    while sorter.is_active():
        for name in sorter.get_ready():
            heappush(ready, number[name])
        name = names[heappop(ready)]
        yield name
        sorter.done(name)


def _rank(speaker: str) -> int:
    return RANK.index(speaker) if speaker in RANK else len(RANK)
