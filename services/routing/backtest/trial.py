"""A draft tried on every past decision: what each would have met.

The rules are asked about all questions at once. Whatever follows from them (the
decision, the body) is worked out by the very code that decides, once for all questions
that it cannot tell apart: those that the same rows answer at the same tier, and those
that seek alike at the same place while the directory stays the same. Every row that the
one way finds is compared with the one that the other way finds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from services.routing.backtest import likeness as like
from services.routing.backtest.checking import check_decision, check_failure
from services.routing.backtest.draft import REACHED, Draft
from services.routing.backtest.filling import fill
from services.routing.backtest.graphs import FAILED
from services.routing.backtest.numbering import Numbered
from services.routing.backtest.outcomes import (
    DECIDED,
    MET,
    SEARCHING,
    SOUGHT,
    TERMS,
    TO_SET,
    Seeks,
    receiver,
    rows,
    terms,
    way,
)
from services.routing.backtest.past import Past
from services.routing.backtest.questions import COLUMNS, Asking, Given
from services.routing.backtest.sql import literal, quoted
from services.routing.decider import Decision
from services.routing.dmn import DmnError
from services.routing.searching import OWN
from shared.events.routing import Action
from shared.events.vocabulary import ANEW

Row = tuple[Any, ...]


class Trial:
    """Makes the table `met`: by `position` what would have been, or why nothing.

    Raises `NotColumnarError`, or `VectorisedDiffersError` for a fault of ours.
    """

    def __init__(self, past: Past, draft: Draft) -> None:
        self._past, self._draft = past, draft
        self._rows = draft.vectorised.rows
        self._decisions, self._seeking = Numbered(), Numbered()

    def run(self) -> None:
        self._fire()
        self._fill("decided", DECIDED, self._decide())
        self._group_searches()
        self._fill("sought", SOUGHT, self._search())
        self._fill("terms", TERMS, self._set_terms())
        self._past.database.execute(MET)

    def _fire(self) -> None:
        """`fired`: the row of every table, with a key of these and of the tier."""
        run = self._past.database.execute
        run(f"CREATE OR REPLACE TEMP VIEW asked AS {self._draft.questions}")
        query = self._draft.vectorised.query("asked", ["position", REACHED])
        key = self._draft.key(self._rows)
        run(
            f"CREATE OR REPLACE TEMP TABLE fired AS SELECT *, {key} AS key"
            f" FROM ({query})"
        )

    def _decide(self) -> Iterator[Row]:
        columns = ", ".join(map(quoted, (FAILED, *self._rows.values())))
        query = (
            f"SELECT key, {columns}, {COLUMNS} FROM fired JOIN past USING (position)"
            " WHERE position IN (SELECT min(position) FROM fired GROUP BY key)"
            " ORDER BY position"
        )
        end = 2 + len(self._rows)
        for row in self._all(query):
            yield row[0], *self._decided(Asking.of_row(row[end:]), row[1], row[2:end])

    def _decided(self, asking: Asking, failed: str | None, fast: Row) -> Row:
        by_table = dict(zip(self._rows, fast, strict=True))
        try:
            decision = self._draft.decider.decide(asking.question)
        except DmnError as error:
            place, why = check_failure(asking, error, failed, by_table)
            return place, why, None, None, False, []
        check_decision(asking, decision, by_table, self._draft.pack)
        rows_ = rows(decision.rows)
        decision = decision.model_copy(update={"rows": ()})
        numbers = (
            self._decisions.number(decision, decision),
            self._seeking.number(Seeks.of(decision), decision),
        )
        searches = decision.action in (Action.OFFER, Action.DESIGNATE)
        return None, None, *numbers, searches, rows_

    def _group_searches(self) -> None:
        region, wanted = self._draft.region, self._draft.pack.resolution
        places = [place for (place,) in self._all("SELECT DISTINCT place FROM past")]
        self._fill("turns", like.TURNS, like.turns(region, sorted(places)))
        self._fill("fields", like.FIELDS, like.fields(region))
        self._fill("near", like.NEAR, like.near(region, sorted(places), wanted))
        self._fill("minded", like.MINDED, like.minded(region, self._seeking, wanted))
        moment = "asked_at" if self._draft.minds_hours else "t.epoch"
        made = SEARCHING.format(
            own=_told(OWN), may_stay=_told(ANEW), epoch=f"{moment}::VARCHAR"
        )
        self._past.database.execute(made)

    def _search(self) -> Iterator[Row]:
        query = (
            f"SELECT search, seeks, {_of_past()} FROM searches s"
            " JOIN past p ON p.position = s.example ORDER BY search"
        )
        for search, seeks, *row in self._all(query):
            decision = self._seeking[seeks]
            routed = self._again(tuple(row), decision)
            found = (receiver(routed), [*routed.co_handlers])
            yield search, *way(routed, decision), *found

    def _set_terms(self) -> Iterator[Row]:
        for number, *row in self._all(TO_SET.format(columns=_of_past())):
            decision = self._decisions[number]
            routed = self._again(tuple(row), decision)
            yield number, *way(routed, decision), *terms(routed, decision)

    def _again(self, row: Row, decision: Decision) -> Any:
        given = Given(self._draft.pack.version, decision)
        return Asking.of_row(row).again(given, self._draft.directory)

    def _all(self, query: str) -> list[Row]:
        return self._past.database.execute(query).fetchall()

    def _fill(
        self, table: str, columns: Mapping[str, str], found: Iterable[Row]
    ) -> None:
        fill(self._past.database, table, columns, found)


def _of_past() -> str:
    return ", ".join(f"p.{name}" for name in COLUMNS.split(", "))


def _told(values: Iterable[str]) -> str:
    return ", ".join(literal(str(value)) for value in sorted(values))
