"""Drafts beside the rules in force, and past decisions, over a real store."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from services.cli import app
from services.cli.rules_past import archives
from services.routing.backtest.draft import Draft
from services.routing.backtest.past import Past
from services.routing.backtest.proposing import Proposing
from services.routing.backtest.shadow import Shadow
from services.routing.service import RoutingService
from shared.events.base import State, system
from shared.events.escalation import RouteRequested
from shared.events.inbox import Inbox
from shared.events.store import Service
from shared.events.tail import hear
from tests.conftest import MONDAY, fresh_database
from tests.unit.backtest_given import PACK, REGION, plain, without_row

DRAFT = Draft(without_row("L50"), REGION)  # other bodies for an ordinary dispute


class Escalation(Service):
    """Escalation as far as routing hears it."""

    name = "escalation"
    empty = State()


class County:
    """Routing over a real store, asked by somebody."""

    def __init__(self, database):
        self.routing, self.asking = (
            RoutingService(database, REGION),
            Escalation(database),
        )
        self.asking.migrate()
        self.routing.migrate()
        self._inbox = Inbox(self.routing)

    def ask(self, times):
        facts = plain().facts
        asked = RouteRequested(
            request=1, reason="registered", facts=facts, holder=facts.sender
        )
        self._asked = [uuid4() for _ in range(times)]
        for dispute in self._asked:
            self.asking.decide(
                dispute, "ask", lambda _: [asked], actor=system("escalation")
            )
        hear(self._inbox, self.asking)

    def decline(self, times):
        """So many disputes whose village body declined, so that the town was asked."""
        first = plain().facts
        declined = RouteRequested(
            request=2,
            reason="declined",
            facts=first,
            holder=first.sender,
            declines=1,
            passed_over=("pmc-village-fengxi",),
        )
        for dispute in self._asked[:times]:
            self.asking.decide(
                dispute, "again", lambda _: [declined], actor=system("escalation")
            )
        hear(self._inbox, self.asking)

    def close(self):
        self.routing.close()
        self.asking.close()


@pytest.fixture
def county(database):
    found = County(database)
    yield found
    found.close()


def shadow(county, find=lambda pack, directory: DRAFT):
    return Shadow(county.routing.database, county.routing.histories, find)


def begun(county, find=lambda pack, directory: DRAFT):
    found = shadow(county, find)
    found.begin(DRAFT.pack.digest, DRAFT.pack.version, REGION.digest)
    return found


def test_a_shadow_counts_what_is_decided_from_its_beginning_on(county):
    county.ask(2)
    beside = begun(county)
    county.ask(3)
    assert beside.follow() == 3
    assert (beside.running().decisions, beside.running().differences) == (3, 3)
    ((pair, times),) = beside.differences(DRAFT.pack.digest)
    assert (pair.table, pair.before, times) == ("lead", "L50", 3)


def test_two_processes_that_follow_count_every_decision_once(county):
    begun(county)
    county.ask(2)
    one, other = shadow(county), shadow(county)
    seen = one.running()
    assert one.follow() == 2
    other._followed(seen)  # it had looked before the first one counted
    county.ask(1)
    assert other.follow() == 1
    assert one.running().decisions == 3


def test_a_draft_that_cannot_be_found_fails_and_nothing_else_does(county):
    def nowhere(pack, directory):
        raise ZeroDivisionError

    beside = begun(county, nowhere)
    county.ask(2)
    beside.follow()
    found = beside.running()
    assert (found.decisions, found.differences, found.failures) == (2, 0, 2)
    assert county.routing.last_position() == 2


def test_a_shadow_that_ended_counts_nothing_more(county):
    beside = begun(county)
    beside.end()
    county.ask(1)
    assert beside.follow() == 0 and beside.running() is None


def test_the_past_takes_in_what_is_stored_and_what_came_since(county, tmp_path):
    past = Past(tmp_path / "past.duckdb")
    for more, together in ((2, 2), (0, 2), (3, 5)):
        county.ask(more)
        assert past.catch_up(county.routing.histories) == together
    assert past.one("SELECT count(*) FROM past WHERE rules <> ?", PACK.version) == 0
    past.close()


@pytest.fixture
def product(county, postgres, postgres_url, tmp_path, monkeypatch):
    """The settings of an installation in which three decisions were made."""
    monkeypatch.setenv("FENGQIAO_DATABASE_URL", postgres_url)
    monkeypatch.setenv("FENGQIAO_KEYSTORE_URL", fresh_database(postgres.url))
    monkeypatch.setenv("FENGQIAO_DATA", str(tmp_path / "data"))
    with archives():
        county.ask(3)
    return county


def run(*arguments):
    done = CliRunner().invoke(app, ["rules", *map(str, arguments), "--json"])
    return done.exit_code, json.loads(done.stdout)


def test_a_draft_is_tried_counted_and_set_beside_on_the_command_line(product, tmp_path):
    code, told = run("backtest", "sample", "--out", tmp_path / "report.json")
    assert (code, told["totals"]["decisions"], told["totals"]["flips"]) == (0, 3, 0)
    report = json.loads((tmp_path / "report.json").read_bytes())
    assert report == {name: told[name] for name in report}
    _, rows = run("statistics")
    assert {"lead L50": 3}.items() <= {
        f"{row['table']} {row['row']}": row["used"] for row in rows
    }.items()
    _, beside = run("shadow", "sample")
    assert beside["shadow"]["draft"] == PACK.digest
    assert run("shadow", "--end")[1]["shadow"] is None


def test_a_past_decision_that_was_changed_is_found_and_named(product):
    assert run("reproduce")[0] == 0
    with product.routing.database.transaction() as cursor:
        cursor.execute(
            "UPDATE routing.routing_events SET state = convert_to(replace("
            "convert_from(state, 'UTF8'), 'pmc-village-fengxi', 'pmc-zhuji'), 'UTF8')"
            " WHERE notification_id = (SELECT max(notification_id) FROM"
            " routing.routing_events WHERE topic LIKE 'dispute.routed%')"
        )
    code, told = run("reproduce")
    assert (code, told["differences"], told["reproduced"]) == (1, 1, 3)
    (found,) = told["differing"]
    assert "lead" in found["fields"] and found["dispute"].startswith("330681-")


@pytest.mark.parametrize("kind", ["pack", "directory"])
def test_rules_that_were_changed_in_the_archive_reproduce_nothing(product, kind):
    with product.routing.database.transaction() as cursor:
        cursor.execute(
            "UPDATE routing.pack_content SET content = set_byte(content, 200, 0)"
            " WHERE kind = %s",
            [kind],
        )
    code, told = run("reproduce")
    assert (code, told["differences"]) == (1, 3)
    assert {found["why"] for found in told["differing"]} == {"refused.rules-tampered"}


def test_a_row_that_is_declined_too_often_is_proposed_once(product, monkeypatch):
    """What the software proposes has its figures in the reason, and people approve it."""
    product.decline(2)
    asked = []

    def proposed(_, who, wish, tried, command):
        asked.append((who, wish, tried))
        return len(asked)

    monkeypatch.setattr(Proposing, "propose", proposed)
    _, told = run("statistics", "--propose", "--percent", 20, "--uses", 2)
    ((who, wish, tried),) = asked
    assert (who.by, tried.pack.digest) == ("fengqiao", wish.pack)
    assert "L50" in wish.reason and wish.valid_from > MONDAY.date()
    (raised,) = told["suggested"]
    assert (raised["row"], raised["declined"], raised["number"]) == ("L50", 2, 1)
    assert run("statistics", "--propose", "--uses", 1000)[1]["suggested"] == []
