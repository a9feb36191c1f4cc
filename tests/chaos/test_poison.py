"""Messages that nobody can use, between good ones (T-32, T-33).

All good ones are handled, each bad one is put aside once with its bytes and the reason,
and what is mended and released is handled once, however often it is released.
"""

from __future__ import annotations

import pytest
from pydantic_core import to_json

from shared.events.base import Actor
from shared.events.inbox import ParkedMessage
from tests.chaos.client import Client
from tests.chaos.product import Product
from tests.stories.cases import NEIGHBOURS, POLICE
from tests.stories.kafka_world import GROUPS
from tests.stories.world import wait_until

CLERK = Actor(body=POLICE, person="样例经办-8")
STRANGER = {"sender": "nobody-anywhere", "reference": "p-1", **NEIGHBOURS}

BAD: dict[str, bytes | None] = {
    "no-json": b"{",
    "another-type": b"[1, 2]",
    "no-utf8": b'{"narrative": "\xff\xfe"}',
    "empty": b"",
    "tombstone": None,
    "large": b'{"narrative": "' + b"x" * 10_000_000 + b'"}',
    "deep": b"[" * 100_000,
    "unknown-field": to_json({**STRANGER, "sender": POLICE, "colour": "green"}),
    "unknown-agency": to_json(STRANGER),
}


@pytest.mark.parametrize("topic", ["referrals.police", "answers.police"])
def test_bad_messages_are_put_aside_once_and_stop_nobody(
    product: Product, client: Client, topic: str
) -> None:
    with client.load():
        for _ in range(2):
            for name, body in BAD.items():
                product.say(topic, headers(name, topic), body)
        wait_until(lambda: len(aside(product, topic)) == len(BAD), "all are put aside")

    assert {p.headers["ce_id"]: p.body for p in aside(product, topic)} == {
        name: body or b"" for name, body in BAD.items()
    }
    assert all(parked.reason for parked in aside(product, topic))
    read = {group: topics for group, topics in GROUPS.items() if topics == (topic,)}
    wait_until(lambda: product.outside.unread(read) == [], "the topic is read")
    discard(product, topic)


def test_what_is_mended_and_released_twice_is_handled_once(
    product: Product, client: Client
) -> None:
    topic, told = "referrals.police", {**STRANGER, "sender": POLICE}
    product.say(topic, headers("mended", topic), to_json(STRANGER))
    wait_until(lambda: len(aside(product, topic)) == 1, "it is put aside")
    (parked,) = aside(product, topic)

    for done in ([parked.message], []):
        body = to_json(told)
        released = product.house.release(
            parked.message, by=CLERK, why="样例：写错了移送单位", body=body
        )
        assert released == done

    product.come_to_rest()
    found = client.ledger.account(product).found
    assert (POLICE, told["reference"]) in found.registered
    (event,) = [
        event.data
        for event in found.of("intake", "message.released")
        if event.data["message"] == str(parked.message)
        and event.dispute == parked.stream
    ]
    assert (event["by"], event["why"]) == (
        f"{POLICE}/{CLERK.person}",
        "样例：写错了移送单位",
    )


def headers(name: str, topic: str) -> dict[str, str]:
    source = "nobody-anywhere" if name == "unknown-agency" else POLICE
    return {"ce_id": name, "ce_source": f"/{source}", "ce_type": topic}


def aside(product: Product, topic: str) -> list[ParkedMessage]:
    """The messages of a topic that wait for a person."""
    inboxes = product.house.inboxes().values()
    parked = [message for inbox in inboxes for message in inbox.parked()]
    return [each for each in parked if each.came_from.startswith(topic)]


def discard(product: Product, topic: str) -> None:
    """A person decides that nothing can come of them."""
    for each in aside(product, topic):
        product.house.release(
            each.message, by=CLERK, why="样例：无法辨认", discard=True
        )
