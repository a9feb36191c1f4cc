"""What is watched is true: of a running product, and of one that stands still."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from psycopg.conninfo import conninfo_to_dict

from deploy.local.postgres import EmbeddedPostgres
from services.app import make_app
from services.compose import HEARS, House
from services.embedded import Embedded
from services.settings import Settings
from services.watch.metrics import METRICS
from services.watch.page import Page
from shared.events import watch
from shared.events.database import Database
from shared.events.tail import hear, source
from tests.conftest import MONDAY, fresh_database
from tests.unit.intake_given import REFERRAL, body

ONLY_IN_TROUBLE = {"fengqiao_database_errors_total", "fengqiao_broker_errors_total"}
Values = dict[str, dict[tuple[str, ...], float]]


def families(text: str) -> dict[str, Any]:
    """What a page says, as Prometheus reads it, by the names of our list."""
    found = text_string_to_metric_families(text)
    return {f.name + "_total" * (f.type == "counter"): f for f in found}


def values(page: Page) -> Values:
    """Every value on a page by the name of its series and its labels."""
    found: Values = {}
    for family in families(page.text().decode()).values():
        for sample in family.samples:
            labels = tuple(sample.labels.values())
            found.setdefault(sample.name, {})[labels] = sample.value
    return found


# A running product


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The page of a product that has registered, offered, told, refused and parked."""
    settings = Settings(data=tmp_path_factory.mktemp("watched"), http_port=0)
    with Embedded(settings, failed=pytest.fail) as running:
        assert running.http
        with httpx.Client(base_url=f"http://127.0.0.1:{running.http.port}") as client:
            client.post("/referrals", json=REFERRAL).raise_for_status()
            client.post("/referrals", json=REFERRAL).raise_for_status()
            assert client.post("/referrals", json={}).status_code == 422
            assert client.get("/disputes/nobody-must-see-this").status_code == 404
            assert client.request("PURGE", "/nor-this").status_code == 404
            running.house.inbox("intake").park("referrals.police/0/1", {}, b"{", "x")
            running.settle()
            answer = client.get("/metrics")
            assert answer.headers["content-type"].startswith(
                "text/plain; version=0.0.4"
            )
            yield families(answer.text)


def the(page: dict[str, Any], name: str, **labels: str) -> float:
    """The sum of a metric's samples with these labels."""
    return sum(
        sample.value
        for sample in page[name].samples
        if sample.name in (name, f"{name}_count")
        and labels.items() <= sample.labels.items()
    )


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_metric_of_the_list_is_on_the_page(page, metric):
    found = page[metric.name]

    assert found.type == metric.kind
    assert found.documentation == metric.help
    assert found.samples or metric.name in ONLY_IN_TROUBLE
    labels = {label for sample in found.samples for label in sample.labels}
    assert labels - {"le"} == (set(metric.labels) if found.samples else set())


def test_nothing_else_is_on_the_page(page):
    assert set(page) == {metric.name for metric in METRICS}


def test_what_happened_is_counted(page):
    assert (
        the(page, "fengqiao_referrals_total", outcome="registered", channel="http") >= 1
    )
    assert the(page, "fengqiao_referrals_total", outcome="known", channel="http") >= 1
    assert the(page, "fengqiao_referrals_total", outcome="refused", channel="http") >= 1
    assert the(page, "fengqiao_events_recorded_total", event="dispute.registered") >= 1
    assert the(page, "fengqiao_events_recorded_total", service="audit") >= 5
    assert the(page, "fengqiao_append_seconds", service="escalation") >= 2


def test_declined_rows_are_looked_at_in_the_background(page):
    polls = page["fengqiao_last_poll_age_seconds"].samples
    assert "rows" in [sample.labels["consumer"] for sample in polls]


def test_how_it_stands_is_told(page):
    assert the(page, "fengqiao_open_disputes", stage="offered") == 1
    assert the(page, "fengqiao_offers", state="waiting") == 1
    assert the(page, "fengqiao_offers", state="past_due") == 0
    assert the(page, "fengqiao_open_disputes_without_holder") == 0
    assert the(page, "fengqiao_open_disputes_without_clock") == 0
    assert the(page, "fengqiao_parked_messages", service="intake") == 1
    assert the(page, "fengqiao_unheard_events") == 0
    assert the(page, "fengqiao_relay_age_seconds") == 0
    assert the(page, "fengqiao_notices", state="due") == 0
    assert the(page, "fengqiao_database_up") == 1


def test_every_loop_is_known_to_be_at_work(page):
    ages = {
        sample.labels["consumer"]: sample.value
        for sample in page["fengqiao_last_poll_age_seconds"].samples
    }
    hearers = {f"{name}-hears" for name, speakers in HEARS.items() if speakers}
    for name in hearers | {"clock", "sender"}:
        assert ages[name] < 30


def test_requests_are_told_by_route_and_never_by_address(page):
    samples = page["fengqiao_http_request_seconds"].samples
    seen = {tuple(s.labels[n] for n in ("method", "route", "status")) for s in samples}

    assert ("POST", "/referrals", "2xx") in seen
    assert ("POST", "/referrals", "4xx") in seen
    assert ("GET", "/disputes/{code}", "4xx") in seen
    assert ("other", "other", "4xx") in seen
    assert "this" not in str(page)


# A product that stands still, so that everything can be counted


def copy_of(server_url: str, template: str) -> str:
    """The address of a copy of another database that nobody uses."""
    name, copied = f"test_{uuid4().hex[:12]}", conninfo_to_dict(template)["dbname"]
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {copied}".encode())
    return template.replace(f"/{copied}?", f"/{name}?")


@pytest.fixture(scope="module")
def prepared(
    postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Settings, str]:
    """Settings, and a database with all tables, to be copied."""
    folder = tmp_path_factory.mktemp("prepared")
    settings = Settings(data=folder, time_can_move=True)
    url = fresh_database(postgres.url)
    house = House(settings, database_url=url, keystore_url=url)
    house.migrate()
    house.close()
    return settings, url


@pytest.fixture
def house(
    postgres: EmbeddedPostgres, prepared: tuple[Settings, str]
) -> Iterator[House]:
    """Services that hear nothing by themselves, and no clock; time stands still."""
    settings, template = prepared
    url = copy_of(postgres.url, template)
    found = House(settings, database_url=url, keystore_url=url)
    found.database.freeze(MONDAY)
    yield found
    found.close()


@pytest.fixture
def now(house: House) -> Callable[..., Values]:
    """Everything as it is at this moment, of all services or of some."""
    return lambda *names: values(Page(house.database, names or tuple(HEARS)))


def refer(house: House, reference: str = "R-1") -> None:
    house.intake.refer(body({**REFERRAL, "reference": reference}), channel="http")


def let_hear(house: House, *pairs: tuple[str, str]) -> None:
    for hearer, speaker in pairs:
        while hear(house.inbox(hearer), house.inbox(speaker).service):
            pass


def offer(house: House) -> None:
    refer(house)
    let_hear(
        house,
        ("escalation", "intake"),
        ("routing", "escalation"),
        ("escalation", "routing"),
    )


def test_in_one_process_what_is_not_heard_has_not_been_handed_on(house, now):
    house.database.claim_carrier("embedded")
    refer(house)
    house.database.advance(timedelta(seconds=90))
    found = now()
    assert found["fengqiao_unheard_events"]["escalation", "intake"] == 1
    assert found["fengqiao_relay_age_seconds"]["intake",] == 90

    let_hear(house, *((hearer, "intake") for hearer in ("escalation", "audit")))
    found = now()
    assert found["fengqiao_unheard_events"]["escalation", "intake"] == 0
    assert found["fengqiao_unheard_events"]["notifications", "intake"] == 1
    assert found["fengqiao_relay_age_seconds"]["intake",] == 90

    let_hear(house, ("notifications", "intake"))
    assert now()["fengqiao_relay_age_seconds"]["intake",] == 0


def test_over_a_broker_what_is_not_published_has_not_been_handed_on(house, now):
    house.database.claim_carrier("kafka")
    for number in range(9):
        refer(house, f"R-{number}")
    house.database.advance(timedelta(seconds=90))
    assert now()["fengqiao_relay_age_seconds"]["intake",] == 90
    assert now()["fengqiao_unheard_events"]["audit", "intake"] == 9

    published = by_partition(house)
    remember(house, "intake.relayed", {**published, -1: max(published.values())})
    found = now()
    assert found["fengqiao_relay_age_seconds"]["intake",] == 0
    assert found["fengqiao_unheard_events"]["audit", "intake"] == 9


def test_a_hearer_that_has_heard_what_is_published_lacks_only_the_rest(house, now):
    house.database.claim_carrier("kafka")
    for number in range(9):
        refer(house, f"R-{number}")
    published = by_partition(house)
    remember(house, "intake.relayed", {**published, -1: max(published.values())})
    heard_by(house, "audit", published)
    assert now()["fengqiao_unheard_events"]["audit", "intake"] == 0

    refer(house, "R-more")
    assert now()["fengqiao_unheard_events"]["audit", "intake"] == 1
    assert now()["fengqiao_unheard_events"]["escalation", "intake"] == 10


def by_partition(house: House) -> dict[int, int]:
    """The newest position of intake's events in each of its topic's four partitions."""
    told = house.intake.tell(after=0)
    return {each.dispute.int % 4: each.position for each in told}


def remember(house: House, table: str, positions: dict[int, int]) -> None:
    with house.database.transaction() as cursor:
        cursor.executemany(f"INSERT INTO {table} VALUES (%s, %s)", positions.items())


def heard_by(house: House, hearer: str, positions: dict[int, int]) -> None:
    rows = [(source(house.intake, p), at) for p, at in positions.items()]
    with house.database.transaction() as cursor:
        cursor.executemany(
            f"INSERT INTO {hearer}.{hearer}_positions VALUES (%s, %s)", rows
        )


def test_a_clock_that_nobody_fires_is_overdue_and_its_offer_past_due(house, now):
    offer(house)
    assert now()["fengqiao_offers"] == {("waiting",): 1, ("past_due",): 0}
    assert now()["fengqiao_overdue_clocks"][()] == 0

    house.database.advance(timedelta(days=60))

    assert now()["fengqiao_offers"] == {("waiting",): 1, ("past_due",): 1}
    assert now()["fengqiao_overdue_clocks"][()] >= 1


def test_notices_wait_until_somebody_sends_them(house, now):
    refer(house)
    let_hear(house, ("notifications", "intake"))

    assert now()["fengqiao_notices"]["due",] >= 1


@pytest.mark.parametrize(
    ("fault", "metric"),
    [
        ("UPDATE escalation.custody SET holder = ''", "without_holder"),
        ("DELETE FROM escalation.clocks", "without_clock"),
    ],
)
def test_what_must_be_zero_is_found_if_it_is_not(house, now, fault, metric):
    offer(house)
    assert now()[f"fengqiao_open_disputes_{metric}"][()] == 0

    with house.database.transaction() as cursor:
        cursor.execute(fault)

    assert now()[f"fengqiao_open_disputes_{metric}"][()] == 1


def test_a_process_tells_only_of_its_own_services(house, now):
    offer(house)

    assert set(now("routing")["fengqiao_parked_messages"]) == {("routing",)}
    assert set(now("routing")["fengqiao_unheard_events"]) == {("routing", "escalation")}
    assert "fengqiao_overdue_clocks" not in now("routing")
    assert "fengqiao_overdue_clocks" in now("escalation")
    assert "fengqiao_parked_messages" not in now("clock")


# When something is away


def ask(app: FastAPI, path: str, method: str = "GET", **told: Any) -> httpx.Response:
    async def asked() -> httpx.Response:
        way = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=way, base_url="http://here") as client:
            return await client.request(method, path, **told)

    return asyncio.run(asked())


@pytest.fixture
def nowhere() -> Iterator[Database]:
    """A database that does not answer."""
    found = Database("postgresql://nobody@127.0.0.1:1/none?connect_timeout=1")
    found.pool.timeout = 0.05
    yield found
    found.close()


def test_without_a_database_the_page_says_so_and_still_counts(nowhere):
    watch.broker_error(TimeoutError())
    found = values(Page(nowhere, ["intake"]))

    assert found["fengqiao_database_up"][()] == 0
    assert "fengqiao_parked_messages" not in found
    assert found["fengqiao_broker_errors_total"]["TimeoutError",] >= 1
    assert sum(found["fengqiao_database_errors_total"].values()) >= 1


def test_without_a_database_a_process_lives_but_is_not_ready(house, nowhere):
    app = make_app(house, ["intake"])
    assert ask(app, "/readyz").json() == {"status": "ok"}

    house.database.close()
    house.database = nowhere
    answer = ask(app, "/readyz")

    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:fengqiao:problem:database-away"
    assert answer.headers["retry-after"]
    assert ask(app, "/livez").json() == {"status": "ok"}


def test_without_a_broker_intake_is_ready_and_takes_referrals(house):
    house.database.claim_carrier("kafka")
    app = make_app(house, ["intake"])

    assert ask(app, "/readyz").status_code == 200
    assert ask(app, "/referrals", "POST", json=REFERRAL).status_code == 201


def test_a_process_has_started_when_the_database_is_as_its_release_needs_it(house):
    app = make_app(house, ["intake"])
    assert ask(app, "/startupz").json() == {"status": "ok"}

    with house.database.transaction() as cursor:
        cursor.execute("DELETE FROM fengqiao.migration WHERE schema_name = 'audit'")
    answer = ask(app, "/startupz")

    assert answer.status_code == 503
    assert "audit/001_ledger.sql" in answer.json()["detail"]


def test_an_empty_database_has_not_started_anything(postgres_url, tmp_path):
    settings = Settings(data=tmp_path)
    empty = House(settings, database_url=postgres_url, keystore_url=postgres_url)

    assert ask(make_app(empty, ["routing"]), "/startupz").status_code == 503
    empty.close()


def test_an_error_that_nobody_foresaw_counts_as_5xx(house):
    route = uuid4().hex
    app = make_app(house, ["routing"])
    app.get(f"/{route}")(lambda: 1 // 0)

    assert ask(app, f"/{route}").status_code == 500
    assert ("http_request", ("GET", f"/{route}", "5xx")) in watch.durations()
