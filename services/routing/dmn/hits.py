"""What the hit policies of the standard make of several rows that match.

In a unique table two matching rows are an error even if they agree; in a table of
priorities the first in the order of the output values wins, and equals must agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import reduce
from typing import Any, NamedTuple

from services.routing.dmn.faults import Why
from services.routing.dmn.model import Aggregation, HitPolicy
from services.routing.dmn.values import ARITHMETIC, Scalar

Ranks = Sequence[Mapping[Scalar | None, int] | None]
"""For every output the order of its values, or None where it has none."""


class Hit(NamedTuple):
    """A row that matches, by number, and its outputs. Row 0 is the default."""

    row: int
    outputs: tuple[Scalar | None, ...]


class Settled(NamedTuple):
    """The hits that make the answer, in their order; or what they come to in total."""

    hits: list[Hit]
    total: Scalar | None = None


class DisagreementError(Exception):
    """These rows match and may not do so together."""

    def __init__(self, why: Why, hits: Sequence[Hit]) -> None:
        super().__init__(why)
        self.why, self.hits = why, hits


def settle(
    policy: HitPolicy, aggregation: Aggregation, hits: list[Hit], ranks: Ranks
) -> Settled:
    """Raises `DisagreementError`. `hits` come in the order of the rows."""
    match policy:
        case HitPolicy.UNIQUE:
            return Settled(_one(hits))
        case HitPolicy.ANY:
            return Settled(_agreed(hits))
        case HitPolicy.FIRST:
            return Settled(hits[:1])
        case HitPolicy.PRIORITY:
            return Settled(_highest(hits, ranks))
        case HitPolicy.OUTPUT_ORDER:
            return Settled(sorted(hits, key=lambda hit: _rank(hit, ranks)))
        case HitPolicy.RULE_ORDER:
            return Settled(hits)
        case HitPolicy.COLLECT:
            return _collected(aggregation, hits)


def _one(hits: list[Hit]) -> list[Hit]:
    if len(hits) > 1:
        raise DisagreementError(Why.OVERLAP, hits)
    return hits


def _agreed(hits: list[Hit]) -> list[Hit]:
    if any(hit.outputs != hits[0].outputs for hit in hits):
        raise DisagreementError(Why.DISAGREE, hits)
    return hits


def _highest(hits: list[Hit], ranks: Ranks) -> list[Hit]:
    best = min((_rank(hit, ranks) for hit in hits), default=())
    return _agreed([hit for hit in hits if _rank(hit, ranks) == best])


def _rank(hit: Hit, ranks: Ranks) -> tuple[int, ...]:
    pairs = zip(hit.outputs, ranks, strict=True)
    return tuple(order[value] for value, order in pairs if order is not None)


def _collected(aggregation: Aggregation, hits: list[Hit]) -> Settled:
    if aggregation is Aggregation.NONE:
        return Settled(hits)
    if aggregation is Aggregation.COUNT:
        return Settled(hits, Decimal(len(hits)))
    values: list[Any] = [v for hit in hits if (v := hit.outputs[0]) is not None]
    if not values:
        return Settled([])
    if aggregation is Aggregation.SUM:
        return Settled(hits, reduce(ARITHMETIC.add, values))
    total = min(values) if aggregation is Aggregation.MIN else max(values)
    return Settled([hit for hit in hits if hit.outputs[0] == total], total)
