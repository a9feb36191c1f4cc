"""Two clock processes at once, killed in turn: every due clock fires once (T-13)."""

from __future__ import annotations

import signal
from datetime import timedelta

from services.escalation.views import due_clocks
from tests.chaos.client import Client
from tests.chaos.product import Product
from tests.stories.world import wait_until

DISPUTES = 40


def test_two_clocks_that_are_killed_in_turn_fire_every_due_clock_once(
    product: Product, client: Client
) -> None:
    client.send(DISPUTES)
    product.come_to_rest()
    second = product.invite("clock")
    with product.dies("clock"):
        product.house.database.advance(timedelta(days=3))
        product.kill("clock")
        wait_until(lambda: is_on_time(product), "what came due is fired by the second")

    product.house.database.advance(timedelta(days=2))
    product.leaves(second, signal.SIGKILL)
    wait_until(lambda: is_on_time(product), "what came due is fired by the first")

    breached = client.ledger.account(product).found.of("escalation", "clock.breached")
    assert len(breached) >= DISPUTES / 2


def is_on_time(product: Product) -> bool:
    """Whether no clock is due."""
    return not due_clocks(product.house.database, product.now(), 1)
