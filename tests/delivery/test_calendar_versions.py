"""Decisions keep the calendar they were made by, whatever notices come later."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from services.cli import app
from services.cli.rules_past import archives
from services.compose import House
from services.routing.backtest.reproducing import Library, Reproduction
from services.routing.explaining.sources import Kept
from services.settings import Settings
from shared.calendar import load_calendar
from shared.events.base import State, system
from shared.events.escalation import RouteRequested
from shared.events.routing import Routed
from shared.events.store import Service
from shared.events.tail import hear
from shared.events.vocabulary import dispute_code
from tests.conftest import fresh_database
from tests.unit.backtest_given import plain, repacked
from tests.unit.calendars_given import own_calendars, regional
from tests.unit.directory_given import edit, sample_in

VILLAGE, ROOM = "pmc-village-fengxi", "room-police-fengqiao"
TODAY_OFF = {2026: "holidays = [2026-03-02]"}
TODAY_WORKED = {2026: "holidays = [2026-03-09]"}


class Asking(Service):
    """Escalation as far as routing hears it."""

    name = "escalation"
    empty = State()

    def ask(self):
        facts, dispute = plain().facts, uuid4()
        asked = RouteRequested(
            request=1, reason="registered", facts=facts, holder=facts.sender
        )
        self.decide(dispute, "ask", lambda _: [asked], actor=system("escalation"))
        return dispute


@pytest.fixture
def calendars(tmp_path, monkeypatch):
    """Where an installation has its calendars: a festival on the day of the tests."""
    found = own_calendars(tmp_path, monkeypatch)
    regional(found, "festive", TODAY_OFF)
    return found


@pytest.fixture
def product(database, postgres, postgres_url, calendars, tmp_path, monkeypatch):
    """A county where the village body works on working days, and others go before it
    when it is closed.
    """
    region = sample_in(tmp_path)
    head = 'calendar = "festive"\n[resolution]\noutside_hours = "skip"\n'
    edit(
        region,
        "region.toml",
        "valid_from = 2024-01-01\n",
        f"valid_from = 2024-01-01\n{head}",
    )
    titles, *rows = (region / "bodies.csv").read_text("utf-8").splitlines()
    rows = [f"{row},{'work' if row.startswith(VILLAGE) else ''}" for row in rows]
    (region / "bodies.csv").write_text("\n".join([f"{titles},hours", *rows]), "utf-8")
    keys = fresh_database(postgres.url)
    for name, value in {
        "DATABASE_URL": postgres_url,
        "KEYSTORE_URL": keys,
        "DATA": str(tmp_path / "data"),
        "REGION": str(region),
    }.items():
        monkeypatch.setenv(f"FENGQIAO_{name}", value)
    return postgres_url, keys


def decided(product):
    """What a process that starts now decides about a dispute."""
    url, keys = product
    house = House(Settings(), database_url=url, keystore_url=keys)
    asking = Asking(house.database)
    try:
        house.migrate()
        dispute = asking.ask()
        hear(house.inbox("routing"), asking)
        found = house.inbox("routing").service.history(dispute)[-1].event
    finally:
        asking.close()
        house.close()
    assert isinstance(found, Routed)
    return found


def reproduced():
    done = CliRunner().invoke(app, ["rules", "reproduce", "--json"])
    return done.exit_code, json.loads(done.stdout)


def test_a_decision_is_made_again_by_the_calendar_of_the_time(product, calendars):
    closed = decided(product)
    regional(calendars, "festive", TODAY_WORKED)
    opened = decided(product)

    assert (closed.lead, opened.lead) == (ROOM, VILLAGE)
    assert closed.versions["calendar"] != opened.versions["calendar"]
    assert opened.versions["calendar"] == load_calendar("festive").version
    code, told = reproduced()
    assert (code, told["reproduced"]) == (0, 2)


def test_by_the_calendar_of_today_it_would_come_out_otherwise(product, calendars):
    decided(product)
    regional(calendars, "festive", TODAY_WORKED)

    with archives() as kept:
        library = Library(kept.library.pack, kept.library.region)
        (found,) = Reproduction(kept.histories, library).differences()

    assert {"lead", "versions"} <= {*found.fields}


def test_a_calendar_that_was_changed_in_the_archive_reproduces_nothing(
    product, database
):
    decided(product)
    with database.transaction() as cursor:
        cursor.execute(
            "UPDATE routing.pack_content SET content = convert_to(replace("
            "convert_from(content, 'UTF8'), '2026-03-02', '2026-03-03'), 'UTF8')"
            " WHERE kind = 'calendar'"
        )

    code, told = reproduced()

    assert (code, told["differences"]) == (1, 1)
    assert told["differing"][0]["why"] == "refused.rules-tampered"


def test_a_decision_of_before_calendars_were_recorded_is_made_again(product, database):
    decided(product)
    with database.transaction() as cursor:
        cursor.execute(
            "UPDATE routing.routing_events SET state = convert_to(regexp_replace("
            "convert_from(state, 'UTF8'), ',\"calendar\":\"festive:[^\"]*\"', ''),"
            " 'UTF8') WHERE topic LIKE 'dispute.routed%'"
        )
        assert cursor.rowcount == 1

    code, told = reproduced()

    assert (code, told["reproduced"]) == (0, 1)


def test_a_calendar_is_kept_before_a_running_process_first_goes_by_it(
    product, calendars
):
    regional(calendars, "other", TODAY_WORKED)
    with archives() as kept:
        version, archive = load_calendar("other").version, kept.desk.archive
        before = archive.has(version)
        kept.routing.directory(repacked(calendar="other"))
        after = archive.has(version)

    assert (before, after) == (False, True)


def test_explanations_name_the_calendar_and_go_by_that_of_the_time(product, calendars):
    routed = decided(product)
    regional(calendars, "festive", TODAY_WORKED)

    with archives() as kept:
        (stored,) = kept.histories.after(0, [Routed.stored_name], 9)
        told = kept.desk.house.explanations()
        code = dispute_code(stored[1], routed.facts.place)
        explained, why = told.decision(code), told.why_not(code, VILLAGE)
        then = Kept(kept.routing, None, kept.desk.house.calendars.get)
        decider = then.decider(routed.versions["table"])
        found = then.directory(routed.versions, decider)

    assert explained.versions == routed.versions
    assert not why.present_directory
    assert found.calendar.version == routed.versions["calendar"]
    assert found.calendar.version != load_calendar("festive").version
