"""Hits put together for a reader: one way for all values of a fact that lead alike. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from services.routing.explaining.choices import FEN, Choice
from services.routing.explaining.facts import FACTS, Fact
from services.routing.explaining.search import Hit
from services.routing.explaining.values import Standing

_PLACES = {fact.name: number for number, fact in enumerate(FACTS)}
_STANDINGS = [*Standing]


class Merged(NamedTuple):
    """Hits that differ only in the last fact; all of them lead to the same."""

    hits: tuple[Hit, ...]

    @property
    def first(self) -> Hit:
        return self.hits[0]

    @property
    def changes(self) -> Iterator[tuple[Fact, tuple[Choice, ...]]]:
        """Every fact with its choices; only the last fact has more than one."""
        *before, last = self.first.changes
        for fact in before:
            yield fact, (self.first.changes[fact],)
        yield last, tuple(hit.changes[last] for hit in self.hits)


def merged(hits: Iterable[Hit]) -> list[Merged]:
    """The nearest first: few changes, and such as may well be otherwise."""
    groups: dict[object, list[Hit]] = {}
    for hit in _turned([*hits]):
        *before, last = hit.changes.items()
        fixed = tuple((fact.name, choice.value) for fact, choice in before)
        groups.setdefault((fixed, last[0].name, hit.led), []).append(hit)
    found = [one for group in groups.values() for one in _unbroken(group)]
    return sorted(found, key=_rank)


def _turned(hits: Sequence[Hit]) -> Iterator[Hit]:
    """Of two facts the one with more values comes last, so that there are few ways."""
    values: dict[object, tuple[set[object], set[object]]] = {}
    for hit in hits:
        if len(hit.changes) == 2:
            for found, choice in zip(
                _seen(values, hit), hit.changes.values(), strict=True
            ):
                found.add(choice.value)
    for hit in hits:
        first, last = _seen(values, hit)
        turned = dict([*hit.changes.items()][::-1]) if len(first) > len(last) else None
        yield hit._replace(changes=turned) if turned else hit


def _seen(
    values: dict[object, tuple[set[object], set[object]]], hit: Hit
) -> tuple[set[object], set[object]]:
    names = (*(fact.name for fact in hit.changes), hit.led)
    return values.setdefault(names, (set(), set()))


def _unbroken(group: list[Hit]) -> Iterator[Merged]:
    """Ranges of numbers that do not touch are told apart."""
    last = [*group[0].changes][-1]
    started: list[Hit] = [group[0]]
    for one, two in pairwise(group):
        if _touch(last, one.changes[last], two.changes[last]):
            started.append(two)
        else:
            yield Merged(tuple(started))
            started = [two]
    yield Merged(tuple(started))


def _touch(fact: Fact, one: Choice, two: Choice) -> bool:
    if not (_is_range(one) or _is_range(two)):
        return True
    step = Decimal(1) / FEN if fact.name == "amount" else Decimal(1)
    return one.high is not None and two.low == one.high + step


def _is_range(choice: Choice) -> bool:
    return choice.low is not None or choice.high is not None


def _rank(one: Merged) -> tuple[object, ...]:
    facts: Sequence[Fact] = [*one.first.changes]
    standing = max(_STANDINGS.index(fact.standing) for fact in facts)
    order = [_PLACES.get(fact.name, len(_PLACES)) for fact in facts]
    return standing, len(facts), order, len(one.hits)
