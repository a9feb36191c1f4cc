"""What a decision comes to for a dispute, in columns: before and after alike."""

from __future__ import annotations

from typing import NamedTuple

from services.routing.decider import Decision
from shared.events.routing import Action, FiredRow, Routed

ROWS = 'STRUCT("table" VARCHAR, "row" VARCHAR)[]'
LIMITS = 'STRUCT("name" VARCHAR, amount INTEGER, unit VARCHAR)[]'

DECIDED = {
    "key": "VARCHAR",
    "failed": "VARCHAR",
    "why": "VARCHAR",
    "decision": "INTEGER",
    "seeks": "INTEGER",
    "searches": "BOOLEAN",
    "rows": ROWS,
}
"""For rows that fired together: the decision and what it seeks, by number, or why none."""

SOUGHT = {
    "search": "BIGINT",
    "action": "VARCHAR",
    "dispatches": "BOOLEAN",
    "nobody": "BOOLEAN",
    "body": "VARCHAR",
    "co_handlers": "VARCHAR[]",
}
"""For a search: what came of it."""

TERMS = {
    "decision": "INTEGER",
    "action": "VARCHAR",
    "dispatches": "BOOLEAN",
    "nobody": "BOOLEAN",
    "severity": "VARCHAR",
    "handoff": "VARCHAR",
    "may_decline": "BOOLEAN",
    "limits": LIMITS,
    "routes": "VARCHAR[]",
    "more_rows": ROWS,
}
"""For a decision and what came of its search: on what terms a body is asked."""

ALIKE = "seeks, elsewhere, field, sent_by, own, held_by, passed_over, tried, epoch"

SEARCHING = f"""
CREATE OR REPLACE TEMP TABLE searching AS
SELECT position, d.decision, d.seeks, if(searches, elsewhere, '') AS elsewhere,
    if(searches, coalesce(f.field, ''), '') AS field,
    if(searches AND (s.everywhere OR sn.body IS NOT NULL), coalesce(s.body, ''), '')
    AS sent_by,
    source IN ({{own}}) AS own,
    if(searches AND reason NOT IN ({{may_stay}})
        AND (h.everywhere OR hn.body IS NOT NULL), coalesce(h.body, ''), '') AS held_by,
    if(searches, passed_over, []) AS passed_over,
    if(searches, tried, []) AS tried,
    if(searches, {{epoch}}, '') AS epoch
FROM fired JOIN decided d USING (key) JOIN past p USING (position)
LEFT JOIN fields f USING (kind)
LEFT JOIN minded s ON s.seeks = d.seeks AND s.body = p.sender
LEFT JOIN near sn ON sn.place = p.place AND sn.body = p.sender
LEFT JOIN minded h ON h.seeks = d.seeks AND h.body = p.holder
LEFT JOIN near hn ON hn.place = p.place AND hn.body = p.holder
ASOF JOIN turns t ON t.place = p.place AND p.day >= t.since
WHERE d.failed IS NULL;
CREATE OR REPLACE TEMP TABLE searches AS
SELECT min(position) AS example, row_number() OVER (ORDER BY min(position)) AS search,
    {ALIKE} FROM searching GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE searched AS
SELECT s.position, s.decision, g.search FROM searching s
JOIN searches g USING ({ALIKE});
DROP TABLE searching;
"""
"""Questions that seek alike; see `likeness`."""

TO_SET = """
SELECT g.decision, {columns} FROM (
    SELECT s.decision, min(position) AS position FROM searched s
    JOIN sought USING (search) GROUP BY s.decision, "action", dispatches, nobody
) g JOIN past p USING (position) ORDER BY position, g.decision
"""
"""A question for every decision and what came of a search."""

MET = """
CREATE OR REPLACE TEMP TABLE met AS
SELECT position, d.failed, d.why, t.severity, s."action", s.body, t.handoff,
    t.may_decline, t.limits, s.co_handlers, t.routes,
    list_concat(d."rows", t.more_rows) AS fired, coalesce(s.nobody, false) AS nobody
FROM fired JOIN decided d USING (key) LEFT JOIN searched USING (position)
LEFT JOIN sought s USING (search) LEFT JOIN terms t ON t.decision = searched.decision
    AND t."action" = s."action" AND t.dispatches = s.dispatches AND t.nobody = s.nobody
"""


class Seeks(NamedTuple):
    """All of a decision that the search for a body looks at."""

    action: object
    handoff: object
    from_tier: object
    to_sender: bool
    bodies: tuple[object, ...]
    co_handlers: tuple[object, ...]
    designators: tuple[object, ...]
    nobody: tuple[object, ...]

    @classmethod
    def of(cls, decision: Decision) -> Seeks:
        return cls(
            decision.action,
            decision.handoff,
            decision.from_tier,
            decision.to_sender,
            decision.bodies,
            decision.co_handlers,
            decision.designators,
            decision.nobody.designators,
        )


def way(routed: Routed, decision: Decision) -> tuple[str, bool, bool]:
    """What came of a search, as far as the terms depend on it."""
    nobody = len(routed.rows) > len(decision.rows)
    return str(routed.action), routed.dispatches, nobody


def receiver(routed: Routed) -> str | None:
    """The body that the dispute goes to, if it goes to one."""
    return {Action.OFFER: routed.lead, Action.DESIGNATE: routed.designator}.get(
        routed.action
    )


def terms(routed: Routed, decision: Decision) -> tuple[object, ...]:
    clocks = [*filter(None, [routed.answer]), *routed.clocks]
    limits = [
        {"name": c.name, "amount": c.period.amount, "unit": str(c.period.unit)}
        for c in clocks
    ]
    handoff = routed.kind and str(routed.kind)
    more = rows(routed.rows[len(decision.rows) :])
    severity, routes = str(routed.severity), [*routed.routes]
    return severity, handoff, routed.may_decline, limits, routes, more


def rows(fired: tuple[FiredRow, ...]) -> list[dict[str, str]]:
    return [{"table": one.table, "row": one.row} for one in fired]
