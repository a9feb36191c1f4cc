"""What the shadow asks of its tables; see `services/routing/sql/002_shadow.sql`."""

from __future__ import annotations

RUNNING = """
SELECT draft, version, directory, position, decisions, differences, failures
FROM routing.shadow WHERE ended_at IS NULL
"""
END = "UPDATE routing.shadow SET ended_at = %s WHERE ended_at IS NULL"
BEGIN = """
INSERT INTO routing.shadow (draft, version, directory, position, begun_at)
VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (draft) DO UPDATE SET ended_at = NULL, position = excluded.position
"""
COUNT = """
UPDATE routing.shadow SET position = %s, decisions = decisions + %s,
    differences = differences + %s, failures = failures + %s
WHERE draft = %s AND position = %s AND ended_at IS NULL
"""
COUNT_PAIR = """
INSERT INTO routing.shadow_difference AS known VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (draft, in_force, rule_table, row_before, row_after)
DO UPDATE SET decisions = known.decisions + excluded.decisions
"""
DIFFERENCES = """
SELECT in_force, rule_table, row_before, row_after, decisions
FROM routing.shadow_difference WHERE draft = %s
ORDER BY decisions DESC, in_force, rule_table, row_before, row_after
"""
