"""Rows that are declined too often raise proposals, each with its proof and its trial."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from services.cli.rules_past import Archives, the_past
from services.cli.rules_propose import proposed
from services.cli.words import both
from services.routing.backtest.draft import Draft
from services.routing.backtest.statistics import RowStatistics, statistics
from services.routing.backtest.suggesting import Suggestion, Threshold, suggestions
from services.routing.publishing import Stage
from services.routing.publishing.commands import SOFTWARE, Person, Wish
from shared.events.errors import RefusedError

ITSELF = Person(by=SOFTWARE, person="statistics")
TIME_TO_LOOK = timedelta(days=30)
"""From the suggestion to the day on which it could hold."""


def counted(kept: Archives) -> list[RowStatistics]:
    with the_past(kept) as past:
        return statistics(past)


def raised(kept: Archives, threshold: Threshold) -> Iterator[dict[str, Any]]:
    """Propose what the past suggests for the pack in force; what came of each."""
    desk = kept.desk
    today = desk.publishing.today()
    pack, region = desk.packs.shelf().in_force(today), desk.house.region
    with the_past(kept) as past:
        found = [*suggestions(past, pack, region, threshold)]
    for one in found:
        yield {**_told(one), **_raised(kept, one)}


def _raised(kept: Archives, found: Suggestion) -> dict[str, Any]:
    """The number of the proposal, the one there was, or why there is none."""
    publishing = kept.desk.publishing
    for each in publishing.newest().proposals.values():
        if each.made.pack == found.draft.digest and each.stage is Stage.OPEN:
            return {"number": each.made.proposal, "refused": None}
    wish = Wish(
        pack=found.draft.digest,
        version=found.draft.version,
        reason=both("rules.suggestion", **_told(found)),
        valid_from=publishing.today() + TIME_TO_LOOK,
    )
    try:
        tried = Draft(found.draft, kept.desk.house.region)
        return {"number": proposed(kept, ITSELF, wish, tried), "refused": None}
    except RefusedError as error:
        return {"number": None, "refused": error.reason}


def _told(found: Suggestion) -> dict[str, Any]:
    row = found.row
    return {
        "table": row.table,
        "row": row.row,
        "used": row.used,
        "declined": row.declined,
        "percent": row.declined_percent,
        "bodies_before": " ".join(found.before),
        "bodies_after": " ".join(found.after),
        "times": found.times,
    }
