"""What cannot be tried on the past, and what to do about it."""

from __future__ import annotations

from shared.events.errors import FengqiaoError


class NotColumnarError(FengqiaoError):
    """A decision uses something that a million disputes cannot be asked at once."""

    code = "not-columnar"

    def __init__(self, decision: str, column: str, what: str) -> None:
        super().__init__(
            f"decision {decision}, column {column or '—'} cannot be backtested: {what}",
            decision=decision,
            column=column or "—",
            what=what,
        )


class VectorisedDiffersError(FengqiaoError):
    """The two ways to evaluate a draft disagree: nothing of the backtest holds."""

    code = "backtest-differs"

    def __init__(self, dispute: str, table: str, fast: object, plain: object) -> None:
        super().__init__(
            f"dispute {dispute}, table {table}: the backtest found row {fast} and the "
            f"rules row {plain}; this is a fault of the software, report it with both",
            dispute=dispute,
            table=table,
            fast=fast,
            plain=plain,
        )
