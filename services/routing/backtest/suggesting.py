"""Rows whose bodies decline too often, and the change that their history suggests.

What is suggested is one thing only: that a row of table `lead` asks first the kind of
body which in the end was asked most often after a decline. People judge it by its
backtest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from services.routing.backtest.past import Past
from services.routing.backtest.statistics import RowStatistics, statistics
from services.routing.dmn.literals import literal
from services.routing.dmn.model import Decision, DecisionTable, Model
from services.routing.packs import Pack
from shared.bodies import BodyKind
from shared.region import Region

LEAD, BODIES = "lead", "bodies"


class Threshold(NamedTuple):
    """From when on a row is to be looked at again."""

    decline_percent: int = 30
    least_uses: int = 20

    def crossed(self, row: RowStatistics) -> bool:
        enough = row.used >= self.least_uses
        return enough and row.declined_percent >= self.decline_percent


class Suggestion(NamedTuple):
    """A row, its figures, and the rules with the kind of body that came next put first."""

    row: RowStatistics
    kind: BodyKind
    times: int
    before: tuple[str, ...]
    after: tuple[str, ...]
    draft: Pack


def crossed(past: Past, pack: Pack, threshold: Threshold) -> list[RowStatistics]:
    """The rows of this pack that name bodies and are declined above the threshold."""
    rows = [row for row in statistics(past) if row.rules == pack.version]
    return [row for row in rows if row.table == LEAD and threshold.crossed(row)]


def suggestions(
    past: Past, pack: Pack, region: Region, threshold: Threshold
) -> Iterator[Suggestion]:
    """A suggestion for every such row, where there is one."""
    found = (suggestion(r, past, pack, region) for r in crossed(past, pack, threshold))
    yield from (one for one in found if one)


def suggestion(
    row: RowStatistics, past: Past, pack: Pack, region: Region
) -> Suggestion | None:
    """None if nobody was asked next, or just who the row names first already."""
    before = _bodies(pack, row.row)
    counted = Counter(
        region.bodies[body].kind
        for (body,) in past.database.execute(_NEXT, [row.rules, row.row]).fetchall()
        if body in region.bodies
    )
    if not counted:
        return None
    kind, times = min(counted.items(), key=lambda item: (-item[1], item[0]))
    after = (str(kind), *(one for one in before if one != kind))
    if after == before:
        return None
    return Suggestion(row, kind, times, before, after, _changed(pack, row.row, after))


def _bodies(pack: Pack, row: str) -> tuple[str, ...]:
    table = _table(pack.model)
    place = [output.name for output in table.outputs].index(BODIES)
    (text,) = (rule.outputs[place] for rule in table.rules if rule.id == row)
    return tuple(text.strip('"').split())


def _changed(pack: Pack, row: str, bodies: tuple[str, ...]) -> Pack:
    """The pack with other bodies in a row of table `lead`."""
    table = _table(pack.model)
    place = [output.name for output in table.outputs].index(BODIES)
    rules = tuple(
        replace(
            rule,
            outputs=(
                *rule.outputs[:place],
                literal(" ".join(bodies)),
                *rule.outputs[place + 1 :],
            ),
        )
        if rule.id == row
        else rule
        for rule in table.rules
    )
    decisions = tuple(
        replace(one, logic=replace(table, rules=rules)) if one.name == LEAD else one
        for one in pack.model.decisions
    )
    return pack.with_model(replace(pack.model, decisions=decisions))


def _table(model: Model) -> DecisionTable:
    found: Decision = next(one for one in model.decisions if one.name == LEAD)
    assert isinstance(found.logic, DecisionTable)
    return found.logic


_NEXT = """
SELECT f.body FROM past p
JOIN past f ON f.dispute = p.dispute AND f.request = p.request + 1
WHERE p.rules = ? AND f.reason = 'declined' AND f."action" = 'offer'
    AND list_contains(p.fired, {'table': 'lead', 'row': ?})
"""
