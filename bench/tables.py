"""Which tables have rows of disputes, whatever they are called.

Knows no table by name but one: a column that names a dispute, its notice or its key is
enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from services.compose import HEARS

SCHEMAS = (*HEARS, "keys")


class Column(NamedTuple):
    """A column, its type, and the sequence that numbers it, if one does."""

    name: str
    kind: str
    sequence: str | None


class Table(NamedTuple):
    """A table with rows of disputes, and the condition that finds those of one."""

    schema: str
    name: str
    columns: tuple[Column, ...]
    condition: str

    @property
    def full_name(self) -> Composed:
        return SQL("{}.{}").format(Identifier(self.schema), Identifier(self.name))

    @property
    def sequence(self) -> str | None:
        return next((c.sequence for c in self.columns if c.sequence), None)

    @property
    def dotted(self) -> str:
        return f"{self.schema}.{self.name}"


class Place(NamedTuple):
    """A database, its tables of disputes, and the next number of each sequence."""

    url: str
    tables: list[Table]
    first: dict[str, int]


def place(url: str) -> Place:
    """The tables of disputes in a database as it is now."""
    with psycopg.connect(url, autocommit=True) as database:
        found = _tables(database, SCHEMAS)
        first = {
            each.sequence: _next(database, each.sequence)
            for each in found
            if each.sequence
        }
    return Place(url, found, first)


def _next(database: psycopg.Connection[Any], sequence: str) -> int:
    name = Identifier(*sequence.split("."))
    query = SQL("SELECT last_value + 1 FROM {}").format(name)
    return int(database.execute(query).fetchall()[0][0])


_COLUMNS = """
    SELECT n.nspname, c.relname, a.attname, t.typname,
        CASE WHEN pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval%%'
            THEN pg_get_serial_sequence(n.nspname || '.' || c.relname, a.attname) END
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relkind = 'r' AND n.nspname = ANY(%s) AND a.attgenerated = ''
    ORDER BY n.nspname, c.relname, a.attnum
"""
_CONDITIONS = {
    "originator_id": "originator_id = %(dispute)s",
    "dispute": "dispute = %(dispute)s",
    "notice": "notice IN (SELECT notice FROM notifications.notices"
    " WHERE dispute = %(dispute)s)",
    "key": "key = ANY(%(keys)s)",
}
"""By which column rows belong to a dispute; the first that a table has."""


def _tables(database: psycopg.Connection[Any], schemas: Sequence[str]) -> list[Table]:
    """Every table of these schemas that has rows of disputes."""
    columns: dict[tuple[str, str], list[Column]] = {}
    for schema, table, *column in database.execute(_COLUMNS, [list(schemas)]):
        columns.setdefault((schema, table), []).append(Column(*column))
    found = []
    for (schema, name), of_table in columns.items():
        names = {column.name for column in of_table}
        belongs = next((c for n, c in _CONDITIONS.items() if n in names), None)
        if belongs:
            found.append(Table(schema, name, tuple(of_table), belongs))
    return found
