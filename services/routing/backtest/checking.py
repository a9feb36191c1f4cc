"""The row that was found for all at once, held against the one that decides."""

from __future__ import annotations

from collections.abc import Mapping

from services.routing.backtest.errors import VectorisedDiffersError
from services.routing.backtest.questions import Asking
from services.routing.decider import Decision
from services.routing.dmn import DmnError
from services.routing.packs import Pack

Fast = Mapping[str, int | None]
"""The number of the row by table; below 0 if it failed, null if none matched."""


def check_decision(asking: Asking, decision: Decision, fast: Fast, pack: Pack) -> None:
    """Raises `VectorisedDiffersError`. Rows of tables that were not asked are not seen."""
    for one in (*decision.rows, decision.nobody.row):
        number = fast[one.table] or 0
        known = pack.tables[one.table].rows
        found = known[number - 1].id if number > 0 else None
        if found != one.row:
            raise VectorisedDiffersError(_named(asking), one.table, found, one.row)


def check_failure(
    asking: Asking, error: DmnError, failed: str | None, fast: Fast
) -> tuple[str, str]:
    """The table without an answer, and why. Raises `VectorisedDiffersError`."""
    fault = error.faults[0]
    if failed is None and None not in fast.values():
        raise VectorisedDiffersError(
            _named(asking), fault.place.decision, fast, fault.why
        )
    return fault.place.decision or fault.place.column, str(fault.why)


def _named(asking: Asking) -> str:
    return f"{asking.dispute} ({asking.request})"
