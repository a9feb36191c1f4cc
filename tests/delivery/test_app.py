"""The HTTP application as a whole, on an embedded product without samples."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import httpx
import pytest
from typer.testing import CliRunner

from services.cli import app
from services.embedded import Embedded
from services.on_kafka import OnKafka
from services.settings import Settings
from shared.events.base import Actor
from shared.events.errors import RefusedError

REFERRAL = {
    "sender": "police-fengqiao",
    "reference": "APP-1",
    "kind": "neighbour",
    "place": "330681109201",
    "narrative": "样例",
    "parties": [
        {"side": "applicant", "name": "样例甲"},
        {"side": "respondent", "name": "样例乙"},
    ],
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    settings = Settings(data=tmp_path_factory.mktemp("app"), http_port=0)
    with Embedded(settings, failed=pytest.fail) as found:
        yield found


@pytest.fixture(scope="module")
def client(running: Embedded) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{running.http.port}") as found:
        yield found


@pytest.fixture(scope="module")
def code(running: Embedded, client: httpx.Client) -> str:
    given = client.post("/referrals", json=REFERRAL)
    assert given.status_code == 201
    running.settle()
    return given.json()["code"]


@pytest.mark.parametrize(
    "path",
    [
        "/disputes/%00",
        "/disputes/%00/story",
        "/disputes?holder=%00",
        "/disputes?offered_to=%00",
        "/referrals/%00",
        "/disputes/..%2f..%2fetc",
        "/nowhere",
    ],
)
def test_odd_addresses_are_answered_as_problems(client, path):
    answer = client.get(path)

    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_sees_what_waits_for_its_answer(client, code):
    offered = client.get("/disputes?offered_to=pmc-village-fengxi").json()["rows"]

    assert [row["code"] for row in offered] == [code]


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"content-type": "text/plain"}, b"{}", 415),
        ({}, b"{}", 415),
        ({"content-type": "application/json"}, b"x" * 100_000, 413),
        ({"content-type": "application/json"}, b"[" * 9000, 422),
        ({"content-type": "application/json"}, b"\xff", 422),
    ],
)
def test_a_command_that_is_none_is_refused(client, code, headers, content, status):
    answer = client.post(f"/disputes/{code}/commands", headers=headers, content=content)

    assert answer.status_code == status
    assert answer.json()["title"]


def test_only_a_body_of_the_directory_releases(running):
    message = running.house.inbox("intake").park("referrals.police/0/1", {}, b"{", "x")

    with pytest.raises(RefusedError, match="no body"):
        running.house.release(
            UUID(str(message)), by=Actor(body="nobody", person="x"), why="y"
        )


def test_the_product_serves_this_machine_only(tmp_path):
    settings = Settings(data=tmp_path, http_port=0, http_host="0.0.0.0")

    with pytest.raises(RefusedError, match="cannot listen"):
        Embedded(settings).__enter__()


def test_a_second_product_in_the_same_folder_is_refused_and_commands_go_on(
    running, client, monkeypatch
):
    monkeypatch.setenv("FENGQIAO_DATA", str(running.settings.data))
    for second in (Embedded(running.settings), OnKafka(running.settings)):
        with pytest.raises(RefusedError) as refused, second:
            pass
        assert refused.value.reason == "already-runs"

    assert CliRunner().invoke(app, ["ledger", "--json"]).exit_code == 0
    assert client.get("/readyz").status_code == 200


def test_a_refusal_names_bodies_with_their_ids_beside(client, code):
    command = {
        "command_id": "names-1",
        "command": "accept",
        "by": "lawfirm-fengqiao",
        "person": "lawyer-1",
    }
    refused = client.post(f"/disputes/{code}/commands", json=command).json()

    assert "枫桥样例律师事务所（lawfirm-fengqiao）不能执行“接收”" in refused["detail"]
    assert "由枫西样例村人民调解委员会（pmc-village-fengxi）办理" in refused["detail"]
    assert "(pmc-village-fengxi)" in refused["detail_en"]
