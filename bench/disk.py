"""Bytes on disk a dispute: tables, what is stored beside them, indexes; topics apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from bench.product import Product
from deploy.topics import read_topics
from services.databases import KEYS

_SIZES = """
    SELECT n.nspname, c.relname,
        pg_relation_size(c.oid),
        pg_table_size(c.oid) - pg_relation_size(c.oid),
        pg_indexes_size(c.oid)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname = ANY(%s)
"""
SCHEMAS = ["intake", "routing", "escalation", "notifications", "audit", "keys"]


def disk(product: Product) -> dict[str, Any]:
    """Bytes a dispute of all that are there, after a checkpoint."""
    url = product.database_url
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("CHECKPOINT")
        count = database.execute("SELECT count(*) FROM intake.receipts").fetchall()[0][
            0
        ]
        sizes = database.execute(_SIZES, [SCHEMAS]).fetchall()
    with psycopg.connect(make_conninfo(url, dbname=KEYS)) as keys:
        sizes += keys.execute(_SIZES, [SCHEMAS]).fetchall()
    found: dict[str, dict[str, float]] = {name: {} for name in SCHEMAS}
    for schema, _, *parts in sizes:
        for part, size in zip(("tables", "toast", "indexes"), parts, strict=True):
            found[schema][part] = found[schema].get(part, 0) + size / count
    whole = sum(sum(parts.values()) for parts in found.values())
    return {
        "disputes": count,
        "database_kb": whole / 1000,
        "schemas": found,
        "tables": {f"{s}.{t}": sum(parts) / count for s, t, *parts in sizes},
        "topics": _topics(product.settings.data / "kafka" / "topics") / count,
    }


def _topics(folder: Path) -> int:
    """Bytes of the messages on the product's topics; the bare pipeline's do not count."""
    names = {topic.name for topic in read_topics()}
    return sum(
        file.stat().st_size
        for place in folder.iterdir()
        if place.name.rpartition("-")[0] in names
        for file in place.glob("*.log")
    )
