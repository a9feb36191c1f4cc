"""What the daily look asks of its tables; see `services/routing/sql`."""

from __future__ import annotations

TAKE = """
UPDATE routing.row_look SET taken_until = %(now)s + %(patience)s
WHERE (taken_until IS NULL OR taken_until <= %(now)s)
    AND (looked_at IS NULL OR looked_at > %(now)s OR looked_at <= %(now)s - %(every)s)
RETURNING looked_at, position, grounds
"""
DONE = """
UPDATE routing.row_look SET looked_at = %s, position = %s, grounds = %s,
    taken_until = NULL
"""
FORGET = "DELETE FROM routing.declined_row"
KEEP = """
INSERT INTO routing.declined_row
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
LOOKED_AT = "SELECT looked_at FROM routing.row_look"
KEPT = """
SELECT rules, rule_table, rule_row, used, declined, declined_percent, threshold,
    least_uses, proposal, stage, refused
FROM routing.declined_row ORDER BY rules, rule_table, rule_row
"""
