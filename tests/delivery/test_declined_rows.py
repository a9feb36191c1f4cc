"""The software by itself proposes a change of a row that is declined too often."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from services import serve
from services.cli import app
from services.compose import House
from services.declined_rows import looking_of, raising_of, threshold_of
from services.embedded import rows_loop
from services.routing import proof
from services.routing.backtest import proposing
from services.routing.backtest.looked import last_look
from services.routing.backtest.past import Past
from services.routing.publishing import Stage
from services.routing.publishing.people import Person
from services.settings import Settings
from services.watch.gauges import gauges
from shared.events.base import State, system
from shared.events.errors import RefusedError
from shared.events.escalation import RouteRequested
from shared.events.store import Service
from shared.events.tail import hear
from tests.conftest import MONDAY, fresh_database
from tests.unit.backtest_given import plain

SHE = Person(by="justice-zhuji", person="official-02")
DAY = timedelta(days=1)
LEAD = ("lead", "L50")


class Escalation(Service):
    """Escalation as far as routing hears it."""

    name = "escalation"
    empty = State()


class County:
    """An installation with several processes of routing, over one real store."""

    def __init__(self, url, keys, data):
        self._told = {"database_url": url, "keystore_url": keys}
        self._data, self._houses = data, []
        self.house = self.another()
        self.house.migrate()
        self._asking = Escalation(self.house.database)
        self._inbox = self.house.inbox("routing")

    def another(self, **settings):
        """Another process, with a folder of its own, as on another machine."""
        folder = self._data / str(len(self._houses))
        told = {"decline_uses": 4, "data": folder, **settings}
        self._houses.append(House(Settings(**told), **self._told))
        return self._houses[-1]

    def declined(self, times):
        """So many disputes whose village body declined, so that the town was asked."""
        for _ in range(times):
            self._ask(uuid4(), declined=True)
        hear(self._inbox, self._asking)

    def registered(self, times):
        for _ in range(times):
            self._ask(uuid4())
        hear(self._inbox, self._asking)

    def _ask(self, dispute, declined=False):
        facts = plain().facts
        first = {"request": 1, "reason": "registered"}
        again = {"request": 2, "reason": "declined", "declines": 1}
        over = {"passed_over": ("pmc-village-fengxi",)}
        for told in [first, {**again, **over}][: 1 + declined]:
            asked = RouteRequested(facts=facts, holder=facts.sender, **told)
            self._asking.decide(
                dispute,
                f"ask/{told['request']}",
                lambda _, asked=asked: [asked],
                actor=system("escalation"),
            )

    def look(self):
        """A day later the software looks; how many rows it found above."""
        self.house.database.advance(DAY)
        return looking_of(self.house).look()

    @property
    def proposals(self):
        return [*self.house.publishing.newest().proposals.values()]

    @property
    def last(self):
        return last_look(self.house.database)

    def close(self):
        self._asking.close()
        for house in self._houses:
            house.close()


PROVED: dict = {}


@pytest.fixture(autouse=True)
def proved_once(monkeypatch):
    """The same draft is proved once for all tests: it takes seconds."""
    check = proof.check

    def proved(pack, region, day):
        key = pack.digest, region.digest, day
        PROVED[key] = PROVED.get(key) or check(pack, region, day)
        return PROVED[key]

    monkeypatch.setattr(proof, "check", proved)


@pytest.fixture
def county(database, postgres, postgres_url, tmp_path):
    found = County(postgres_url, fresh_database(postgres.url), tmp_path)
    yield found
    found.close()


def test_a_row_declined_too_often_is_proposed_with_its_grounds(county):
    county.declined(4)
    with capture_logs() as logs:
        assert looking_of(county.house).look() == 1

    (found,) = county.proposals
    made = found.made
    assert (made.by, made.person, found.stage) == ("fengqiao", "statistics", Stage.OPEN)
    assert made.certificate.passed and made.backtest.flips > 0
    assert made.certificate.pack == made.backtest.pack == made.pack
    assert county.house.archive.has(made.certificate.digest)
    assert county.house.archive.has(made.backtest.digest)
    assert county.house.archive.has(made.pack)
    assert made.valid_from > MONDAY.date()
    for figure in (
        "L50",
        "使用 4 次",
        "退回 4 次",
        "100%",
        "达到 30%",
        "至少使用 4 次",
    ):
        assert figure in made.reason
    (line,) = [one for one in logs if one["event"] == "row_proposed"]
    assert (line["row"], line["used"], line["declined"]) == ("L50", 4, 4)
    assert (line["threshold"], line["proposal"]) == (30, 1)


def test_it_never_approves_what_it_proposes(county):
    county.declined(4)
    looking_of(county.house).look()
    itself = Person(by="fengqiao", person="statistics")
    with pytest.raises(RefusedError) as refused:
        county.house.publishing.approve(itself, 1)
    assert refused.value.reason == "rules-software-approves"
    assert county.proposals[0].approvals == ()


def test_few_uses_or_few_declines_propose_nothing(county):
    county.declined(3)
    assert looking_of(county.house).look() == 0
    county.registered(8)
    assert county.look() == 0
    assert county.proposals == [] and county.last.rows == ()


def test_it_is_not_proposed_again_while_people_have_not_decided(county):
    county.declined(4)
    assert county.look() == 1
    county.declined(2)
    assert county.look() == 1
    assert len(county.proposals) == 1
    assert [(row.number, row.stage) for row in county.last.rows] == [(1, "open")]


def test_what_people_rejected_is_not_proposed_again_for_these_rules(county):
    county.declined(4)
    county.look()
    county.house.publishing.reject(SHE, 1, "依据不足")
    county.declined(2)
    assert county.look() == 1
    assert [one.stage for one in county.proposals] == [Stage.REJECTED]
    (row,) = county.last.rows
    assert (row.number, row.stage, row.refused) == (1, "rejected", None)


def test_a_look_is_due_once_a_day_and_costs_nothing_without_news(county, monkeypatch):
    opened = []
    county.declined(4)
    looking = looking_of(county.house)
    monkeypatch.setattr(
        proposing, "Past", lambda path: opened.append(path) or Past(path)
    )
    assert looking.look() == 1
    opened.clear()
    county.declined(1)
    assert looking.look() == 0 and opened == [], "it is not due"
    assert county.look() == 1 and opened
    opened.clear()
    before = county.last.looked_at
    assert county.look() == 0 and opened == [], "nothing was decided since"
    assert county.last.looked_at - before == DAY and len(county.last.rows) == 1


def test_little_history_never_opens_the_past(county, monkeypatch):
    monkeypatch.setattr(proposing, "Past", lambda path: pytest.fail("opened"))
    county.registered(3)
    assert looking_of(county.house).look() == 0
    assert county.last.looked_at


def test_nobody_looks_where_the_setting_says_so(county):
    county.declined(4)
    assert looking_of(county.another(decline_look_hours=0)).look() == 0
    assert county.proposals == [] and county.last.looked_at is None


def test_two_processes_at_once_raise_it_once(county):
    """One takes the look; and two that look nevertheless have one command."""
    county.declined(4)
    houses = [county.another(), county.another()]
    start = threading.Barrier(2)

    def look(house):
        start.wait()
        return looking_of(house).look()

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(look, houses)) == [0, 1]
    assert len(county.proposals) == 1


def test_two_that_propose_at_once_get_one_proposal(county):
    county.declined(4)
    threshold = threshold_of(county.house.settings)
    houses = [county.another(), county.another()]
    start = threading.Barrier(2)

    def propose(house):
        raising = raising_of(house)
        made = raising.proposing.propose

        class Together(type(raising.proposing)):
            def propose(self, *told):
                start.wait()
                return made(*told)

        return [
            *raising._replace(proposing=Together(*raising.proposing)).raised(threshold)
        ]

    with ThreadPoolExecutor(2) as threads:
        (one,), (other,) = threads.map(propose, houses)
    assert one.number == other.number == 1
    assert len(county.proposals) == 1


def test_the_loops_of_two_services_raise_it_once(county):
    county.declined(4)
    failed = []
    loops = [rows_loop(county.another(), failed.append) for _ in range(2)]
    for loop in loops:
        loop.start()
    until(lambda: county.last.looked_at)
    for loop in loops:
        loop.stop()
        loop.join()
    assert len(county.proposals) == 1 and failed == []


def test_the_routing_service_looks_wherever_it_runs(county):
    loops = serve._loops("routing", county.house)
    assert "rows" in [loop._thread.name for loop in loops]
    assert "rows" not in [
        one._thread.name for one in serve._loops("clock", county.house)
    ]


def until(holds):
    """Wait for what another thread does."""
    pause = threading.Event()
    while not holds():
        pause.wait(0.05)


def test_what_cannot_be_proved_is_told_and_not_proposed(county, monkeypatch):
    county.declined(4)

    def unproved(*told):
        raise RefusedError("rules-certificate-failed", "it did not pass")

    with monkeypatch.context() as patched, capture_logs() as logs:
        patched.setattr(proposing, "certificate", unproved)
        assert looking_of(county.house).look() == 1
    (line,) = [one for one in logs if one["event"] == "row_not_proposed"]
    assert line["reason"] == "rules-certificate-failed" and line["row"] == "L50"
    assert county.proposals == []
    (row,) = county.last.rows
    assert (row.refused, row.number) == ("rules-certificate-failed", None)

    assert county.look() == 1, "it is tried again a day later, also without news"
    assert len(county.proposals) == 1


def test_a_fault_of_one_row_or_look_ends_nothing_and_is_tried_again(
    county, monkeypatch
):
    county.declined(4)

    def broken(*told, **more):
        raise ZeroDivisionError

    with monkeypatch.context() as patched, capture_logs() as logs:
        patched.setattr(proposing, "backtest", broken)
        assert looking_of(county.house).look() == 1
    assert county.last.rows[0].refused == "ZeroDivisionError"
    with monkeypatch.context() as patched, capture_logs() as logs:
        patched.setattr(proposing, "Past", broken)
        county.look()
    assert [one["event"] for one in logs] == ["rows_not_looked_at"]
    assert looking_of(county.house).look() == 0, "it is taken for an hour"
    county.house.database.advance(timedelta(hours=1))
    assert looking_of(county.house).look() == 1
    assert len(county.proposals) == 1


def test_a_person_who_has_the_past_makes_the_look_wait(county, monkeypatch):
    def busy(*told, **more):
        raise RefusedError("backtest-busy", "another backtest runs")

    county.declined(4)
    with monkeypatch.context() as patched, capture_logs() as logs:
        patched.setattr(proposing, "Past", busy)
        assert looking_of(county.house).look() == 0
    assert logs[0]["reason"] == "backtest-busy" and county.last.looked_at is None
    county.house.database.advance(timedelta(hours=1))
    assert looking_of(county.house).look() == 1


def test_the_command_and_the_look_are_one(county, monkeypatch, postgres_url):
    """What a person raises by command the software does not raise again."""
    county.declined(4)
    settings = county.house.settings
    monkeypatch.setenv("FENGQIAO_DATABASE_URL", postgres_url)
    monkeypatch.setenv("FENGQIAO_KEYSTORE_URL", county.house.keystore_url)
    monkeypatch.setenv("FENGQIAO_DATA", str(settings.data))
    monkeypatch.setenv("FENGQIAO_DECLINE_USES", "4")

    (raised,) = run("statistics", "--propose")["suggested"]
    assert (raised["number"], raised["proposal_stage"]) == (1, "open")
    assert looking_of(county.house).look() == 1
    assert len(county.proposals) == 1

    told = run("list")
    assert told["declined_rows"][0]["number"] == 1 and told["looked_at"]
    shown = CliRunner().invoke(app, ["rules", "list"]).stdout
    assert "提案 1 由软件提出" in shown.replace("\n", "")
    assert "退回 4 次" in shown.replace("\n", "")


def run(*arguments):
    done = CliRunner().invoke(app, ["rules", *arguments, "--json"])
    assert done.exit_code == 0, done.exception
    return json.loads(done.stdout)


def test_the_rows_are_counted_for_those_who_watch(county):
    county.declined(4)
    looking_of(county.house).look()
    found = gauges(county.house.database, ["routing"])
    told = {s.labels: s.value for s in found if s.metric == "fengqiao_declined_rows"}
    assert told == {("proposed",): 1, ("decided",): 0, ("refused",): 0}
