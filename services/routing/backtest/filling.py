"""Rows from Python into a table of DuckDB, at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from services.routing.backtest.sql import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Row = tuple[object, ...]


def fill(
    database: DuckDBPyConnection,
    table: str,
    columns: Mapping[str, str],
    rows: Iterable[Row],
) -> None:
    """A temporary table with these columns, by name and type, and rows."""
    by_column = [*zip(*rows, strict=True)] or [()] * len(columns)
    told = ", ".join(
        f"unnest(?::{type_}[]) AS {quoted(name)}" for name, type_ in columns.items()
    )
    query = f"CREATE OR REPLACE TEMP TABLE {quoted(table)} AS SELECT {told}"
    database.execute(query, [list(values) for values in by_column])
