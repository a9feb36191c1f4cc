"""The draft that runs beside the rules in force, and what was counted of it.

It follows routing's history on its own: the real decision is made and stored before the
draft is asked, by a thread that nobody waits for. A page is counted once, whatever
happens and however many processes follow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

import structlog

from services.routing.backtest import shadow_sql as sql
from services.routing.backtest.columns import ROUTED
from services.routing.backtest.draft import Draft
from services.routing.backtest.past import Stored, names_of
from services.routing.backtest.shadowing import Pair, Seen, compared
from shared.events import wire
from shared.events.base import Recorded
from shared.events.database import Database
from shared.events.errors import DatabaseAwayError
from shared.events.histories import Histories
from shared.events.wire import Told

log = structlog.get_logger()

PAGE = 200


class Counted(NamedTuple):
    """A shadow as it stands."""

    draft: str
    version: str
    directory: str
    position: int
    decisions: int
    differences: int
    failures: int


class Shadow:
    """Begins, follows and ends. `find` gives the draft of a pack's and a directory's
    digest.
    """

    def __init__(
        self,
        database: Database,
        histories: Histories,
        find: Callable[[str, str], Draft],
    ) -> None:
        self._database, self._histories, self._find = database, histories, find
        self._found: Draft | None = None

    def begin(self, draft: str, version: str, directory: str) -> None:
        """Run a draft from now on; one that ran ends."""
        here = self._histories.last_position(names_of(ROUTED))
        now = self._database.now()
        with self._database.transaction() as cursor:
            cursor.execute(sql.END, [now])
            cursor.execute(sql.BEGIN, [draft, version, directory, here, now])

    def end(self) -> None:
        with self._database.transaction() as cursor:
            cursor.execute(sql.END, [self._database.now()])

    def running(self) -> Counted | None:
        found = self._database.read(sql.RUNNING)
        return Counted(*found[0]) if found else None

    def differences(self, draft: str) -> list[tuple[Pair, int]]:
        """What a draft would have decided otherwise, the most frequent first."""
        rows = self._database.read(sql.DIFFERENCES, [draft])
        return [(Pair(*row[:4]), row[4]) for row in rows]

    def follow(self) -> int:
        """Count the next page, if there is one; how many decisions it had.

        Never raises but when the database is away.
        """
        try:
            running = self.running()
            return self._followed(running) if running else 0
        except DatabaseAwayError:
            raise
        except Exception as error:  # a shadow stops nothing
            log.warning("shadow_stands", error=type(error).__name__)
            return 0

    def _followed(self, running: Counted) -> int:
        names = names_of(ROUTED)
        page = self._histories.after(running.position, names, PAGE)
        if page:
            seen = self._seen(page, running)
            self._count(running, page[-1][0], seen)
        return len(page)

    def _seen(self, page: list[Stored], running: Counted) -> Seen:
        try:
            draft = self._draft(running)
        except DatabaseAwayError:
            raise
        except Exception as error:  # then it fails at every decision
            log.warning("shadow_unreadable", error=type(error).__name__)
            return Seen(len(page), 0, len(page), Counter())
        return compared(map(_read, page), draft)

    def _draft(self, running: Counted) -> Draft:
        known = self._found
        if known is None or known.pack.digest != running.draft:
            known = self._found = self._find(running.draft, running.directory)
        return known

    def _count(self, running: Counted, position: int, seen: Seen) -> None:
        with self._database.transaction() as cursor:
            told = [position, *seen[:3], running.draft, running.position]
            cursor.execute(sql.COUNT, told)
            if cursor.rowcount == 1:  # nobody else has counted this page
                rows = [(running.draft, *pair, n) for pair, n in seen.pairs.items()]
                cursor.executemany(sql.COUNT_PAIR, sorted(rows))


def _read(stored: Stored) -> Recorded:
    position, dispute, version, name, body = stored
    told = Told("routing", UUID(int=0), position, dispute, version, name, body)
    return wire.read(told)
