"""From a referral to its recorded offer, at a steady pace, over both ways in."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from bench.offers import Offers
from bench.open_loop import Sent, milliseconds, over_http, over_topics, steady
from bench.product import Product
from bench.referrals import Referral, referrals
from bench.usage import Usage


def latency(
    product: Product, run: str, rate: float = 50.0, seconds: float = 60.0
) -> dict[str, Any]:
    """Half and 99 of 100 referrals, over HTTP and from topics."""
    count = int(rate * seconds)
    found = {}
    for way in ("http", "topic"):
        sent = list(referrals(f"{run}-{way}", count))
        offers, usage = Offers(product.database_url), Usage(product.processes)
        try:
            done = asyncio.run(_send(product, way, sent, steady(rate, count)))
            offers.wait_for({each.dispute for each in sent}, 60)
            cpu = {name: s * 1000 / count for name, s in usage.seconds().items()}
            found[way] = {**_result(done, offers, count), "cpu_per_1000": cpu}
        finally:
            offers.stop()
    return {"rate": rate, "seconds": seconds, **found}


async def _send(
    product: Product, way: str, sent: Sequence[Referral], moments: list[float]
) -> Sent:
    if way == "http":
        return await over_http(product.url("intake"), sent, moments)
    return await over_topics(product.bootstrap, sent, moments)


def _result(done: Sent, offers: Offers, count: int) -> dict[str, Any]:
    made = {d: offers.made[d].at for d in done.planned if d in offers.made}
    return {
        "errors": len(done.errors),
        "lost": count - len(made),
        "acknowledged_ms": milliseconds(done.acknowledged()),
        "offered_ms": milliseconds([at - done.planned[d] for d, at in made.items()]),
        "offered_after_answer_ms": milliseconds(
            [made[d] - at for d, at in done.answered.items() if d in made]
        ),
    }
