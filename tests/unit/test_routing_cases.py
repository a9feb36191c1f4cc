"""Disputes and the decisions they must get: `routing_cases.toml`, case by case."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.routing.directory import Directory
from services.routing.domain import Decisions
from services.routing.packs import Pack, PackDecider
from services.routing.policy import react
from shared.calendar import load_calendar
from shared.events.escalation import RouteRequested
from shared.events.facts import Facts
from shared.events.routing import Routed
from shared.region import Region

REGION = Region.load("sample")
PACK = Pack.load("sample")
RULES = PackDecider(PACK)
DIRECTORY = Directory(REGION)
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CASES = tomllib.loads(Path(__file__).with_name("routing_cases.toml").read_text("utf-8"))
BEFORE = ("asked_at", "asked_as")
ASKED = ("reason", "holder", "tier", "declines", "passed_over")


def decision(given: dict[str, object], at: datetime = AT) -> Routed:
    """The decision on a case, whose left-out facts are those of a plain dispute."""
    given = dict(given)
    before = {name: given.pop(name) for name in BEFORE if name in given}
    state = Decisions.model_validate(before)
    (event,) = react(question(given), state, at, RULES, DIRECTORY)
    assert isinstance(event, Routed)
    return event


def question(given: dict[str, object]) -> RouteRequested:
    facts = {name: value for name, value in given.items() if name not in ASKED}
    facts.setdefault("sender", "police-fengqiao")
    facts.setdefault("place", "330681109201")
    facts.setdefault("asked", REGION.profiles[facts["source"]].handoff)
    facts = {"persons": 2, "side": 1, **facts}
    asked = {name: given[name] for name in ASKED if name in given}
    return RouteRequested.model_validate(
        {
            "request": 1,
            "reason": "registered",
            "holder": facts["sender"],
            **asked,
            "facts": Facts.model_validate(facts),
        }
    )


@pytest.mark.parametrize("case", CASES["case"], ids=lambda case: case["name"])
def test_a_dispute_gets_its_decision(case):
    routed = decision(case["given"])
    rows = {row.table: row.row for row in routed.rows}
    found = {
        **routed.model_dump(mode="json"),
        "way": rows["way"],
        "lead_row": rows.get("lead"),
        "clocks": [clock.name for clock in routed.clocks],
        "clock_basis": "; ".join(clock.legal_basis for clock in routed.clocks),
        "steps": [step[0] for step in routed.steps],
    }
    assert {name: found[name] for name in case["then"]} == case["then"]


def test_every_row_of_the_ways_decides_some_case():
    decided = {case["then"]["way"] for case in CASES["case"]}
    assert {row.id for row in PACK.tables["way"].rows} == decided


def test_a_decision_names_the_versions_that_made_it():
    routed = decision({"source": "police", "kind": "neighbour"})
    assert routed.versions == {
        "table": PACK.version,
        "directory": REGION.digest,
        "calendar": load_calendar().version,
    }
    assert routed.versions["table"].startswith("sample-2026.1@")


def test_a_decision_tells_every_row_that_fired_with_its_legal_basis():
    routed = decision({"source": "court", "sender": "court-zhuji", "kind": "contract"})
    assert [row.table for row in routed.rows] == [
        "severity",
        "way",
        "terms",
        "lead",
        "clocks",
    ]
    assert all(row.legal_basis for row in routed.rows)
    assert all((row.table, row.row) in PACK.words for row in routed.rows)


def test_the_day_of_a_decision_is_that_of_the_region():
    """A minute before midnight in Greenwich the village has ended in Fengqiao."""
    before = datetime(2023, 12, 31, 15, 59, tzinfo=UTC)
    after = datetime(2023, 12, 31, 16, 0, tzinfo=UTC)
    given = {"source": "police", "kind": "neighbour", "place": "330681109203"}
    assert ("place-succeeded", "330681109203", "330681109202") not in decision(
        given, before
    ).steps
    assert decision(given, after).steps[0] == (
        "place-succeeded",
        "330681109203",
        "330681109202",
    )


def test_a_question_is_answered_once():
    asked = question({"source": "police", "kind": "neighbour"})
    (routed,) = react(asked, Decisions(), AT, RULES, DIRECTORY)
    state = Decisions().evolve(routed)
    assert list(react(asked, state, AT, RULES, DIRECTORY)) == []


def test_the_tier_last_asked_counts_after_a_decline():
    asked = question({"source": "police", "kind": "neighbour"})
    (routed,) = react(asked, Decisions(), AT, RULES, DIRECTORY)
    state = Decisions().evolve(routed)
    declined = asked.model_copy(
        update={
            "request": 2,
            "reason": "declined",
            "declines": 1,
            "passed_over": (routed.lead,),
        }
    )
    (again,) = react(declined, state, AT, RULES, DIRECTORY)
    assert (routed.tier, again.tier) == ("village", "town")
