"""One process of the bare pipeline: `python -m bench.bare_hop NAME BROKER DATABASE SCHEMA`.

Read a page, copy it into a table, put it on the next topic, say that it was read.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence
from typing import Any

import psycopg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from psycopg.sql import SQL, Identifier

LAST = 4
LARGEST = 8 * 1024 * 1024


async def work(name: str, bootstrap: str, url: str, schema: str) -> None:
    """Until told to stop."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    number = int(name[-1]) if name.startswith("hop") else 0
    consumer = AIOKafkaConsumer(
        *_heard(schema, number),
        bootstrap_servers=bootstrap,
        group_id=f"{schema}-{name}",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        fetch_max_wait_ms=50,
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        max_batch_size=LARGEST,
        max_request_size=LARGEST,
    )
    await consumer.start()
    await producer.start()
    query = SQL("COPY {}.{} (key, body) FROM STDIN (FORMAT BINARY)").format(
        Identifier(schema), Identifier(name)
    )
    with psycopg.connect(url, autocommit=True) as database:
        while not stopping.is_set():
            page = await consumer.getmany(timeout_ms=200, max_records=500)
            if page:
                records = [each for found in page.values() for each in found]
                _copy(database, query, records)
                if number:
                    await _hand_on(producer, f"{schema}.said{number}", page)
                await consumer.commit()
    await producer.stop()
    await consumer.stop()


def _heard(schema: str, number: int) -> list[str]:
    """A hop hears the one before it; the ledger, which has no number, hears all."""
    heard = [number - 1] if number else range(1, LAST + 1)
    return [f"{schema}.said{each}" for each in heard]


def _copy(
    database: psycopg.Connection[Any], query: Any, records: Sequence[ConsumerRecord]
) -> None:
    with database.cursor().copy(query) as copy:
        copy.set_types(["bytea", "bytea"])
        for record in records:
            copy.write_row((record.key, record.value))


async def _hand_on(producer: AIOKafkaProducer, topic: str, page: Any) -> None:
    """A batch a partition, and wait until all are acknowledged."""
    sent = [
        await _put(producer, topic, place.partition, records)
        for place, records in page.items()
    ]
    await asyncio.gather(*sent)


async def _put(
    producer: AIOKafkaProducer,
    topic: str,
    partition: int,
    records: Sequence[ConsumerRecord],
) -> Any:
    batch = producer.create_batch()
    for record in records:
        batch.append(timestamp=None, key=record.key, value=record.value)
    batch.close()
    return await producer.send_batch(batch, topic, partition=partition)


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
