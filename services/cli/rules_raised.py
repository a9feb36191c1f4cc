"""What was done about each row that is declined too often, in words. Proposes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.cli.words import both
from services.cli.words import text as words
from services.routing.backtest.statistics import RowStatistics
from services.routing.backtest.suggesting import LEAD, Threshold
from services.routing.publishing import Stage
from services.texts import text

Raised = Mapping[str, Any]


def outcomes(
    rows: Sequence[RowStatistics],
    new: Sequence[Raised],
    threshold: Threshold,
    in_force: str,
) -> Iterator[str]:
    """A sentence for every row above the threshold; one if there is none.

    `new` is what was proposed, or refused, for rows of the version `in_force`.
    """
    percent = threshold.decline_percent
    above = [row for row in rows if row.declined_percent >= percent]
    if not above:
        yield both("rules.no_row_above", percent=percent)
    raised = {(one["table"], one["row"]): one for one in new}
    for row in above:
        found = raised.get((row.table, row.row)) if row.rules == in_force else None
        code = _raised(found) if found else _passed_over(row, threshold, in_force)
        yield both(f"rules.raised.{code}", **_facts(row, found, threshold))


def _raised(found: Raised) -> str:
    if found["refused"]:
        return "refused"
    return "proposed" if found["proposal_stage"] == Stage.OPEN else "decided"


def _passed_over(row: RowStatistics, threshold: Threshold, in_force: str) -> str:
    """Why nothing was suggested."""
    if row.rules != in_force:
        return "former"
    if row.table != LEAD:
        return "other"
    return "nobody" if threshold.crossed(row) else "few"


def _facts(
    row: RowStatistics, found: Raised | None, threshold: Threshold
) -> dict[str, object]:
    percent, least = row.declined_percent, threshold.least_uses
    told = {**row._asdict(), "declined_percent": percent, "least": least}
    if not found:
        return told
    return {**told, "number": found["number"], **_ending(found)}


def _ending(found: Raised) -> dict[str, object]:
    """How the proposal ended, or why there is none, in both languages."""
    if found["refused"]:
        return worded(found["refused"])
    stage = f"rules.stage.{found['proposal_stage']}"
    return {"why": words(stage, "zh"), "why_en": words(stage, "en")}


def worded(reason: str) -> dict[str, object]:
    """Why there is no proposal; a reason without words keeps its own name."""
    own, title = f"rules.unsuggested.{reason}", f"refused.{reason}.title"
    if own in words:
        return {"why": words(own, "zh"), "why_en": words(own, "en")}
    if title in text:
        return {"why": text(title, "zh"), "why_en": text(title, "en")}
    return {"why": reason, "why_en": reason}
