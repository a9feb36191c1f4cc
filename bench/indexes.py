"""Drops indexes before a fill and makes them again after it, which is much faster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.sql import SQL, Literal

from bench.tables import Place, Table

SETTINGS = (
    "SET maintenance_work_mem = '512MB'; SET max_parallel_maintenance_workers = 2"
)

_CONSTRAINTS = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = %s::regclass AND contype IN ('p', 'u')
"""
_INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index i
    WHERE indrelid = %s::regclass AND NOT EXISTS (
        SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""


@contextmanager
def without_indexes(place: Place) -> Iterator[None]:
    """Nothing is kept up row by row meanwhile; all is there again afterwards."""
    with psycopg.connect(place.url, autocommit=True) as database:
        again = [
            statement for table in place.tables for statement in _drop(database, table)
        ]
        yield
        database.execute(SETTINGS)
        for statement in again:
            database.execute(statement.encode())


def _drop(database: psycopg.Connection[Any], table: Table) -> list[str]:
    """Drop a table's indexes; what makes them again."""
    name = table.dotted
    constraints = database.execute(_CONSTRAINTS, [name]).fetchall()
    indexes = database.execute(_INDEXES, [name]).fetchall()
    for index, _ in indexes:
        database.execute(f"DROP INDEX {index}".encode())
    for constraint, _ in constraints:
        drop = f'ALTER TABLE {name} DROP CONSTRAINT "{constraint}"'
        database.execute(drop.encode())
    return [definition for _, definition in indexes] + [
        f'ALTER TABLE {name} ADD CONSTRAINT "{constraint}" {definition}'
        for constraint, definition in constraints
    ]


def tidy(place: Place, added: dict[str, int]) -> None:
    """Move sequences on by so many rows of each table, and let the planner know."""
    with psycopg.connect(place.url, autocommit=True) as database:
        database.execute(SETTINGS)
        for table in place.tables:
            if table.sequence:
                last = place.first[table.sequence] + added[table.dotted]
                move = SQL("SELECT setval({}, %s)").format(Literal(table.sequence))
                database.execute(move, [last])
            database.execute(SQL("VACUUM (ANALYZE) {}").format(table.full_name))
        database.execute("CHECKPOINT")
