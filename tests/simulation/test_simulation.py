"""Whatever order, repeats, crashes and lost replies come: nothing is lost or doubled."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.events.inbox import Inbox
from tests.simulation.__main__ import told
from tests.simulation.play import play
from tests.simulation.shrink import Shrinking
from tests.simulation.stage import in_silence

PLAYS, SHARES = 120, 4


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    with in_silence():
        yield


@pytest.mark.parametrize("share", range(SHARES))
def test_every_promise_holds_whatever_goes_wrong(share):
    disputes = 0
    for seed in range(share, PLAYS, SHARES):
        played = play(seed)
        if played.broken:
            pytest.fail(told(seed, Shrinking(played).run()), pytrace=False)
        disputes += played.disputes

    assert disputes > PLAYS / SHARES


def test_the_same_seed_tells_the_same_story():
    first, again = play(7), play(7)

    assert first.story == again.story
    assert play(again=first.drawn).story == first.story


def test_a_promise_that_breaks_is_told_as_a_short_story(monkeypatch):
    monkeypatch.setattr(Inbox, "_fresh", lambda self, source, batch: [])
    broken = max(map(play, range(8)), key=lambda played: len(played.story))

    short = Shrinking(broken, within=20).run()

    assert short.broken == broken.broken is not None
    assert len(short.story) < 12 < len(broken.story)
    assert play(again=short.drawn).broken == broken.broken
