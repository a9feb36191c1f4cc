"""A calm, a spike and a calmer time: what fails, what is lost, how long it takes to drain."""

from __future__ import annotations

import asyncio
import time
from itertools import chain
from typing import Any

from bench.offers import Offers
from bench.open_loop import milliseconds, over_http
from bench.product import Product
from bench.referrals import referrals
from bench.stages import Stages

RATES = (1.0, 35.0, 10.0)


def spike(product: Product, run: str, seconds: float = 60.0) -> dict[str, Any]:
    """Referrals over HTTP at 1, 35 and 10 a second, so many seconds each."""
    moments = list(chain.from_iterable(_phases(seconds)))
    sent = list(referrals(f"{run}-spike", len(moments)))
    offers, stages = Offers(product.database_url), Stages(product.database_url)
    try:
        begun = time.monotonic()
        done = asyncio.run(over_http(product.url("intake"), sent, moments))
        all_sent = time.monotonic()
        lost = offers.wait_for(set(done.answered), 120)
        _until_in_the_ledger(stages, len(done.answered))
        drained = time.monotonic()
        missing = stages.missing(list(done.answered))
    finally:
        offers.stop()
        stages.close()
    in_spike = [d for d, at in done.planned.items() if at - begun < 2 * seconds]
    last = max((offers.made[d].at for d in in_spike if d in offers.made), default=begun)
    waits = [
        o.at - done.planned[d] for d, o in offers.made.items() if d in done.planned
    ]
    return {
        "sent": len(sent),
        "errors": len(done.errors),
        "lost": len(lost) + max(missing.values()),
        "spike_drained_s": max(0.0, last - begun - 2 * seconds),
        "drained_s": drained - all_sent,
        "offered_ms": milliseconds(waits),
    }


def _phases(seconds: float) -> list[list[float]]:
    """The moments of each phase, from the beginning of the first."""
    return [
        [number * seconds + each / rate for each in range(max(1, int(rate * seconds)))]
        for number, rate in enumerate(RATES)
    ]


def _until_in_the_ledger(stages: Stages, count: int) -> None:
    until = time.monotonic() + 120
    while min(stages.look().values()) < count and time.monotonic() < until:
        time.sleep(0.05)
