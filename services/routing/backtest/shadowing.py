"""A draft beside the rules in force: what it would have decided otherwise. Pure.

What the draft fails at is counted and never raised: it concerns no dispute.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import structlog

from services.routing.backtest.draft import Draft
from services.routing.backtest.questions import Asking
from services.routing.domain import TABLE
from shared.events.base import Recorded
from shared.events.routing import Routed

log = structlog.get_logger()

SAME_ROWS = "—"
"""Stands for the rows where all fired alike: a clock or a body is another one."""

OUTCOME = (
    "action",
    "severity",
    "lead",
    "tier",
    "designator",
    "co_handlers",
    "kind",
    "may_decline",
    "dispatches",
    "answer",
    "clocks",
    "routes",
)
"""What makes a decision another one; words and grounds do not."""


class Pair(NamedTuple):
    """The rows of one table that fired: in force, and in the draft."""

    in_force: str
    table: str
    before: str
    after: str


class Seen(NamedTuple):
    """What a page of decisions came to."""

    decisions: int
    differences: int
    failures: int
    pairs: Counter[Pair]


def compared(page: Iterable[Recorded], draft: Draft) -> Seen:
    """What the draft says of decisions that were made."""
    counted: Counter[str] = Counter()
    pairs: Counter[Pair] = Counter()
    for recorded in page:
        event = recorded.event
        asking = Asking.of_event(recorded)
        if asking is None or not isinstance(event, Routed):
            continue
        counted["decisions"] += 1
        try:
            other = asking.again(draft.decider, draft.directory)
        except Exception as error:  # whatever is wrong with a draft stays there
            counted["failures"] += 1
            log.info(
                "shadow_failed", draft=draft.pack.version, error=type(error).__name__
            )
        else:
            found = [*_pairs(event, other)]
            counted["differences"] += bool(found)
            pairs.update(found)
    return Seen(
        counted["decisions"], counted["differences"], counted["failures"], pairs
    )


def _pairs(event: Routed, other: Routed) -> Iterator[Pair]:
    """The rows that fired otherwise, if the outcome is another one."""
    if all(getattr(event, name) == getattr(other, name) for name in OUTCOME):
        return
    version = event.versions[TABLE]
    before = {row.table: row.row for row in event.rows}
    after = {row.table: row.row for row in other.rows}
    names = dict.fromkeys((*before, *after))
    others = [name for name in names if before.get(name) != after.get(name)]
    for name in others:
        rows = before.get(name, SAME_ROWS), after.get(name, SAME_ROWS)
        yield Pair(version, name, *rows)
    if not others:
        yield Pair(version, SAME_ROWS, SAME_ROWS, SAME_ROWS)
