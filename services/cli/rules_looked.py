"""What the software found in declined rows by itself: shown beside the proposals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.cli.rules_grounds import INDENT
from services.cli.rules_raised import worded
from services.cli.words import both
from services.routing.backtest.looked import Seen
from services.routing.publishing import Publications, Stage
from services.routing.publishing.commands import SOFTWARE
from shared.calendar import SHANGHAI


def waiting(state: Publications) -> Iterator[str]:
    """Each open proposal of the software, with its reason: the figures behind it."""
    for each in state.proposals.values():
        if each.stage is Stage.OPEN and each.made.by == SOFTWARE:
            yield both("rules.software_proposed", number=each.made.proposal)
            yield INDENT + each.made.reason


def looked(seen: Seen) -> Iterator[str]:
    """When the software looked last, and every row for which it could propose nothing."""
    if seen.looked_at is None:
        yield both("rules.not_looked")
        return
    at = seen.looked_at.astimezone(SHANGHAI)
    yield both("rules.looked", at=f"{at:%Y-%m-%d %H:%M}", above=len(seen.rows))
    for row in seen.rows:
        if row.refused:
            yield both("rules.looked_refused", **row._asdict(), **worded(row.refused))


def looked_json(seen: Seen) -> dict[str, Any]:
    rows = [row._asdict() for row in seen.rows]
    return {"looked_at": seen.looked_at, "declined_rows": rows}
