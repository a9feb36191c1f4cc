"""Decisions by people on real PostgreSQL: the directory says who may, the clock who waits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.escalation.asking_human import AskForHuman
from services.escalation.by_hand import DecideByHand
from services.escalation.clock import fire_due
from services.escalation.commands import Accept
from shared.events.errors import NotYoursError
from shared.events.escalation import DecidedByHand, HumanAsked, SupervisionIssued
from tests.conftest import MONDAY
from tests.delivery.test_escalation import World
from tests.unit.custody_scenarios import CENTRE, JUSTICE, POLICE, TOWN, VILLAGE


def decision(by, to, reason="wrong_row"):
    return DecideByHand(command_id="by-hand", by=by, person="o-7", to=to, reason=reason)


@pytest.fixture
def there(database):
    world = World(database)
    yield world
    world.service.close()


def test_a_public_body_of_the_place_decides_once_and_the_body_it_names_takes_it(there):
    dispute = there.offers()

    there.does(dispute, decision(JUSTICE, TOWN))
    there.does(dispute, decision(JUSTICE, TOWN))
    there.does(dispute, Accept(command_id="taken", by=TOWN))

    (decided,) = there.said(DecidedByHand)
    assert (decided.actor.person, decided.event.instead_of) == ("o-7", VILLAGE)
    assert there.service.state(dispute).holder == TOWN


@pytest.mark.parametrize("by", [VILLAGE, POLICE, "justice-manas"])
def test_nobody_else_decides(there, by):
    with pytest.raises(NotYoursError):
        there.does(there.offers(), decision(by, TOWN))


def test_a_wish_for_a_person_that_nobody_answers_puts_the_decider_under_order(there):
    dispute = there.accepts()
    there.does(dispute, AskForHuman(command_id="wish", by=VILLAGE, party=2))

    there.database.freeze(MONDAY + timedelta(days=4))
    fire_due(there.service)

    (asked,) = there.said(HumanAsked)
    orders = [said.event for said in there.said(SupervisionIssued)]
    assert asked.event.decider == CENTRE
    assert ("human_decision", CENTRE) in {(o.clock, o.body) for o in orders}
