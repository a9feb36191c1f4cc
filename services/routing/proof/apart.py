"""Cases, and what is kept apart among them although no table tells it apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple

from services.routing.packs.pack import Pack
from services.routing.proof.axes import Axis
from services.routing.proof.web import Web
from services.routing.searching import OWN
from shared.events.vocabulary import Source
from shared.region import Region

Kept = tuple[tuple[int, int], ...]


class Case(NamedTuple):
    """`rows` are the boxes of the rows that may still answer. `facts` is an example:
    a class for some axes, of which `unusual` are not as usual. `kept` tells what is
    told apart although no table does.
    """

    rows: int
    facts: tuple[tuple[int, int], ...] = ()
    unusual: int = 0
    kept: Kept = ()


Likeness = tuple[int, Kept]
Way = tuple[int, int, Kept, bool]
Apart = Mapping[int, Sequence[int]]
"""For some axes the sets of classes that are kept apart, whatever the tables do."""


class Given(NamedTuple):
    """What an axis may be, by the class that another axis before it has."""

    axis: int
    classes: Mapping[int, int]


def kinds_apart(web: Web, pack: Pack, region: Region) -> Apart:
    """Kinds of dispute for which other bodies are."""
    place = web.axes.of_input("kind")
    if place is None:
        return {}
    assert isinstance(place.axis, Axis)
    groups: dict[frozenset[str], int] = defaultdict(int)
    for kind in pack.kinds:
        bodies = region.bodies.values()
        its = frozenset(body.id for body in bodies if kind in body.fields)
        groups[its] |= place.axis.class_of(kind)
    return {place.number: [*groups.values()]}


def sources_apart(web: Web, pack: Pack) -> Apart:
    """Sources whose sender may act itself, and those that may ask for the same."""
    place = web.axes.of_input("source")
    if place is None:
        return {}
    assert isinstance(place.axis, Axis)
    groups: dict[object, int] = defaultdict(int)
    for source, profile in pack.profiles.items():
        key = source in OWN, frozenset(profile.may_ask)
        groups[key] |= place.axis.class_of(str(source))
    return {place.number: [*groups.values()]}


def asked_by_source(web: Web, pack: Pack) -> Mapping[int, Given]:
    """A sender names only handoffs that its source may ask for."""
    source, asked = (web.axes.of_input(n) for n in ("source", "asked"))
    if source is None or asked is None:
        return {}
    assert isinstance(source.axis, Axis) and isinstance(asked.axis, Axis)
    classes = {}
    for one in range(source.axis.size):
        profile = pack.profiles[Source(str(source.axis.value(one)))]
        named = (asked.axis.class_of(str(kind)) for kind in profile.may_ask)
        classes[one] = reduce(or_, named)
    return {asked.number: Given(source.number, classes)}
