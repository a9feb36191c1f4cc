"""What became of the decisions of every row: used, declined, escalated, overridden.

A row is charged with what happened to the decision that it helped to make. What
happened is what routing was asked next about the same dispute, and what a person
decided instead.
"""

from __future__ import annotations

from typing import NamedTuple

from services.routing.backtest.past import Past
from shared.events.vocabulary import RouteReason

DECLINED = (RouteReason.DECLINED,)
LAPSED = (RouteReason.LAPSED,)
ESCALATED = (
    RouteReason.PASSED_UP,
    RouteReason.DEADLINE_PASSED,
    RouteReason.FAILED,
)


def _reasons(reasons: tuple[RouteReason, ...]) -> str:
    return ", ".join(f"'{reason}'" for reason in reasons)


QUERY = f"""
WITH followed AS (
    SELECT p.dispute, p.request, p.rules, p.fired, f.reason AS next,
        EXISTS (SELECT 1 FROM by_hand h WHERE h.dispute = p.dispute
            AND h.request = p.request AND NOT h.upheld) AS by_hand
    FROM past p LEFT JOIN past f
        ON f.dispute = p.dispute AND f.request = p.request + 1
), used AS (
    SELECT rules, unnest(fired) AS one, next, by_hand, dispute, request FROM followed
), counted AS (
    SELECT rules, one."table" AS "table", one."row" AS "row", count(*) AS used,
        count(*) FILTER (WHERE NOT by_hand AND next IN ({_reasons(DECLINED)}))
            AS declined,
        count(*) FILTER (WHERE NOT by_hand AND next IN ({_reasons(LAPSED)}))
            AS lapsed,
        count(*) FILTER (WHERE NOT by_hand AND next IN ({_reasons(ESCALATED)}))
            AS escalated
    FROM used GROUP BY ALL
), charged AS (
    SELECT p.rules, h."table", h."row", count(*) AS overridden
    FROM by_hand h JOIN past p ON p.dispute = h.dispute AND p.request = h.request
    WHERE NOT h.upheld AND h."row" IS NOT NULL GROUP BY ALL
)
SELECT c.rules, c."table", c."row", used, declined, lapsed, escalated,
    coalesce(overridden, 0) AS overridden
FROM counted c LEFT JOIN charged USING (rules, "table", "row")
ORDER BY c.rules, c."table", c."row"
"""


class RowStatistics(NamedTuple):
    """A row of a version of the rules, and how often each thing happened."""

    rules: str
    table: str
    row: str
    used: int
    declined: int
    lapsed: int
    escalated: int
    overridden: int

    @property
    def declined_percent(self) -> int:
        """Of a hundred bodies that the row had asked, how many declined."""
        return 100 * self.declined // self.used


def statistics(past: Past) -> list[RowStatistics]:
    """Every row that ever decided, by version, table and row."""
    found = past.database.execute(QUERY).fetchall()
    return [RowStatistics(*row) for row in found]
