"""More processes of a service come, leave, die, freeze, and wake up as strangers.

T-12, T-14, T-15: each message is handled once however many work on it, and a process
too many does no harm.
"""

from __future__ import annotations

import signal

import pytest

from services.compose import HEARS
from tests.chaos.client import Client
from tests.chaos.faults import HEARERS
from tests.chaos.product import Product
from tests.stories.world import wait_until

SHARED = "escalation-hears"


def test_members_come_leave_and_die(product: Product, client: Client) -> None:
    with client.load():
        first, second = product.invite("escalation"), product.invite("escalation")
        product.wait_until_members(SHARED, 3)
        product.leaves(first, signal.SIGTERM)
        product.wait_until_members(SHARED, 2)
        with product.dies("escalation"):
            product.kill("escalation")
        product.leaves(second, signal.SIGKILL)
        product.wait_until_members(SHARED, 1)


@pytest.mark.parametrize("place", ["before-append", "before-acknowledge"])
def test_a_member_that_was_taken_for_dead_does_no_harm_when_it_wakes_up(
    product: Product, client: Client, place: str
) -> None:
    """It stands still with a batch in its hands, which another one then handles."""
    who = SHARED if place == "before-acknowledge" else "escalation"
    with client.load():
        with product.frozen_at(place, who, "escalation"):
            guest = product.invite("escalation")
            product.wait_until_members(SHARED, 1)
            wait_until(product.progress("escalation"), "the guest works instead")
        product.wait_until_members(SHARED, 2)
        product.leaves(guest, signal.SIGTERM)


def test_a_second_process_of_every_service_changes_nothing(
    product: Product, client: Client
) -> None:
    """Relays and senders stand by or share, and take over from those that are killed."""
    with client.load():
        guests = [product.invite(name) for name in HEARS]
        for name in HEARERS:
            product.wait_until_members(f"{name}-hears", 2)
        with product.dies(*HEARS):
            product.kill(*HEARS)
            wait_until(product.progress("escalation"), "the guests work alone")
        for guest in guests:
            product.leaves(guest, signal.SIGKILL)
