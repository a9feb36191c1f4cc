"""Rows that are declined too often raise proposals, each with its proof and its trial.

The software proposes as a person would, and never approves. A change of a row that was
proposed once is not proposed again for the same version of the rules: it waits, or
people have decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from services.routing.backtest.draft import Draft
from services.routing.backtest.proposing import Proposing
from services.routing.backtest.statistics import RowStatistics
from services.routing.backtest.suggesting import (
    Suggestion,
    Threshold,
    crossed,
    suggestion,
)
from services.routing.packs import Pack, Shelf
from services.routing.publishing import Proposal, Stage
from services.routing.publishing.commands import SOFTWARE, Wish
from services.routing.publishing.people import Person
from services.texts import LANGUAGES, Texts
from shared.events.errors import DatabaseAwayError, FengqiaoError, RefusedError

texts = Texts("services.routing")

ITSELF = Person(by=SOFTWARE, person="statistics")
TIME_TO_LOOK = timedelta(days=30)
"""From the suggestion to the day on which it could hold."""

NOBODY = "no-other-body"
"""Why nothing is suggested: nobody else was asked more often after a decline."""
WAITS = "another-first"
"""Why nothing is proposed yet: people are still to decide on the change of another row.

Each draft changes one row of the rules in force, so publishing one would undo another.
"""


class Raised(NamedTuple):
    """A row above the threshold: its proposal and how that stands, or why there is none."""

    row: RowStatistics
    threshold: Threshold
    suggestion: Suggestion | None = None
    number: int | None = None
    stage: Stage | None = None
    refused: str | None = None
    new: bool = False

    @property
    def told(self) -> dict[str, Any]:
        """As plain values, with the figures that raised it."""
        stage = str(self.stage) if self.stage else None
        outcome = {"number": self.number, "proposal_stage": stage}
        return {**self.figures, **outcome, "refused": self.refused}

    @property
    def figures(self) -> dict[str, Any]:
        row, found = self.row, self.suggestion
        return {
            "table": row.table,
            "row": row.row,
            "used": row.used,
            "declined": row.declined,
            "percent": row.declined_percent,
            "threshold": self.threshold.decline_percent,
            "least": self.threshold.least_uses,
            "bodies_before": " ".join(found.before) if found else None,
            "bodies_after": " ".join(found.after) if found else None,
            "times": found.times if found else 0,
        }


class Raising(NamedTuple):
    """Proposes what the past suggests. `shelf` gives the packs as they stand now."""

    proposing: Proposing
    shelf: Callable[[], Shelf]

    @property
    def day(self) -> date:
        """The day from which a suggestion could hold."""
        return self.proposing.publishing.today() + TIME_TO_LOOK

    def pack(self) -> Pack:
        """What a suggestion would take over from.

        That is the pack in force, but not an emergency that is over by then, nor one
        whose successor people have published already.
        """
        return self.shelf().in_force(self.day)

    def raised(self, threshold: Threshold) -> Iterator[Raised]:
        """Propose what is suggested for rows of this pack; what came of every row above."""
        pack, region = self.pack(), self.proposing.kept.here
        with self.proposing.past() as past:
            above = crossed(past, pack, threshold)
            suggested = [(row, suggestion(row, past, pack, region)) for row in above]
        for row, found in suggested:
            yield self._came(Raised(row, threshold, found))

    def _came(self, raised: Raised) -> Raised:
        if raised.suggestion is None:
            return raised._replace(refused=NOBODY)
        if earlier := self._earlier(raised.suggestion.draft):
            number, stage = earlier.made.proposal, earlier.stage
            return raised._replace(number=number, stage=stage)
        if self._is_another_first(raised.suggestion.draft):
            return raised._replace(refused=WAITS)
        return self._new(raised, raised.suggestion.draft)

    def _new(self, raised: Raised, draft: Pack) -> Raised:
        try:
            number = self._proposed(raised, draft)
        except DatabaseAwayError:
            raise
        except Exception as error:  # one row stops neither the others nor the process
            return raised._replace(refused=_code(error))
        return raised._replace(number=number, stage=Stage.OPEN, new=True)

    def _proposed(self, raised: Raised, draft: Pack) -> int:
        wish = Wish(
            pack=draft.digest,
            version=draft.version,
            reason=_reason(raised),
            valid_from=max(self.day, draft.valid_from),
            until=draft.valid_to,
            own_from=draft.valid_from,
            own_until=draft.valid_to,
        )
        tried = Draft(draft, self.proposing.kept.here)
        command = f"statistics/{draft.digest}"
        return self.proposing.propose(ITSELF, wish, tried, command)

    def _is_another_first(self, draft: Pack) -> bool:
        """Whether another change that the software proposed can still be published."""
        publishing = self.proposing.publishing
        today, there = publishing.today(), publishing.newest().proposals.values()
        return any(
            each.stage is Stage.OPEN
            and each.made.by == SOFTWARE
            and each.made.pack != draft.digest
            and each.made.valid_from > today
            for each in there
        )

    def _earlier(self, draft: Pack) -> Proposal | None:
        """The newest proposal of this very pack."""
        there = self.proposing.publishing.newest().proposals.values()
        return next(
            (e for e in reversed([*there]) if e.made.pack == draft.digest), None
        )


def _reason(raised: Raised) -> str:
    """Chinese first, English beside."""
    said = (texts("suggestion", language, **raised.figures) for language in LANGUAGES)
    return " · ".join(said)


def _code(error: Exception) -> str:
    """What names the reason: the words of an unforeseen error may quote anybody."""
    if isinstance(error, RefusedError):
        return error.reason
    return error.code if isinstance(error, FengqiaoError) else type(error).__name__
