"""Services that are killed at random moments, and at every place where it could matter.

T-01, T-02, T-06: what was acknowledged is stored once, in every service, whoever dies.
"""

from __future__ import annotations

from random import Random

from services.serve import NAMES
from shared.events.failpoints import PLACES
from tests.chaos.client import Client
from tests.chaos.faults import WHO, all_places, kill_services
from tests.chaos.product import Product

ROUNDS = 2


def test_services_are_killed_at_random_moments(
    product: Product, client: Client, chance: Random
) -> None:
    for _ in range(ROUNDS):
        with client.load():
            kill_services(product, chance)


def test_all_services_are_killed_at_once(product: Product, client: Client) -> None:
    with client.load(), product.dies(*NAMES):
        product.kill(*NAMES)


def test_everybody_dies_at_every_place_and_somebody_twice_in_a_row(
    product: Product, client: Client, chance: Random
) -> None:
    with client.load():
        all_places(product, chance)


def test_no_place_is_forgotten() -> None:
    """A new place must be named in `WHO`, or nobody would ever die there."""
    assert set(WHO) == set(PLACES)
