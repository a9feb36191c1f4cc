"""Sends referrals at times that stand beforehand, however slowly the answers come.

Times are counted from when a referral was to be sent: if the product holds the sender
up, that shows (no coordinated omission).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from aiokafka import AIOKafkaProducer

from bench.http import Client
from bench.load import producer
from bench.referrals import Referral


@dataclass
class Sent:
    """When each referral was to be sent, when it was acknowledged, and what failed."""

    planned: dict[UUID, float] = field(default_factory=dict)
    answered: dict[UUID, float] = field(default_factory=dict)
    errors: list[int] = field(default_factory=list)

    def acknowledged(self) -> list[float]:
        """Seconds from the planned moment to the acknowledgement."""
        return [at - self.planned[dispute] for dispute, at in self.answered.items()]


async def over_http(
    url: str, all_sent: Sequence[Referral], moments: Iterable[float]
) -> Sent:
    """Post each at its moment, so many seconds from now."""
    client, sent, begun = Client(url), Sent(), time.monotonic()

    async def post(each: Referral) -> None:
        answer = await client.post("/referrals", each.body)
        if answer.fine:
            sent.answered[each.dispute] = time.monotonic()
        else:
            sent.errors.append(answer.status)

    running = []
    for each, moment in zip(all_sent, moments, strict=True):
        sent.planned[each.dispute] = begun + moment
        await asyncio.sleep(begun + moment - time.monotonic())
        running.append(asyncio.create_task(post(each)))
    await asyncio.gather(*running)
    client.close()
    return sent


async def over_topics(
    bootstrap: str, all_sent: Sequence[Referral], moments: Iterable[float]
) -> Sent:
    """Put each on its topic at its moment."""
    sent, running = Sent(), []
    async with producer(bootstrap) as out:
        begun = time.monotonic()
        for each, moment in zip(all_sent, moments, strict=True):
            sent.planned[each.dispute] = begun + moment
            await asyncio.sleep(begun + moment - time.monotonic())
            running.append(asyncio.create_task(_put(out, each, sent)))
        await asyncio.gather(*running)
    return sent


async def _put(out: AIOKafkaProducer, each: Referral, sent: Sent) -> None:
    key = each.reference.encode()
    await out.send_and_wait(each.topic, each.body, key, headers=each.headers)
    sent.answered[each.dispute] = time.monotonic()


def steady(rate: float, count: int) -> list[float]:
    """Moments at one pace."""
    return [number / rate for number in range(count)]


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of all does not exceed; 0 of nothing."""
    ordered = sorted(values)
    place = min(len(ordered) - 1, int(share * len(ordered)))
    return ordered[place] if ordered else 0.0


def milliseconds(values: Sequence[float]) -> dict[str, float]:
    """Half, 99 of 100, and all of them took no longer than so many milliseconds."""
    return {
        "p50": 1000 * quantile(values, 0.5),
        "p99": 1000 * quantile(values, 0.99),
        "most": 1000 * max(values, default=0.0),
    }
