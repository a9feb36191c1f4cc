"""Puts referrals on topics, as fast as the broker takes them or at a steady pace."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer

from bench.referrals import Referral


@asynccontextmanager
async def producer(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    """A producer as a careful sender has one."""
    found = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        max_batch_size=256 * 1024,
    )
    await found.start()
    try:
        yield found
    finally:
        await found.stop()


def send_all(bootstrap: str, sent: Iterable[Referral]) -> None:
    """Send as fast as possible; all are acknowledged when this returns."""
    asyncio.run(_send(bootstrap, sent, None))


def send_paced(bootstrap: str, sent: Iterable[Referral], rate: float) -> None:
    """Send so many a second, at times that do not depend on how long sending takes."""
    asyncio.run(_send(bootstrap, sent, rate))


async def _send(bootstrap: str, sent: Iterable[Referral], rate: float | None) -> None:
    async with producer(bootstrap) as out:
        begun, waiting = time.monotonic(), []
        for number, each in enumerate(sent):
            if rate:
                await asyncio.sleep(begun + number / rate - time.monotonic())
            waiting.append(
                await out.send(
                    each.topic, each.body, each.reference.encode(), headers=each.headers
                )
            )
        await asyncio.gather(*waiting)
