"""SIGTERM in the middle of a handler, in time and too late (T-05)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import httpx
import psutil

from tests.chaos.client import Client
from tests.chaos.faults import HEARERS
from tests.chaos.product import Product
from tests.stories.kafka_world import GROUPS
from tests.stories.world import wait_until


@contextmanager
def in_the_middle(product: Product, name: str) -> Iterator[psutil.Process]:
    """A service is held with everything written and nothing committed, then told to
    stop.
    """
    with product.dies(name):
        with product.held_at("before-commit", name) as held:
            wait_until(held.exists, f"{name} is in the middle of its work")
            process = psutil.Process(product.pid(name))
            product.terminate(name)
            yield process
        wait_until(lambda: not process.is_running(), f"{name} has ended")


def test_what_is_begun_is_finished_before_the_end(
    product: Product, client: Client, chance: Random
) -> None:
    name = chance.choice(HEARERS)
    with client.load(), in_the_middle(product, name):
        wait_until(lambda: not answers(product, name), "HTTP is closed")


def test_what_is_not_finished_in_time_is_not_acknowledged_and_comes_again(
    product: Product, client: Client
) -> None:
    group = "routing-hears"
    with client.load(), in_the_middle(product, "routing"):
        product.wait_until_members(group, 0)
        assert product.outside.unread({group: GROUPS[group]}) == [group]


def answers(product: Product, name: str) -> bool:
    """Whether a service still takes requests."""
    try:
        return httpx.get(f"{product.url(name)}/livez").is_success
    except httpx.TransportError:
        return False
