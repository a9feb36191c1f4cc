"""The broker is away for longer than a consumer is waited for: intake does not notice.

T-07. Its supervisor is held off meanwhile, and nothing is brought by topic.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

import httpx

from tests.chaos.client import Client
from tests.chaos.ledger import Referral
from tests.chaos.product import Product
from tests.chaos.stored import stored
from tests.stories.cases import NEIGHBOURS, POLICE
from tests.stories.world import wait_until

REFERRALS = 20
PAUSES = 3
"""How often intake's relay looks for the broker in vain; each time after a longer pause."""


def test_intake_goes_on_without_the_broker_and_the_rest_follows_in_order(
    product: Product, client: Client
) -> None:
    client.send(8)
    product.come_to_rest()  # what carries events has begun, and found the broker
    before = paused(product)
    with broker_away(product):
        for number in range(REFERRALS):
            assert refer(product, client, number).status_code == 201
        wait_until(lambda: paused(product) >= before + PAUSES, "a relay that waits")
        assert httpx.get(f"{product.url('intake')}/readyz").status_code == 200
        assert refer(product, client, 0).status_code == 200
    product.come_to_rest()

    assert is_in_order(stored(product).heard)


@contextmanager
def broker_away(product: Product) -> Iterator[None]:
    """Kill the broker, and have nobody start it again meanwhile."""
    broker = product.product.broker
    assert broker
    with broker._tenancy.alone():
        broker.kill()
        yield


def refer(product: Product, client: Client, number: int) -> httpx.Response:
    """Ask once for a referral to be registered."""
    said = Referral(POLICE, f"away-{number}-{client.ledger.seed}")
    told = {**said._asdict(), **NEIGHBOURS}
    client.ledger.sent(said)
    answer = httpx.post(f"{product.url('intake')}/referrals", json=told, timeout=30)
    if answer.is_success:
        client.ledger.acknowledged(said, answer.text)
    return answer


def paused(product: Product) -> int:
    """How often intake's relay has found no broker."""
    log = product.settings.data / "logs" / "intake.log"
    return log.read_text("utf-8").count('"relay_paused"')


def is_in_order(heard: Iterable[tuple[str, UUID, int]]) -> bool:
    """Whether of each speaker and dispute every event was heard after those before it."""
    last: dict[tuple[str, UUID], int] = {}
    for speaker, dispute, version in heard:
        if version <= last.get((speaker, dispute), 0):
            return False
        last[speaker, dispute] = version
    return True
