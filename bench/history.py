"""The product with a long history: how much slower it is, and how fast it answers."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from bench.disk import disk
from bench.end_to_end import Progress, end_to_end
from bench.filling import fill, must_have_room
from bench.lived import patterns
from bench.product import Product
from bench.reads import reads
from bench.referrals import referrals
from bench.said_before import nothing_to_tell
from bench.stages import stored
from bench.tables import place
from services.compose import HEARS

PATTERNS = 100
"""So many disputes are lived, half of them to their end, and then copied."""


def history(
    product: Product,
    run: str,
    count: int,
    disputes: int,
    times: int,
    progress: Progress,
) -> dict[str, Any]:
    """Fill so many disputes in, measure on top of them, and read."""
    begun = time.monotonic()
    lived = patterns(product, run, min(PATTERNS, count))
    places = [place(product.database_url), place(product.keystore_url)]
    must_have_room(product.settings.data, lived, count)
    fill(places, lived, count, progress)
    nothing_to_tell(product.house)
    filling = time.monotonic() - begun
    _wake(product)
    answered = asyncio.run(reads(product, times))
    end_to_end(product, list(referrals(f"{run}-warm2", min(300, disputes))))
    measured = end_to_end(product, list(referrals(f"{run}-more", disputes)))
    sizes = disk(product)
    return {
        "disputes": count,
        "filling_s": filling,
        "database_gb": sizes["database_kb"] * sizes["disputes"] / 1e6,
        "database_kb": sizes["database_kb"],
        "end-to-end": measured,
        "reads": answered,
    }


class NotUntouchedError(Exception):
    """The services took a part of the history for something new."""


def _wake(product: Product) -> None:
    """Start the services; nothing of the history may be said or heard again."""
    before = [stored(product.database_url, name) for name in HEARS]
    product.start_services()
    product.settle()
    if [stored(product.database_url, name) for name in HEARS] != before:
        raise NotUntouchedError("the services recorded something of the history again")
