"""Every story on both carriers, and with every message delivered twice: all the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import product

import pytest

from shared.events.base import DomainEvent
from shared.events.escalation import HandoffAccepted, HandoffDesignated
from tests.stories.catalogue import STORIES
from tests.stories.chronicle import Hand, hands
from tests.stories.conftest import Worlds
from tests.stories.telling import Story

WORLDS = ("embedded", "embedded-twice", "kafka-twice", "kafka")
OTHERS = WORLDS[1:]
EVERYWHERE = list(product(WORLDS, STORIES))

each_world = pytest.mark.parametrize("world", WORLDS)
each_other = pytest.mark.parametrize("world", OTHERS)


def in_words(value: object) -> str:
    return getattr(value, "__name__", str(value))


@pytest.mark.parametrize(("world", "story"), EVERYWHERE, ids=in_words)
def test_it_goes_as_told(worlds: Worlds, world: str, story: Story) -> None:
    if error := worlds.told(world).ends[story.__name__]:
        raise error


@each_other
def test_histories_are_the_same_in_every_world(worlds: Worlds, world: str) -> None:
    found, expected = (worlds.told(w).chronicle.stories for w in (world, "embedded"))

    assert found.keys() == expected.keys()
    for reference, story in expected.items():
        assert found[reference] == story


@each_other
def test_the_ledger_is_the_same_in_every_world(worlds: Worlds, world: str) -> None:
    found, expected = (worlds.told(w).chronicle.rows for w in (world, "embedded"))

    assert found == expected


@each_other
def test_notices_and_letters_are_the_same_in_every_world(
    worlds: Worlds, world: str
) -> None:
    found, expected = (worlds.told(w).chronicle for w in (world, "embedded"))

    assert found.notices == expected.notices
    assert found.letters == expected.letters


@each_other
def test_what_was_parked_is_the_same_in_every_world(worlds: Worlds, world: str) -> None:
    found, expected = (worlds.told(w).chronicle.parked for w in (world, "embedded"))

    assert found == expected


@each_world
def test_one_body_holds_an_open_dispute_and_a_clock_runs(
    worlds: Worlds, world: str
) -> None:
    for events in worlds.told(world).chronicle.heard.values():
        for hand in hands(events):
            assert hand.after.holder
            assert hand.after.clocks or hand.after.closed_at


@each_world
def test_custody_moves_only_when_it_is_taken(worlds: Worlds, world: str) -> None:
    for events in worlds.told(world).chronicle.heard.values():
        for hand in list(hands(events))[1:]:
            takers = [t for event in hand.events for t in _takers(hand, event)]
            holder = takers[-1] if takers else hand.before.holder
            assert hand.after.holder == holder


def _takers(hand: Hand, event: DomainEvent) -> Iterator[str]:
    """Who has it because of this event."""
    match event:
        case HandoffAccepted(by=by, sender=sender):
            assert sender == hand.before.holder
            yield by
        case HandoffDesignated(to=to):
            yield to


@each_world
def test_every_notice_goes_out_once(worlds: Worlds, world: str) -> None:
    found = worlds.told(world).chronicle
    sent = Counter(f"{channel}/{notice}" for notice, channel in found.sent)
    posted = Counter(
        f"{letter.where.partition(':')[0]}/{letter.notice}" for letter in found.letters
    )

    assert set(sent.values()) == {1}
    assert posted == sent
    standing = {n.state for of_one in found.notices.values() for n in of_one.values()}
    assert standing == {"sent"}
