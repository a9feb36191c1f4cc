"""What a draft would have done to the past: figures, flips, gaps; the same every time.

The report speaks of one pack, one directory and the past up to one position. Its bytes
are its content and nothing else: no time, no name of a machine.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from services.routing.backtest import comparing
from services.routing.backtest.draft import Draft
from services.routing.backtest.past import Past
from services.routing.backtest.trial import Trial
from shared.events.rules import Backtest
from shared.events.vocabulary import dispute_code

MOST_KINDS = 1_000
"""So many kinds of flips are listed; the file of flips has every single one."""

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Report:
    """`pack` is the digest of the draft, `content` the whole report as plain values."""

    pack: str
    content: dict[str, Any]

    @cached_property
    def attached(self) -> bytes:
        """The report as a file: canonical JSON."""
        return json.dumps(
            self.content, ensure_ascii=False, sort_keys=True, indent=1, default=str
        ).encode()

    @property
    def digest(self) -> str:
        return sha256(self.attached).hexdigest()

    @property
    def published(self) -> Backtest:
        """The report as a publication names it."""
        totals = self.content["totals"]
        nobody = self.content["without_body"]
        return Backtest(
            digest=self.digest,
            pack=self.pack,
            disputes=totals["disputes"],
            flips=totals["flips"],
            unanswered=totals["unanswered"],
            summary={
                "version": self.content["draft"]["version"],
                "decisions": totals["decisions"],
                "not_recorded": totals["not_recorded"],
                "without_body_before": nobody["before"],
                "without_body_after": nobody["after"],
                "until_position": totals["position"],
            },
        )


def backtest(past: Past, draft: Draft) -> Report:
    """Try a draft on the whole past. Raises `NotColumnarError`."""
    Trial(past, draft).run()
    past.database.execute(comparing.FLIPS)
    return Report(draft.pack.digest, _Writing(past).content(draft))


class _Writing:
    def __init__(self, past: Past) -> None:
        self._past = past

    def content(self, draft: Draft) -> dict[str, Any]:
        (totals,) = self._rows(comparing.TOTALS)
        unanswered = self._rows(comparing.UNANSWERED)
        kinds = self._rows(comparing.GROUPS, MOST_KINDS)
        (nobody,) = self._rows(comparing.NOBODY)
        totals["flips"] = self._past.one("SELECT count(*) FROM flips")
        totals["unanswered"] = sum(row["decisions"] for row in unanswered)
        totals["kinds_of_flips"] = kinds[0]["kinds"] if kinds else 0
        reasons = self._rows(comparing.REASONS)
        for row in kinds:
            del row["kinds"]
        self._name([*kinds, *unanswered, *reasons])
        return {
            "draft": {"version": draft.pack.version, "digest": draft.pack.digest},
            "directory": draft.directory.version,
            "totals": totals,
            "without_body": nobody,
            "actions": self._rows(comparing.ACTIONS),
            "load": self._rows(comparing.LOAD),
            "deadlines": self._rows(comparing.DEADLINES),
            "reasons": reasons,
            "flips": kinds,
            "unanswered": unanswered,
        }

    def _rows(self, query: str, *given: object) -> Rows:
        found = self._past.database.execute(query, [*given])
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def _name(self, rows: Rows) -> None:
        """Examples by the codes of their disputes and the number of the decision."""
        positions = sorted({place for row in rows for place in row["examples"]})
        wanted = ", ".join(map(str, positions)) or "NULL"
        found = self._past.database.execute(comparing.NAMES.format(wanted)).fetchall()
        names = {
            place: {"dispute": dispute_code(dispute, where), "request": request}
            for place, dispute, request, where in found
        }
        for row in rows:
            row["examples"] = [names[place] for place in row["examples"]]
