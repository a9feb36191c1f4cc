"""The same referral many times at the same instant, by one way and by all (T-09, T-10)."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from pydantic_core import to_json

from tests.chaos.client import JSON, Client
from tests.chaos.ledger import Ledger, Referral
from tests.chaos.product import Product
from tests.stories.cases import NEIGHBOURS, POLICE

TIMES = 50


@pytest.fixture
def referral(ledger: Ledger) -> dict[str, Any]:
    reference = f"again-{ledger.seed}"
    return {"sender": POLICE, "reference": reference, **NEIGHBOURS}


def test_fifty_at_once_over_http_get_one_receipt(
    product: Product, client: Client, ledger: Ledger, referral: dict[str, Any]
) -> None:
    answers = posted_at_once(product, {**referral, "reference": "fifty"}, TIMES)

    assert sorted(a.status_code for a in answers) == [200] * (TIMES - 1) + [201]
    (receipt,) = {answer.text for answer in answers}
    ledger.acknowledged(Referral(POLICE, "fifty"), receipt)


def test_by_http_topic_and_file_at_once_it_is_one_dispute(
    product: Product, client: Client, ledger: Ledger, referral: dict[str, Any]
) -> None:
    said = Referral(POLICE, referral["reference"])
    ledger.sent(said)
    path = product.settings.data / "again.jsonl"
    path.write_text(json.dumps(referral, ensure_ascii=False) + "\n", "utf-8")

    def by_topic() -> None:
        for _ in range(5):
            source = {"ce_source": f"/{POLICE}"}
            product.say("referrals.police", source, to_json(referral))

    def by_file() -> list[str | None]:
        reports = [product.hand_in(path, POLICE) for _ in range(5)]
        return [row.code for report in reports for row in report.rows]

    with ThreadPoolExecutor(2) as together:
        told, files = together.submit(by_topic), together.submit(by_file)
        answers = posted_at_once(product, referral, 10)
        told.result()

    (receipt,) = {answer.text for answer in answers}
    ledger.acknowledged(said, receipt)
    assert files.result() == [json.loads(receipt)["code"]] * 5


def posted_at_once(
    product: Product, referral: dict[str, Any], times: int
) -> list[httpx.Response]:
    """What each of many at the same instant is answered."""
    url, body = product.url("intake") + "/referrals", to_json(referral)
    with (
        httpx.Client(timeout=60, headers=JSON) as http,
        ThreadPoolExecutor(times) as together,
    ):
        asked = [together.submit(http.post, url, content=body) for _ in range(times)]
        return [each.result() for each in asked]
