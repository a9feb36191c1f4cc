"""Why a dispute went where it went, in words: rows, facts, steps, and why not elsewhere."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from services import problems
from services.routing import http
from services.routing.explaining.facts import FACTS
from services.routing.explaining.grounds import explanation
from services.routing.explaining.service import Explanations, nobody
from services.routing.explaining.values import Outcome, Role, Standing
from services.routing.explaining.why_not import why_not
from services.routing.explaining.words import Words, texts
from services.routing.packs import INPUTS
from services.routing.packs.outcomes import OUTCOMES
from services.routing.sought import Told
from shared.body_kinds import BodyKind
from shared.events.base import Recorded, system
from shared.events.errors import RefusedError
from shared.events.routing import Action, Severity
from shared.events.vocabulary import (
    Flag,
    HandoffKind,
    RouteReason,
    Source,
    Tier,
    dispute_code,
    dispute_id,
    disputes_of,
)
from tests.unit.explaining_given import (
    CODE,
    DECIDER,
    DIRECTORY,
    GROUND,
    MONDAY,
    NEIGHBOURS,
    PACK,
    REGION,
    case,
    routed,
)

DISPUTE = dispute_id("police-fengqiao", "2026-0042")
CASE_CODE = dispute_code(DISPUTE, "330681")
WORDS = Words(REGION, PACK)


def asked(target, one=None):
    return why_not(CODE, routed(one), MONDAY, target, GROUND)


def explained(one=None, decider=DECIDER):
    return explanation(CODE, routed(one), MONDAY, WORDS, decider)


def test_decision_tells_its_rows_with_basis_and_the_facts_they_asked_for():
    told = explained()
    lead = next(table for table in told.tables if table.table == "lead")

    assert told.recomputed
    assert told.zh.startswith("第1次分派决定：由枫西样例村人民调解委员会牵头")
    assert lead.rows[0].zh and lead.rows[0].en and lead.rows[0].legal_basis
    assert {seen.fact: seen.value for seen in lead.seen if seen.decisive} == {
        "source": "police",
        "kind": "neighbour",
        "severity": "simple",
        "handoff": "referral",
    }
    assert [step.code for step in told.steps] == [Told.FOUND]
    assert told.versions == {
        "table": PACK.version,
        "directory": DIRECTORY.version,
        "calendar": DIRECTORY.calendar.version,
    }


def test_law_that_is_not_verified_is_shown_as_provisional():
    assert explained().provisional
    assert any(row.provisional for table in explained().tables for row in table.rows)


def test_without_its_pack_only_what_was_recorded_is_told():
    told = explained(decider=None)

    assert not told.recomputed
    assert [table.table for table in told.tables] == [
        row.table for row in routed().rows
    ]
    assert not any(table.seen for table in told.tables)


def test_rows_that_the_pack_does_not_come_to_are_told_as_recorded():
    other = routed().rows[0].model_copy(update={"row": "S99"})
    made = routed().model_copy(update={"rows": (other, *routed().rows[1:])})

    assert not explanation(CODE, made, MONDAY, WORDS, DECIDER).recomputed


def test_ten_on_one_side_would_lead_to_the_centre():
    told = asked("centre-zhuji")
    way = next(way for way in told.ways if way.changes[0].fact == "side")

    assert told.outcome is Outcome.WAYS
    assert way.zh == (
        "若一方人数为10人以上，则由诸暨市样例社会矛盾纠纷调处化解中心承接"
    )
    assert "if the larger side had 10 persons or more" in way.en
    assert (way.changes[0].low, way.changes[0].high) == ("10", None)
    assert {row.row for row in way.rows} == {"S11", "W63", "L31"}
    assert way.role is Role.LEAD


def test_where_a_body_serves_another_place_that_is_said():
    told = asked("pmc-village-fengdong")

    assert [way.changes[0].standing for way in told.ways] == [Standing.FIXED]
    assert "仅供对照" in told.ways[0].zh
    assert "not-here" in {one.code for one in told.obstacles}


def test_where_no_one_or_two_facts_lead_there_that_is_said():
    told = asked("justice-zhuji")

    assert (told.outcome, told.ways, told.complete) == (Outcome.NONE, (), True)
    assert "任意一项或者两项事实" in told.zh
    assert "not-named" in {one.code for one in told.obstacles}


def test_a_kind_of_body_can_be_asked_for():
    told = asked("PMC_TOWNSHIP")

    assert told.name.zh == "乡镇人民调解委员会"
    assert {way.body for way in told.ways} >= {"pmc-fengqiao"}


def test_the_body_that_leads_is_told_so():
    told = asked("pmc-village-fengxi")

    assert (told.outcome, told.role) == (Outcome.ALREADY, Role.LEAD)


def test_a_body_that_declined_is_told_as_passed_over():
    declined = case(
        NEIGHBOURS,
        reason=RouteReason.DECLINED,
        declines=1,
        passed_over=("pmc-village-fengxi",),
    )
    told = asked("pmc-village-fengxi", declined)

    assert "passed-over" in {one.code for one in told.obstacles}
    assert any(
        change.fact == "passed_over" for way in told.ways for change in way.changes
    )


def test_what_is_handed_to_nobody_says_which_row_kept_it():
    kept = case(NEIGHBOURS.model_copy(update={"flags": (Flag.DOMESTIC_VIOLENCE,)}))
    told = asked("pmc-village-fengxi", kept)

    assert "nobody-asked" in {one.code for one in told.obstacles}
    assert "没有“家庭暴力”情形" in told.ways[0].zh


# ---- where it is asked


class Library:
    def decider(self, version):
        return DECIDER if version == PACK.version else None

    def directory(self, versions, _):
        return DIRECTORY if versions["directory"] == DIRECTORY.version else None

    def region(self, versions):
        return REGION if versions["directory"] == DIRECTORY.version else None


def recorded(event):
    at, by = MONDAY, system("routing")
    return Recorded("routing", DISPUTE, 1, at, at, by, "escalation:3", event)


def explanations(event=None, find_hands=nobody):
    first, last = disputes_of(CASE_CODE)
    assert first <= DISPUTE <= last
    service = SimpleNamespace(
        sql=lambda text: text,
        database=SimpleNamespace(read=lambda _, asked: [(DISPUTE,)]),
        history=lambda dispute: [recorded(event or routed())],
    )
    return Explanations(service, REGION, Library(), find_hands)


def test_a_decision_of_a_pack_that_is_gone_cannot_be_asked_why_not():
    gone = routed().model_copy(
        update={"versions": {"table": "old@1", "directory": "x"}}
    )

    assert not explanations(gone).decision(CASE_CODE).recomputed
    with pytest.raises(RefusedError, match="not at hand"):
        explanations(gone).why_not(CASE_CODE, "pmc-fengqiao")


def test_a_directory_that_is_gone_is_replaced_by_the_present_one_and_said_so():
    other = {"table": PACK.version, "directory": "of-then"}
    made = routed().model_copy(update={"versions": other})

    assert explanations(made).why_not(CASE_CODE, "pmc-fengqiao").present_directory


def get(path, **query):
    """What the routes answer; no server is needed for that."""
    app = FastAPI()
    problems.install(app)
    app.include_router(http.router(explanations))

    async def asked_of():
        transport = ASGITransport(app)
        async with AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.get(path, params=query)

    return asyncio.run(asked_of())


def test_explanations_are_told_over_http():
    every = get(f"/disputes/{CASE_CODE}/decisions").json()
    one = get(f"/disputes/{CASE_CODE}/decisions/1").json()

    assert every == [one]
    assert one["lead"] == "pmc-village-fengxi"
    assert one["tables"][0]["rows"][0]["legal_basis"]


def test_why_not_is_told_over_http():
    path = f"/disputes/{CASE_CODE}/decisions/1/why-not"
    told = get(path, body="centre-zhuji").json()

    assert told["outcome"] == "ways"
    assert told["ways"][0]["changes"][0]["fact"] == "kind"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/disputes/{CASE_CODE}/decisions/7", 404),
        (f"/disputes/{CASE_CODE}/decisions/1/why-not?body=nobody", 422),
        (f"/disputes/{CASE_CODE}/decisions/1/why-not", 422),
        ("/disputes/330681-AAAA-AAAA-AAAA-A/decisions", 404),
    ],
)
def test_questions_that_cannot_be_answered_are_problems_in_two_languages(path, status):
    told = get(path)

    assert told.status_code == status
    assert told.json()["detail"] and told.json()["detail_en"]


def test_a_body_that_is_not_there_is_named_but_nothing_that_may_be_a_person():
    path = f"/disputes/{CASE_CODE}/decisions/1/why-not"
    plain, person = (get(path, body=body).json() for body in ("nobody-x", "赵小满"))

    assert plain["detail"].startswith("机构名录中没有机构 nobody-x。")
    assert "no body nobody-x" in plain["detail_en"]
    assert plain["type"] == person["type"]
    assert "赵小满" not in str(person)


# ---- words


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        ("word.flag", Flag),
        ("word.source", Source),
        ("word.handoff", HandoffKind),
        ("word.tier", Tier),
        ("word.reason", RouteReason),
        ("word.severity", Severity),
        ("word.action", Action),
        ("word.body_kind", BodyKind),
        ("step", Told),
        ("table", OUTCOMES),
        ("label", {*INPUTS} - {*map(str, Flag)}),
        ("fact", {fact.name for fact in FACTS} - {"with_sender", *map(str, Flag)}),
        ("fact.with_sender", {"true", "false"}),
    ],
)
def test_every_code_has_words(table, codes):
    missing = {c for c in map(str, codes) if f"explain.{table}.{c}" not in texts}

    assert not missing


def test_a_code_leads_to_the_ids_it_may_stand_for():
    first, last = disputes_of(CASE_CODE)

    assert first <= DISPUTE <= last
    assert last.int - first.int == 2**68 - 1
    assert isinstance(first, UUID)
