"""Databases to files and back, by PostgreSQL's own programs from the wheel.

A dump holds one instant: it is given the snapshot of a transaction in which the counts
are taken. Passwords travel in the environment, not on the command line.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from deploy.local.pg_files import ENVIRONMENT, programs
from services.backup.errors import BackupError

KEYS_SCHEMA = "keys"
_TABLES = """
    SELECT schemaname, tablename FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2
"""
_VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "passfile": "PGPASSFILE",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "connect_timeout": "PGCONNECT_TIMEOUT",
}


class Snapshot:
    """One instant of a database, held open while it is looked at and dumped."""

    def __init__(self, connection: psycopg.Connection[Any], url: str) -> None:
        self._connection, self._url = connection, url
        self._name = self.one("SELECT pg_export_snapshot()")

    def one(self, query: str) -> Any:
        """The only value that a query gives."""
        row = self._connection.execute(query.encode()).fetchone()
        return row[0] if row else None

    def rows(self, query: str) -> list[Any]:
        return self._connection.execute(query.encode()).fetchall()

    def tables(self, *, of_keys: bool) -> dict[str, int]:
        """How many rows each table has: those of the key store, or all others."""
        return count_rows(self._connection, of_keys=of_keys)

    def dump(self, file: Path, *, of_keys: bool) -> None:
        """Raises `BackupError` with what PostgreSQL said."""
        which = "--schema" if of_keys else "--exclude-schema"
        options = ["--format=custom", "--no-owner", "--no-privileges", "--no-password"]
        part = [f"{which}={KEYS_SCHEMA}", f"--snapshot={self._name}", f"--file={file}"]
        _run("pg_dump", self._url, [*options, *part])


@contextmanager
def snapshot(url: str) -> Iterator[Snapshot]:
    with psycopg.connect(url, connect_timeout=10) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        yield Snapshot(connection, url)


def fill(url: str, file: Path) -> None:
    """Put a dump into a database, all of it or nothing. Raises `BackupError`."""
    name = conninfo_to_dict(url).get("dbname", "")
    whole = ["--single-transaction", "--exit-on-error", "--no-owner"]
    _run("pg_restore", url, [*whole, "--no-privileges", f"--dbname={name}", str(file)])


def count_rows(connection: psycopg.Connection[Any], *, of_keys: bool) -> dict[str, int]:
    found = {}
    for schema, table in connection.execute(_TABLES).fetchall():
        if (schema == KEYS_SCHEMA) is of_keys:
            query = SQL("SELECT count(*) FROM {}").format(Identifier(schema, table))
            row = connection.execute(query).fetchone()
            found[f"{schema}.{table}"] = int(row[0]) if row else 0
    return found


def size_of(url: str) -> int:
    """Bytes that a database takes."""
    with psycopg.connect(url, connect_timeout=10) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())")
        return int((row.fetchone() or [0])[0])


def _run(program: str, url: str, options: list[str]) -> None:
    done = subprocess.run(
        [str(programs() / program), *options],
        env={**ENVIRONMENT, "HOME": os.environ.get("HOME", "/"), **_variables(url)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise BackupError("failed", program=program, said=done.stderr.strip()[-2000:])


def _variables(url: str) -> dict[str, str]:
    parts = conninfo_to_dict(url).items()
    return {_VARIABLES[n]: str(v) for n, v in parts if n in _VARIABLES and v}
