"""What `rules statistics` counts, and proposes if it is asked to, as the daily look does."""

from __future__ import annotations

from typing import Any

from services.cli.rules_past import Archives, the_past
from services.declined_rows import raising_of
from services.routing.backtest.statistics import RowStatistics, statistics
from services.routing.backtest.suggesting import Threshold


def counted(kept: Archives) -> list[RowStatistics]:
    with the_past(kept) as past:
        return statistics(past)


def raised(kept: Archives, threshold: Threshold) -> list[dict[str, Any]]:
    """Propose what the past suggests; what came of each suggestion."""
    found = raising_of(kept.desk.house).raised(threshold)
    return [one.told for one in found if one.suggestion]


def suggested_for(kept: Archives) -> str:
    """The version of the rules for whose rows changes are suggested."""
    return raising_of(kept.desk.house).pack().version
