"""Decisions that a store holds are explained, found by nothing but the dispute's code."""

from __future__ import annotations

import asyncio

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from services import problems
from services.audit.http import router
from services.audit.service import AuditService
from services.reasons import Reasons
from services.routing.explaining.sources import explanations
from services.routing.service import RoutingService
from shared.events.base import State, system
from shared.events.errors import NotHeardYetError, UnknownDisputeError
from shared.events.escalation import CustodyOpened, RouteRequested
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


@pytest.fixture
def audit(database, told):
    """Audit as it hears escalation and routing, and asks the latter for reasons."""
    service = AuditService(database, REGION, reasons=Reasons(lambda: told))
    service.migrate()
    yield service
    service.close()


@pytest.fixture
def story(audit, database):
    asking, routing = Asking(database), RoutingService(database, REGION)
    opened = CustodyOpened(
        code=CODE, holder=NEIGHBOURS.sender, parties=2, facts=NEIGHBOURS
    )
    asking.says(FIRST, "open", opened)
    for speaker in (asking, routing):
        hear(Inbox(audit), speaker)
        speaker.close()
    return lambda **asked: get(audit, f"/disputes/{CODE}/story", **asked)


def get(audit, path, **query):
    app = FastAPI()
    problems.install(app)
    app.include_router(router(audit))

    async def ask():
        transport = ASGITransport(app)
        async with AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.get(path, params=query)

    return asyncio.run(ask())


def reasons_in(answer):
    """Why, of each routing decision in a story."""
    steps = answer.json()["steps"]
    return [step["why"] for step in steps if step["name"].startswith("dispute.routed")]


def test_a_story_has_every_row_the_terms_and_the_linkage_of_each_decision(story, told):
    first, second = reasons_in(story())

    for why, decision in zip((first, second), told.decisions(CODE), strict=True):
        explained = [row.row for table in decision.tables for row in table.rows]
        assert [row["row"] for row in why["rows"]] == explained
        assert {"danger", "unsuitable", "handoff"} <= {r["table"] for r in why["rows"]}
        assert why["handoff"]["data"] == decision.handoff.model_dump(mode="json")
        assert why["linkage"]["data"] == decision.linkage.model_dump(mode="json")
        assert why["ask"]["link"] == f"/disputes/{CODE}/story?why_not=BODY"
        assert why["why_not"] is None


def test_a_story_says_why_each_decision_did_not_choose_a_body(story, told):
    answer = story(why_not="pmc-village-fengxi")

    for number, why in enumerate(reasons_in(answer), start=1):
        alone = told.why_not(CODE, "pmc-village-fengxi", number)
        assert why["why_not"]["data"] == alone.model_dump(
            mode="json", exclude_none=True
        )
        assert why["why_not"]["zh"] == alone.zh
        assert why["ask"] is None


def test_a_plain_story_searches_nothing(story, monkeypatch):
    def searched(*_, **__):
        raise AssertionError("a story was told with a search that nobody asked for")

    monkeypatch.setattr("services.routing.explaining.service.why_not", searched)

    assert story().status_code == 200


@pytest.mark.parametrize("target", ["nobody-x", "某某", "x" * 81, ""])
def test_a_story_cannot_say_why_it_was_not_a_body_that_there_is_not(story, target):
    answer = story(why_not=target)

    assert answer.status_code == 422
    assert answer.json()["detail"] and answer.json()["detail_en"]
    assert "某某" not in answer.text


def test_a_story_of_rules_that_are_gone_is_told_as_it_was_recorded(
    story, told, monkeypatch
):
    monkeypatch.setattr(told, "_versions", Gone())

    plain, asked = reasons_in(story()), reasons_in(story(why_not="pmc-fengqiao"))

    assert all(why["rows"] and why["ask"] is None for why in plain)
    assert {why["handoff"] for why in plain} == {None}
    assert all("已不在手边" in why["why_not"]["zh"] for why in asked)


class Gone:
    """Packs and directories of which none is left."""

    def decider(self, version):
        return None

    def directory(self, versions, decider):
        return None

    def region(self, versions):
        return None
