"""The measure to be compared with: the same bytes through as many hops, and no product.

Four hops, each a process that reads a topic, copies what it read into a table in one
transaction and puts it on the next topic; a fifth process copies what all four said.
Same broker, same database, same number of partitions, nothing parsed, nothing decided.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from psycopg.sql import SQL, Identifier

from bench.load import send_all
from bench.product import Product
from bench.referrals import Referral
from bench.usage import Usage

HOPS = ("hop1", "hop2", "hop3", "hop4")
LEDGER = "ledger"
PARTITIONS = 4
_TABLES = """
    CREATE SCHEMA {schema};
    CREATE TABLE {schema}.hop1 (number bigserial, key bytea, body bytea);
    CREATE TABLE {schema}.hop2 (LIKE {schema}.hop1 INCLUDING DEFAULTS);
    CREATE TABLE {schema}.hop3 (LIKE {schema}.hop1 INCLUDING DEFAULTS);
    CREATE TABLE {schema}.hop4 (LIKE {schema}.hop1 INCLUDING DEFAULTS);
    CREATE TABLE {schema}.ledger (number bigserial, key bytea, body bytea);
"""


class NotThroughError(Exception):
    """The bare pipeline lost something or stood still."""


def bare(product: Product, sent: Sequence[Referral], warm: int = 300) -> dict[str, Any]:
    """How fast the same messages go through the bare pipeline."""
    schema = f"bare_{uuid4().hex[:8]}"
    with (
        psycopg.connect(product.database_url, autocommit=True) as database,
        _pipeline(product, schema, database) as processes,
    ):
        _through(product, schema, database, sent[:warm], 0)
        usage = Usage({**product.processes, **processes})
        seconds = _through(product, schema, database, sent, min(warm, len(sent)))
        used = usage.seconds()
    thousands = len(sent) / 1000
    return {
        "disputes": len(sent),
        "seconds": seconds,
        "per_second": len(sent) / seconds,
        "cpu_per_1000": {
            name: used[name] / thousands for name in (*processes, "postgres", "kafka")
        },
    }


def _through(
    product: Product,
    schema: str,
    database: psycopg.Connection[Any],
    sent: Sequence[Referral],
    before: int,
) -> float:
    first = [each._replace(topic=f"{schema}.said0") for each in sent]
    sending = threading.Thread(target=send_all, args=(product.bootstrap, first))
    begun = moved = time.monotonic()
    sending.start()
    goal, there = (before + len(sent)) * len(HOPS), -1
    query = SQL("SELECT last_value FROM {}.ledger_number_seq").format(
        Identifier(schema)
    )
    while there < goal:
        time.sleep(0.05)
        (now,) = database.execute(query).fetchall()[0]
        if now != there:
            there, moved = now, time.monotonic()
        elif time.monotonic() > moved + 60:
            raise NotThroughError(f"{there} of {goal} rows are in the ledger")
    seconds = time.monotonic() - begun
    sending.join()
    _must_all_be_there(database, schema, goal)
    return seconds


def _must_all_be_there(
    database: psycopg.Connection[Any], schema: str, goal: int
) -> None:
    """Rows are counted a moment after the last number was given out."""
    query = SQL("SELECT count(*) FROM {}.ledger").format(Identifier(schema))
    until = time.monotonic() + 5
    while (found := database.execute(query).fetchall()[0][0]) != goal:
        if time.monotonic() > until:
            raise NotThroughError(f"{found} rows are in the ledger and not {goal}")
        time.sleep(0.02)


@contextmanager
def _pipeline(
    product: Product, schema: str, database: psycopg.Connection[Any]
) -> Iterator[dict[str, int]]:
    asyncio.run(_make_topics(product.bootstrap, schema))
    database.execute(SQL(_TABLES).format(schema=Identifier(schema)))
    told = (product.bootstrap, product.database_url, schema)
    command = [sys.executable, "-m", "bench.bare_hop"]
    running = {
        f"bare-{name}": subprocess.Popen([*command, name, *told])
        for name in (*HOPS, LEDGER)
    }
    try:
        yield {name: process.pid for name, process in running.items()}
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            process.wait(10)
        database.execute(SQL("DROP SCHEMA {} CASCADE").format(Identifier(schema)))


async def _make_topics(bootstrap: str, schema: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        wanted = [
            NewTopic(f"{schema}.said{number}", PARTITIONS, 1)
            for number in range(len(HOPS) + 1)
        ]
        await admin.create_topics(wanted)
    finally:
        await admin.close()
