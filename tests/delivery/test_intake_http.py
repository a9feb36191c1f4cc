"""Referrals over HTTP: receipts, and refusals that say which field and what to do."""

from __future__ import annotations

import asyncio
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from services import problems
from services.intake import http
from services.intake.json_body import LARGEST
from shared.events.errors import BusyError, DatabaseAwayError
from tests.delivery.intake_given import an_intake, stored
from tests.unit.intake_given import POLICE, REFERRAL, SIDES, body

MERGED, TODAY = "330681109203", "330681109202"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def intake(database):
    with an_intake(database) as service:
        yield service


@pytest.fixture
def client(intake):
    app = FastAPI()
    problems.install(app)
    app.include_router(http.router(intake))
    return Client(app)


class Client:
    """Asks an application as a web server would, one request after the other."""

    def __init__(self, app):
        self._app = httpx.ASGITransport(app, raise_app_exceptions=False)

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def ask(self, method, path, **more):
        async def asked():
            base = "http://intake.test"
            async with httpx.AsyncClient(transport=self._app, base_url=base) as client:
                return await client.request(method, path, **more)

        return asyncio.run(asked())


def post(client, data, path="/referrals", **headers):
    raw = data if isinstance(data, bytes) else body(data)
    return client.ask("POST", path, content=raw, headers={**JSON, **headers})


def problem(answer, status):
    found = answer.json()
    assert answer.headers["content-type"] == problems.MEDIA_TYPE
    assert (answer.status_code, found["status"]) == (status, status)
    for name in ("title", "title_en", "detail", "detail_en"):
        assert found[name]
    return found


def test_a_referral_is_answered_with_its_receipt(client):
    answer = post(client, REFERRAL)
    receipt = answer.json()

    assert answer.status_code == 201
    assert answer.headers["location"] == f"/referrals/{receipt['code']}"
    assert receipt["holder"]["id"] == POLICE
    assert receipt["received_at"] == "2026-03-02T09:00:00+08:00"
    assert receipt["next_clock"]["due"] == "2026-03-03T09:00:00+08:00"


def test_the_same_referral_again_is_answered_with_the_same_receipt(client):
    first, second = post(client, REFERRAL), post(client, REFERRAL)

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()


def test_a_receipt_can_be_asked_for(client):
    receipt = post(client, REFERRAL).json()
    by_number = {"sender": POLICE, "reference": REFERRAL["reference"]}

    assert client.get(f"/referrals/{receipt['code']}").json() == receipt
    assert client.get("/referrals", params=by_number).json() == receipt


@pytest.mark.parametrize("code", ["330681-0000-0000-0000-0", "%00", "x%ff", "<b>"])
def test_a_code_of_nothing_is_not_found(client, code):
    found = problem(client.get(f"/referrals/{code}"), 404)

    assert found["type"] == "urn:fengqiao:problem:unknown-dispute"


def test_a_number_of_nothing_is_not_found(client):
    problem(client.get("/referrals", params={"sender": "x", "reference": "\x00"}), 404)


def test_a_question_without_a_number_is_told_which_is_missing(client):
    found = problem(client.get("/referrals", params={"sender": "x"}), 422)

    assert "reference" in found["detail"]


def test_faults_are_told_field_by_field_in_both_languages(client, database):
    data = {**REFERRAL, "kind": "?", "place": "330681109299", "amount": -1}

    found = problem(post(client, data), 422)

    assert found["type"] == "urn:fengqiao:problem:referral-refused"
    assert "3 处" in found["detail"]
    assert {error["field"]: error["reason"] for error in found["errors"]} == {
        "kind": "unknown-kind",
        "place": "place-unknown",
        "amount": "amount-out-of-bounds",
    }
    assert all(error["zh"] and error["en"] for error in found["errors"])
    assert stored(database) == []


def test_a_merged_place_is_registered_under_its_successor(client, intake):
    told = {**REFERRAL, "place": MERGED}
    answer, again = (post(client, told) for _ in range(2))
    receipt = answer.json()

    assert (answer.status_code, again.status_code) == (201, 200)
    assert receipt == again.json() == client.get(f"/referrals/{receipt['code']}").json()
    (note,) = receipt["notes"]
    assert note["reason"] == "place-succeeded"
    assert note["zh"] == f"区划 {MERGED} 已并入 {TODAY}，按 {TODAY} 登记。"
    (registered,) = intake.history(UUID(receipt["dispute"]))
    assert registered.event.facts.place == TODAY
    assert registered.event.place_told == MERGED


def test_a_correction_of_a_merged_place_stays_there(client, intake):
    post(client, {**REFERRAL, "place": MERGED})
    better = {**REFERRAL, "place": MERGED, "kind": "contract"}
    correction = {"command_id": "c1", "person": "wang", "referral": better}

    receipt = post(client, correction, "/referrals/corrections").json()

    _, corrected = intake.history(UUID(receipt["dispute"]))
    assert corrected.event.changed == ("kind",)
    assert corrected.event.facts.place == TODAY
    assert corrected.event.place_told == MERGED


def test_what_is_told_of_a_place_in_force_needs_no_note(client):
    assert post(client, REFERRAL).json()["notes"] == []


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty-body"),
        (b"{", "not-json"),
        (b"\xff", "not-utf-8"),
        (b"[" * 50_000, "too-deep"),
        (b"null", "not-an-object"),
    ],
)
def test_what_is_no_referral_is_told_so(client, raw, reason):
    (error,) = problem(post(client, raw), 422)["errors"]

    assert (error["field"], error["reason"]) == ("", reason)


def test_a_number_used_for_another_dispute_is_a_conflict(client):
    post(client, REFERRAL)

    found = problem(post(client, {**REFERRAL, "kind": "contract"}), 409)

    assert found["type"] == "urn:fengqiao:problem:refused.reference-reused"
    assert "kind" in found["detail"]


def test_ten_megabytes_are_refused_before_they_are_read(client):
    found = problem(post(client, b"x" * 10_000_000), 413)

    assert str(LARGEST) in found["detail"]
    assert found["errors"][0]["reason"] == "too-large"


def test_a_body_of_unknown_length_is_refused_once_it_is_too_large(client):
    given = []

    async def endless():
        while len(given) < 1000:
            given.append(b"x" * 100_000)
            yield given[-1]

    problem(client.ask("POST", "/referrals", content=endless(), headers=JSON), 413)


@pytest.mark.parametrize("media", ["text/plain", "", "multipart/form-data"])
def test_what_does_not_claim_to_be_json_is_refused(client, media):
    problem(post(client, REFERRAL, **{"Content-Type": media}), 415)


@pytest.mark.parametrize(
    "media",
    ["application/json; charset=utf-8", "APPLICATION/JSON", "application/x+json"],
)
def test_json_may_be_claimed_in_several_ways(client, media):
    assert post(client, REFERRAL, **{"Content-Type": media}).status_code == 201


def test_a_correction_changes_what_is_registered(client, database):
    receipt = post(client, REFERRAL).json()
    better = {**REFERRAL, "kind": "contract"}
    correction = {"command_id": "c1", "person": "wang", "referral": better}

    answers = [post(client, correction, "/referrals/corrections") for _ in range(2)]

    assert [(a.status_code, a.json()) for a in answers] == [(200, receipt)] * 2
    assert len(stored(database)) == 2
    assert post(client, better).status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"person": None}, "person"),
        ({"person": "王 五"}, "person"),
        ({"command_id": ""}, "command_id"),
        ({"referral": []}, "referral"),
        ({"referral": {**REFERRAL, "kind": "?"}}, "kind"),
        ({"command": "forget"}, "command"),
    ],
)
def test_a_correction_is_checked_field_by_field(client, change, field):
    data = {"command_id": "c1", "person": "wang", "referral": REFERRAL, **change}

    found = problem(post(client, data, "/referrals/corrections"), 422)

    assert found["errors"][0]["field"] == field


def test_a_correction_of_nothing_is_not_found(client):
    data = {"command_id": "c1", "person": "wang", "referral": REFERRAL}

    problem(post(client, data, "/referrals/corrections"), 404)


@pytest.mark.parametrize(
    "error", [DatabaseAwayError(OSError("x")), BusyError("intake", 6)]
)
def test_while_it_cannot_be_stored_the_sender_is_told_to_come_again(
    client, intake, monkeypatch, error
):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(intake, "refer", fail)
    answer = post(client, REFERRAL)

    problem(answer, 503)
    assert answer.headers["retry-after"]


def test_a_surprise_is_told_without_its_content(client, intake, monkeypatch):
    def fail(*_, **__):
        raise ValueError(SIDES[0]["name"])

    monkeypatch.setattr(intake, "refer", fail)
    answer = post(client, REFERRAL)

    problem(answer, 500)
    assert SIDES[0]["name"] not in answer.text


def test_unknown_addresses_and_methods_are_problems_too(client):
    problem(client.get("/nowhere"), 404)
    problem(client.ask("PUT", "/referrals", content=b"{}"), 405)


def test_the_description_shows_what_a_referral_is(client):
    described = client.get("/openapi.json").json()["paths"]["/referrals"]["post"]
    schema = described["requestBody"]["content"]["application/json"]["schema"]

    assert schema["additionalProperties"] is False
    assert {"sender", "reference", "parties"} <= set(schema["required"])
