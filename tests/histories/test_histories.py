"""What was decided by rules of the past is decided by them still."""

from __future__ import annotations

import pytest

from services.routing.backtest.past import Past
from services.routing.backtest.reproducing import Library, Reproduction
from shared.events.routing import Routed
from tests.histories.kept import Kept, names, read, read_event


@pytest.fixture(scope="module", params=names())
def kept(request) -> Kept:
    return read(request.param)


def test_every_decision_of_the_time_comes_out_again(kept):
    packs, regions = {kept.pack.version: kept.pack}, {kept.region.digest: kept.region}
    days = {kept.calendar.version: kept.calendar} if kept.calendar else {}
    library = Library(packs.__getitem__, regions.__getitem__, days.__getitem__)
    run = Reproduction(kept, library)
    assert [*run.differences()] == []
    assert run.counted["reproduced"] == len(kept.stored) > 0


def test_the_rules_and_the_directory_are_those_that_decisions_name(kept):
    for stored in kept.stored:
        event = read_event(stored).event
        assert isinstance(event, Routed)
        assert event.versions["table"] == kept.pack.version
        assert event.versions["directory"] == kept.region.digest


def test_old_decisions_can_be_backtested(kept):
    past = Past()
    assert past.catch_up(kept) == len(kept.stored)
    assert past.one("SELECT count(*) FROM past WHERE holder IS NULL") == 0
    past.close()
