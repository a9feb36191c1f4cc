"""Real disputes of several kinds, lived through the product, to be copied."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import psycopg
from psycopg.sql import SQL

from bench.end_to_end import end_to_end
from bench.lifecycle import ONLY, Lifecycles
from bench.offers import Offers
from bench.pattern_rows import Reader
from bench.patterns import Pattern, Rows
from bench.product import Product
from bench.referrals import Referral, referrals
from bench.tables import Place, Table, place


def patterns(product: Product, run: str, count: int) -> list[Pattern]:
    """So many disputes, half of them lived to their end. The services are stopped then."""
    half = count // 2
    lived = list(referrals(f"{run}c", half, only=ONLY))
    open_ones = list(referrals(f"{run}o", half))
    end_to_end(product, open_ones)
    offers = Offers(product.database_url)
    try:
        asyncio.run(Lifecycles(product, offers, closing=True).live(lived))
    finally:
        offers.stop()
    product.settle()
    product.stop_services()
    found = [place(product.database_url), place(product.keystore_url)]
    pairs = zip(lived, open_ones, strict=True)
    return [
        pattern
        for lived_one, open_one in pairs
        for pattern in (
            _pattern(found, lived_one, closed=True),
            _pattern(found, open_one, closed=False),
        )
    ]


def _pattern(found: list[Place], sent: Referral, *, closed: bool) -> Pattern:
    with psycopg.connect(found[0].url, autocommit=True) as database:
        query = "SELECT code, place FROM audit.ledger WHERE dispute = %s"
        ((code, where),) = database.execute(query, [sent.dispute]).fetchall()
        values = {"dispute": sent.dispute, "keys": _keys(database, sent.dispute)}
    reader = Reader(sent.dispute, code, sent.reference)
    rows: dict[str, Rows] = {}
    for each in found:
        with psycopg.connect(each.url, autocommit=True) as database:
            for table in each.tables:
                rows[table.dotted] = reader.rows(table, _told(database, table, values))
    return Pattern(sent.sender, sent.reference, where, closed, reader.slots, rows)


def _told(
    database: psycopg.Connection[Any], table: Table, values: dict[str, object]
) -> bytes:
    """A dispute's rows in a table, as they would be copied into another."""
    query = SQL("COPY (SELECT * FROM {} WHERE {}) TO STDOUT (FORMAT BINARY)").format(
        table.full_name, SQL(table.condition)
    )
    with database.cursor().copy(query, values) as copy:
        return b"".join(bytes(block) for block in copy)


def _keys(database: psycopg.Connection[Any], dispute: UUID) -> list[UUID]:
    """The keys of its parties, which lie in another database."""
    query = (
        "SELECT DISTINCT (regexp_matches(convert_from(state, 'UTF8'),"
        " '\"key\":\"([0-9a-f-]{36})\"', 'g'))[1]::uuid"
        " FROM intake.intake_events WHERE originator_id = %s"
    )
    return [row[0] for row in database.execute(query, [dispute])]
