"""A consumer that ends, for whatever reason, takes its process with it.

Otherwise it would keep its partitions and nobody would read them.
"""

from __future__ import annotations

import pytest

from tests.chaos.client import Client
from tests.chaos.product import Product
from tests.chaos.serve import ENDS
from tests.stories.kafka_world import GROUPS


@pytest.mark.parametrize("how", sorted(ENDS))
def test_its_process_ends_and_another_takes_its_place(
    product: Product, client: Client, how: str
) -> None:
    with client.load(), product.dies("routing", "audit"):
        product.end_consumer(how, "routing")
        product.end_consumer(how, "audit")
    for group in (g for g in GROUPS if g.startswith(("routing-", "audit-"))):
        product.wait_until_members(group, 1)
