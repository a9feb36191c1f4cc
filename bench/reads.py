"""How long lists, searches and the story of one dispute take over HTTP."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg.sql import SQL, Identifier

from bench.http import Client
from bench.open_loop import milliseconds
from bench.product import Product
from bench.usage import Usage

SEARCHES = ("holder", "offered", "stage", "place", "code")

_DEEP = """
    SELECT dispute FROM audit.ledger ORDER BY since DESC, dispute DESC
    OFFSET (SELECT least(1000, count(*) / 2) FROM audit.ledger) LIMIT 1
"""


Questions = dict[str, Callable[[], str]]


async def reads(product: Product, times: int) -> dict[str, Any]:
    """Each question many times over, one at a time, as a person asks."""
    client, found = Client(product.url("audit")), {}
    whole: list[float] = []
    for name, ask in _questions(product).items():
        usage = Usage(product.processes)
        took = await _asked(client, ask, times)
        used = usage.seconds()
        cpu = 1000 * (used["audit"] + used["postgres"]) / times
        found[name] = {**milliseconds(took), "cpu_ms": cpu}
        whole += took if name in SEARCHES else []
    client.close()
    return {**found, "search": milliseconds(whole)}


def _questions(product: Product) -> Questions:
    draw = random.Random(4)
    with psycopg.connect(product.database_url, autocommit=True) as database:
        codes, holders, where, offered = (
            _sample(database, column)
            for column in ("code", "holder", "place", "offered_to")
        )
        deep = database.execute(_DEEP).fetchall()[0][0]
    return {
        "list": lambda: "/disputes?limit=50",
        "page": lambda: f"/disputes?limit=50&after={deep}",
        "holder": lambda: f"/disputes?holder={quote(draw.choice(holders))}",
        "offered": lambda: f"/disputes?offered_to={quote(draw.choice(offered))}",
        "stage": lambda: "/disputes?stage=offered&open_only=true",
        "place": lambda: f"/disputes?place={draw.choice(where)}",
        "code": lambda: f"/disputes/{draw.choice(codes)}",
        "holders": lambda: "/holders",
        "story": lambda: f"/disputes/{draw.choice(codes)}/story",
    }


async def _asked(client: Client, ask: Callable[[], str], times: int) -> list[float]:
    took = []
    for _ in range(times):
        path, begun = ask(), time.monotonic()
        answer = await client.get(path)
        if not answer.fine:
            raise LookupError(f"{path}: {answer.status}")
        took.append(time.monotonic() - begun)
    return took


def _sample(database: psycopg.Connection[Any], column: str) -> list[str]:
    """Values of a thousand disputes drawn from the whole ledger."""
    query = SQL(
        "SELECT {0} FROM audit.ledger WHERE {0} IS NOT NULL"
        " ORDER BY random() LIMIT 1000"
    ).format(Identifier(column))
    return [str(row[0]) for row in database.execute(query)]
