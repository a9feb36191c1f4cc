"""What a second process of a service brings.

Each service works off the same backlog alone, while the others stand still: once as one
process, once as two. The database and the broker share the cores with it, so two
processes cannot be twice as fast on two cores.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise
from math import prod
from typing import Any

from bench.load import send_all
from bench.product import Product, free_ports
from bench.referrals import Referral, referrals
from bench.stages import stored
from services.serve import NAMES

CHAIN = ("intake", "escalation", "routing", "escalation", "notifications", "audit")
"""In this order each finds a backlog that the ones before it have made."""

FROM, TO = 0.25, 0.95
PATIENCE = 90.0


class StuckError(Exception):
    """A service alone did not work off its backlog."""


def two(product: Product, run: str, disputes: int) -> dict[str, Any]:
    """Events a second of each service, as one process and as two."""
    product.settle()
    product.stop_services()
    rates: dict[int, dict[str, list[float]]] = {1: {}, 2: {}}
    for count in (1, 2):
        sent = list(referrals(f"{run}-by{count}", disputes))
        send_all(product.bootstrap, sent)
        for service in CHAIN:
            rate = _worked_off(product, service, count, sent)
            rates[count].setdefault(service, []).append(rate)
    services = {name: _compared(rates, name, disputes) for name in rates[1]}
    gains = [each["gain"] for each in services.values()]
    return {
        "services": services,
        "gain": prod(gains) ** (1 / len(gains)),
    }


def _compared(
    rates: dict[int, dict[str, list[float]]], name: str, disputes: int
) -> dict[str, float]:
    """Disputes a second; a service that works twice on each takes the time of both."""
    one, both = (1 / sum(1 / rate for rate in rates[count][name]) for count in (1, 2))
    return {"one": one, "two": both, "gain": both / one}


def _worked_off(
    product: Product, service: str, count: int, sent: Sequence[Referral]
) -> float:
    """Disputes a second in the middle of the backlog, with all processes at work."""
    before = stored(product.database_url, service)
    port = free_ports(len(NAMES) + 1)
    children = [product.another(service, port + number) for number in range(count)]
    begun = time.monotonic()
    seen = [(begun, 0)]
    for child in children:
        child.start()
    try:
        while not _is_done(product, service, seen):
            time.sleep(0.1)
            found = stored(product.database_url, service) - before
            seen.append((time.monotonic(), found))
    finally:
        for child in children:
            child.ask_to_stop()
        for child in children:
            child.stop(time.monotonic() + 10)
    return len(sent) * (TO - FROM) / (_when(seen, TO) - _when(seen, FROM))


def _is_done(product: Product, service: str, seen: Sequence[tuple[float, int]]) -> bool:
    """Whether nothing has been stored for two seconds after something was."""
    now, found = seen[-1]
    changed = next(at for at, count in seen if count == found)
    if not found and now > seen[0][0] + PATIENCE:
        raise StuckError(f"{service} stored nothing; see {product.settings.data}/logs")
    return found > 0 and now > changed + QUIET


QUIET = 2.5
"""Longer than any pause between two pages, also while the group finds itself anew."""


def _when(seen: Sequence[tuple[float, int]], share: float) -> float:
    """When this share of all was stored, between two looks in proportion."""
    goal = share * seen[-1][1]
    for (t0, before), (t1, after) in pairwise(seen):
        if after >= goal:
            return t0 + (t1 - t0) * (goal - before) / max(1, after - before)
    return seen[-1][0]
