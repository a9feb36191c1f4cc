"""Before and after, decision by decision, and what that comes to. SQL only."""

from __future__ import annotations

COMPARED = (
    "action",
    "body",
    "handoff",
    "may_decline",
    "limits",
    "co_handlers",
    "routes",
    "severity",
)
"""What makes a decision another one, in the order in which people care."""

_DIFFERS = ", ".join(
    f'CASE WHEN p."{name}" IS DISTINCT FROM m."{name}" THEN \'{name}\' END'
    for name in COMPARED
)

_ANY = " OR ".join(f'p."{name}" IS DISTINCT FROM m."{name}"' for name in COMPARED)


def _told(rows: str) -> str:
    return f'list_transform({rows}, lambda r: r."table" || \' \' || r."row")'


def _limits(one: str) -> str:
    said = "l.name || ' ' || l.amount || ' ' || l.unit"
    return f"array_to_string(list_transform({one}, lambda l: {said}), '; ')"


FLIPS = f"""
CREATE OR REPLACE TEMP TABLE flips AS
SELECT position, dispute, request, list_filter(differ, lambda c: c IS NOT NULL)
    AS changed, * EXCLUDE (position, dispute, request, differ, was_limits, is_limits,
    was_fired, is_fired), {_limits("was_limits")} AS limits_before,
    {_limits("is_limits")} AS limits_after,
    {_told("list_filter(was_fired, lambda r: NOT list_contains(is_fired, r))")}
    AS rows_before,
    {_told("list_filter(is_fired, lambda r: NOT list_contains(was_fired, r))")}
    AS rows_after
FROM (SELECT position, dispute, request, [{_DIFFERS}] AS differ,
    p."action" AS action_before, m."action" AS action_after, p.body AS body_before,
    m.body AS body_after, p.handoff AS handoff_before, m.handoff AS handoff_after,
    p.limits AS was_limits, m.limits AS is_limits, p.fired AS was_fired,
    m.fired AS is_fired
    FROM past p JOIN met m USING (position) WHERE m.failed IS NULL AND ({_ANY}))
"""
"""A row for every decision that would have been another one."""

NAMED_FLIPS = """
SELECT flips.*, coalesce(f.place, p.place) AS place FROM flips
JOIN past p ON p.position = flips.position
LEFT JOIN past f ON f.dispute = flips.dispute AND f.request = 1 ORDER BY flips.position
"""
"""All of them, each with the place where its dispute was registered."""

SIDES = tuple(
    f"{name}_{side}"
    for name in ("action", "body", "handoff", "limits", "rows")
    for side in ("before", "after")
)
"""What a kind of flip says of before and after."""

GROUPS = f"""
SELECT count(*) AS decisions, changed, {", ".join(SIDES)},
    (SELECT count(*) FROM (SELECT 1 FROM flips GROUP BY changed, {", ".join(SIDES)}))
    AS kinds, min(position, 3) AS examples
FROM flips GROUP BY changed, {", ".join(SIDES)}
ORDER BY decisions DESC, examples LIMIT ?
"""

REASONS = """
SELECT count(*) AS decisions, rows_before, rows_after, min(position, 3) AS examples
FROM flips GROUP BY rows_before, rows_after ORDER BY decisions DESC, examples
"""

TOTALS = """
SELECT count(*) AS decisions, count(DISTINCT dispute) AS disputes,
    count(*) FILTER (WHERE holder IS NULL) AS not_recorded,
    coalesce(max(position), 0) AS position, min(day) AS first_day, max(day) AS last_day
FROM past
"""

UNANSWERED = """
SELECT count(*) AS decisions, failed AS "table", why, min(position, 3) AS examples
FROM met WHERE failed IS NOT NULL GROUP BY failed, why ORDER BY decisions DESC, examples
"""

_BOTH = """
SELECT p.{0} AS told, count(*) AS before, 0 AS after FROM past p
JOIN met m USING (position) WHERE m.failed IS NULL GROUP BY ALL
UNION ALL
SELECT m.{0}, 0, count(*) FROM met m WHERE m.failed IS NULL GROUP BY ALL
"""
LOAD = f"""
SELECT told AS body, sum(before)::BIGINT AS before, sum(after)::BIGINT AS after
FROM ({_BOTH.format("body")}) WHERE told IS NOT NULL GROUP BY told ORDER BY told
"""
ACTIONS = f"""
SELECT told AS "action", sum(before)::BIGINT AS before, sum(after)::BIGINT AS after
FROM ({_BOTH.format('"action"')}) GROUP BY told ORDER BY told
"""

_LIMIT = """
SELECT {0}.body, unnest({0}.limits) AS l, {1} FROM past p JOIN met m USING (position)
WHERE m.failed IS NULL AND {0}.body IS NOT NULL
"""
DEADLINES = f"""
SELECT body, l.name AS clock, l.unit AS unit,
    sum(before)::BIGINT AS decisions_before, sum(after)::BIGINT AS decisions_after,
    sum(before * l.amount)::BIGINT AS total_before,
    sum(after * l.amount)::BIGINT AS total_after
FROM ({_LIMIT.format("p", "1 AS before, 0 AS after")}
    UNION ALL {_LIMIT.format("m", "0, 1")})
GROUP BY ALL HAVING (decisions_before, total_before) <> (decisions_after, total_after)
ORDER BY body, clock, unit
"""
"""How often a body is under a clock and how much time that is in total, in its unit."""

NOBODY = """
SELECT count(*) FILTER (WHERE len(list_filter(p.fired,
    lambda r: r."table" = 'nobody')) > 0) AS before,
    count(*) FILTER (WHERE m.nobody) AS after
FROM past p JOIN met m USING (position)
"""

NAMES = """
SELECT p.position, p.dispute, p.request, coalesce(f.place, p.place) FROM past p
LEFT JOIN past f ON f.dispute = p.dispute AND f.request = 1 WHERE p.position IN ({0})
"""
"""What examples are called: a dispute's code has the county where it was registered."""
