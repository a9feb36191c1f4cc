"""Rules with a gap: they never begin to decide, and would guess nothing if they did."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from services.routing.dmn import DmnRefusedError
from services.routing.publishing import Archive, Publishing, adopting, packs
from services.routing.publishing.packs import PublishedPacks
from services.routing.service import RoutingService
from shared.events.base import State, system
from shared.events.escalation import RouteRequested
from shared.events.inbox import Inbox
from shared.events.routing import Routed
from shared.events.store import Service
from shared.events.tail import hear
from tests.unit.backtest_given import PACK, REGION, plain, with_rules

WITH_A_GAP = with_rules(lambda rules: rules[:-1], "clocks")


class Escalation(Service):
    """Escalation as far as routing hears it."""

    name = "escalation"
    empty = State()


class County:
    """Routing by the rules in force, over a real store."""

    def __init__(self, database, pack):
        self.publishing = Publishing(database, REGION.code)
        self.packs = PublishedPacks(self.publishing, Archive(database), pack)
        self.routing = RoutingService(database, REGION, self.packs.shelf)
        self.asking, self.inbox = Escalation(database), Inbox(self.routing)
        for each in (self.routing, self.asking):
            each.migrate()

    def ask(self, kind):
        facts = plain(kind=kind).facts
        asked = RouteRequested(
            request=1, reason="registered", facts=facts, holder=facts.sender
        )
        dispute = uuid4()
        self.asking.decide(
            dispute, "ask", lambda _: [asked], actor=system("escalation")
        )
        hear(self.inbox, self.asking)
        told = (recorded.event for recorded in self.routing.history(dispute))
        return [event for event in told if isinstance(event, Routed)]

    def close(self):
        for each in (self.publishing, self.routing, self.asking):
            each.close()


@pytest.fixture
def a_county(database):
    made = []

    def county(pack):
        made.append(County(database, pack))
        return made[-1]

    yield county
    for each in made:
        each.close()


def test_shipped_rules_with_a_gap_are_refused_at_the_very_first_start(a_county):
    county = a_county(WITH_A_GAP)

    with pytest.raises(DmnRefusedError) as refused:
        county.packs.begin(REGION)

    (fault,) = refused.value.faults
    assert (fault.why, fault.place.decision) == ("proof.gap", "clocks")
    assert "没有一行适用" in fault.words("zh")
    assert "建议增加一行" in str(refused.value)
    assert county.publishing.newest().adopted is None


def test_shipped_rules_without_a_last_row_for_all_begin_if_they_are_complete(a_county):
    def twice(rules):
        *before, last = rules
        cells = {"C98": '"police"', "C99X": 'not("police")'}
        made = (
            replace(last, id=id, tests=(c, *last.tests[1:])) for id, c in cells.items()
        )
        return (*before, *made)

    complete = with_rules(twice, "clocks")
    county = a_county(complete)
    county.packs.begin(REGION)

    assert county.publishing.newest().adopted
    (routed,) = county.ask("neighbour")
    assert routed.versions["table"] == complete.version


def test_later_starts_prove_nothing_again(a_county, monkeypatch):
    a_county(PACK).packs.begin(REGION)
    monkeypatch.setattr(packs, "must_answer", None)

    a_county(PACK).packs.begin(REGION)
    a_county(WITH_A_GAP).packs.begin(REGION)  # was not published, and decides nothing


def test_a_dispute_that_no_row_answers_is_parked_with_the_table(a_county, monkeypatch):
    """There is no such pack in force; if there were, nothing would be guessed."""
    monkeypatch.setattr(adopting.proof, "not_one_answer", lambda *told: ())
    county = a_county(WITH_A_GAP)
    county.packs.begin(REGION)

    assert county.ask("neighbour") == []
    (parked,) = county.inbox.parked()
    assert "clocks" in parked.reason
    assert "没有一行适用于这件纠纷" in parked.reason
    assert "No row matches this dispute" in parked.reason
    assert len(county.ask("medical")) == 1
