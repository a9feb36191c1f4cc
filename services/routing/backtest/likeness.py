"""Which searches for a body must come out alike, as far as a directory can tell.

Two questions that seek the same at the same place are one search unless something that
the directory looks at differs: the bodies in force there on the day, whether the kind of
dispute is some body's field, whether sender or holder could be found themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from services.routing.decider import Decision
from shared.bodies import Body, Preference, Resolution
from shared.events.base import Value
from shared.region import Region

MINDED = {"seeks": "INTEGER", "body": "VARCHAR", "everywhere": "BOOLEAN"}
NEAR = {"place": "VARCHAR", "body": "VARCHAR"}
FIELDS = {"kind": "VARCHAR", "field": "VARCHAR"}
TURNS = {"place": "VARCHAR", "since": "DATE", "epoch": "INTEGER"}
"""The columns of the tables that hold what follows."""

_ONE_DAY = timedelta(days=1)
_LONG_AGO = date(1, 1, 1)


def minded(
    region: Region, seeking: Iterable[Decision], resolution: Resolution
) -> Iterator[tuple[int, str, bool]]:
    """For what is sought, by number, the bodies that it matters to have sent or to hold.

    They do so `everywhere` if the sender itself is sought; else only where they are near.
    """
    hosts = _hosts(region, resolution)
    for number, decision in enumerate(seeking):
        kinds = {
            *decision.bodies,
            *decision.co_handlers,
            *decision.designators,
            *decision.nobody.designators,
        }
        for body in region.bodies.values():
            if decision.to_sender or body.kind in kinds or body.id in hosts:
                yield number, body.id, decision.to_sender


def near(
    region: Region, places: Iterable[str], resolution: Resolution
) -> Iterator[tuple[str, str]]:
    """For each place the bodies there and around it, and those that have a room there."""
    hosts = _hosts(region, resolution)
    for place in places:
        around = _around(region, place)
        found = {body.id for body in region.bodies.values() if body.place in around}
        rooms = {host for host, there in hosts.items() if not around.isdisjoint(there)}
        yield from ((place, body) for body in sorted(found | rooms))


def _hosts(region: Region, resolution: Resolution) -> dict[str, set[str]]:
    """Bodies with rooms stationed there, and the places of these, if that counts."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    if Preference.STATIONED in resolution.prefer:
        for body in region.bodies.values():
            if body.host:
                found[body.host].add(body.place)
    return found


def fields(region: Region) -> list[tuple[str, str]]:
    """Kinds of dispute that some body is for, each with the first kind of its like."""
    bodies: defaultdict[str, list[str]] = defaultdict(list)
    for body in sorted(region.bodies.values(), key=lambda body: body.id):
        for kind in body.fields:
            bodies[kind].append(body.id)
    first: dict[tuple[str, ...], str] = {}
    alike = [(kind, tuple(bodies[kind])) for kind in sorted(bodies)]
    return [(kind, first.setdefault(those, kind)) for kind, those in alike]


def turns(region: Region, places: Iterable[str]) -> Iterator[tuple[str, date, int]]:
    """For each place the days from which on the directory may be another one there."""
    at: defaultdict[str, list[Body]] = defaultdict(list)
    for body in region.bodies.values():
        at[body.place].append(body)
    everywhere = {
        day
        for one in (*region.divisions, *region.bodies.values())
        for day in (one.valid_from, one.valid_to)
        if day
    }
    for place in places:
        here = (body for code in _around(region, place) for body in at[code])
        days = everywhere.union(*(set(_days(body)) for body in here))
        since = {turn for day in days for turn in _around_day(day)} | {_LONG_AGO}
        yield from ((place, day, n) for n, day in enumerate(sorted(since)))


def _around(region: Region, place: str) -> set[str]:
    """The place and all that are ever around it or took one of these over."""
    successors = {division.code: division.successors for division in region.divisions}
    found, todo = set[str](), [place]
    while todo:
        if (code := todo.pop()) not in found:
            found.add(code)
            todo += [up.code for up in region.divisions.ancestors(code)]
            todo += successors.get(code, ())
    return found


def _around_day(day: date) -> tuple[date, ...]:
    return (day, day + _ONE_DAY) if day < date.max else (day,)


def _days(value: Any) -> Iterator[date]:
    """All days in a value, however deep."""
    if isinstance(value, date):
        yield value
    elif isinstance(value, Value):
        for _, inner in value:
            yield from _days(inner)
    elif isinstance(value, (tuple, list, frozenset)):
        for inner in value:
            yield from _days(inner)
