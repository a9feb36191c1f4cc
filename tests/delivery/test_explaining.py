"""Decisions that a store holds are explained, found by nothing but the dispute's code."""

from __future__ import annotations

import pytest

from services.routing.explaining.sources import explanations
from services.routing.service import RoutingService
from shared.events.base import State, system
from shared.events.errors import NotHeardYetError, UnknownDisputeError
from shared.events.escalation import RouteRequested
from shared.events.inbox import Inbox
from shared.events.store import Service
from shared.events.tail import hear
from shared.events.vocabulary import RouteReason, dispute_code, dispute_id
from tests.unit.explaining_given import NEIGHBOURS, PACK, REGION
from tests.unit.test_explaining_hands import WISH

FIRST, SECOND = (dispute_id("police-fengqiao", number) for number in "12")
CODE = dispute_code(FIRST, "330681")


class Asking(Service):
    """Escalation as far as routing hears it."""

    name = "escalation"
    empty = State()

    def ask(self, dispute, request, reason, **more):
        asked = RouteRequested(
            request=request,
            reason=reason,
            holder=NEIGHBOURS.sender,
            facts=NEIGHBOURS,
            **more,
        )
        self.says(dispute, f"ask/{request}", asked)

    def says(self, dispute, told, event):
        self.decide(dispute, told, lambda _: [event], actor=system(self.name))


@pytest.fixture
def told(database):
    asking, routing = Asking(database), RoutingService(database, REGION)
    asking.migrate()
    routing.migrate()
    asking.ask(FIRST, 1, RouteReason.REGISTERED)
    asking.says(FIRST, "wish/1", WISH)
    asking.ask(SECOND, 1, RouteReason.REGISTERED)
    passed_over = ("pmc-village-fengxi",)
    declined = {"declines": 1, "passed_over": passed_over}
    asking.ask(FIRST, 2, RouteReason.DECLINED, **declined)
    hear(Inbox(routing), asking)
    yield explanations(routing, find_hands=asking.history)
    routing.close()
    asking.close()


def test_every_decision_of_a_dispute_is_explained_with_what_it_saw(told):
    first, second = told.decisions(CODE)

    assert first.recomputed and second.recomputed
    assert (first.request, first.lead) == (1, "pmc-village-fengxi")
    assert (second.request, second.reason) == (2, "declined")
    assert second.lead != "pmc-village-fengxi"
    assert second.steps
    assert first.versions["table"] == PACK.version


def test_what_people_did_stands_with_the_decision_it_was_about(told):
    first, second = told.decisions(CODE)
    (other,) = told.decisions(dispute_code(SECOND, "330681"))

    assert [deed.deed for deed in first.by_hand] == ["asked"]
    assert (second.by_hand, other.by_hand) == ((), ())


def test_why_not_is_asked_of_one_decision_or_of_the_last(told):
    first = told.why_not(CODE, "pmc-village-fengxi", request=1)
    last = told.why_not(CODE, "pmc-village-fengxi")

    assert (first.outcome, first.request) == ("already", 1)
    assert (last.outcome, last.request) == ("ways", 2)


def test_a_code_that_was_given_out_may_only_not_be_heard_of_yet(told):
    unheard = dispute_code(dispute_id("police-fengqiao", "3"), "330681")

    with pytest.raises(NotHeardYetError):
        told.decisions(unheard)
    with pytest.raises(UnknownDisputeError):
        told.decisions("330681-1")
