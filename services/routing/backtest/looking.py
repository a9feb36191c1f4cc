"""The software looks by itself, once a day, whether rows are declined too often.

Nobody waits for it. One process looks for all: it takes the look for an hour, and if it
is gone by then another one looks. What was taken and failed is tried again likewise.
Even two who look at once raise one proposal, because its command has one id.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from services.routing.backtest import looking_sql as sql
from services.routing.backtest.columns import ROUTED
from services.routing.backtest.looked import columns
from services.routing.backtest.past import names_of
from services.routing.backtest.raising import Raised, Raising
from services.routing.backtest.suggesting import Threshold
from shared.events.errors import DatabaseAwayError, RefusedError
from shared.events.histories import Histories

log = structlog.get_logger()

PATIENCE = timedelta(hours=1)
"""So long a process may look before another one does."""
MOST_READ = 100
"""So many decisions are read at most to see whether there are enough to count."""


class Known(NamedTuple):
    """What the last look went by: up to which decision, and on what grounds."""

    looked_at: datetime | None
    position: int
    grounds: str


class Looking:
    """Looks when it is due. `every` is the time from one look to the next."""

    def __init__(
        self,
        histories: Histories,
        raising: Raising,
        threshold: Threshold,
        every: timedelta,
    ) -> None:
        self._histories, self._database = histories, histories.database
        self._raising, self._threshold, self._every = raising, threshold, every

    def look(self) -> int:
        """Look if it is due and nobody else does; how many rows were above.

        Never raises but when the database is away.
        """
        try:
            now = self._database.now()
            known = self._taken(now)
            return self._looked(now, known) if known else 0
        except DatabaseAwayError:
            raise
        except Exception as error:  # a look stops nothing
            why = error.reason if isinstance(error, RefusedError) else None
            log.warning("rows_not_looked_at", error=type(error).__name__, reason=why)
            return 0

    def _taken(self, now: datetime) -> Known | None:
        """What is known, if this process is the one to look now."""
        if not self._every:
            return None
        told = {"now": now, "patience": PATIENCE, "every": self._every}
        with self._database.transaction() as cursor:
            found = cursor.execute(sql.TAKE, told).fetchone()
        return Known(*found) if found else None

    def _looked(self, now: datetime, known: Known) -> int:
        names = names_of(ROUTED)
        position = self._histories.last_position(names)
        if self._grounds() == known.grounds and position == known.position:
            self._done(now, known)
            return 0
        found = [*self._raising.raised(self._threshold)] if self._enough(names) else []
        again = any(one.refused and one.suggestion for one in found)
        grounds = "" if again else self._grounds()
        self._done(now, Known(now, position, grounds), found)
        _tell(found)
        return len(found)

    def _enough(self, names: Sequence[str]) -> bool:
        """Whether any row can have been used often enough; cheap while there is little."""
        least = min(self._threshold.least_uses, MOST_READ)
        return len(self._histories.after(0, names, least)) == least

    def _grounds(self) -> str:
        """Everything but decisions that the answer depends on; empty if it failed."""
        proposing = self._raising.proposing
        proposals = proposing.publishing.newest().proposals.values()
        stages = (f"{each.made.proposal} {each.stage}" for each in proposals)
        return "/".join(
            [
                self._raising.pack().digest,
                proposing.kept.here.digest,
                *map(str, self._threshold),
                *stages,
            ]
        )

    def _done(
        self, now: datetime, known: Known, found: Sequence[Raised] | None = None
    ) -> None:
        with self._database.transaction() as cursor:
            cursor.execute(sql.DONE, [now, known.position, known.grounds])
            if found is not None:
                cursor.execute(sql.FORGET)
                cursor.executemany(sql.KEEP, [columns(one) for one in found])


def _tell(found: Sequence[Raised]) -> None:
    """What is new, or could not be proposed, for those who read the log."""
    for one in found:
        told = {"rules": one.row.rules, **one.figures}
        if one.new:
            log.warning("row_proposed", proposal=one.number, **told)
        elif one.refused:
            log.warning("row_not_proposed", reason=one.refused, **told)
    log.info("rows_looked_at", above=len(found))
