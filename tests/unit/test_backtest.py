"""A draft tried on the past says what the draft would really have decided."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import replace
from functools import partial
from io import StringIO
from subprocess import PIPE, Popen

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from services.cli.rules_backtest_shown import moves, report
from services.cli.rules_named import cell, head, names_of
from services.routing.backtest.columns import INPUTS
from services.routing.backtest.draft import Draft
from services.routing.backtest.errors import VectorisedDiffersError
from services.routing.backtest.flips_file import write_flips
from services.routing.backtest.outcomes import receiver
from services.routing.backtest.past import Past
from services.routing.backtest.report import backtest
from services.routing.backtest.trial import Trial
from services.routing.dmn.model import HitPolicy
from services.routing.packs import inputs_of
from shared.events.errors import RefusedError
from shared.events.vocabulary import dispute_code
from shared.region import Region
from shared.resolution import OutsideHours, Preference, Resolution
from tests.unit.backtest_given import (
    DIRECTORY,
    PACK,
    REGION,
    Histories,
    askings,
    crowd,
    decided,
    plain,
    repacked,
    with_absences,
    with_cell,
    with_rules,
    without_row,
)

AS_IT_IS = Draft(PACK, REGION)
LEAD = "L50"  # the row of table lead that an ordinary dispute meets
slowly = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.fixture(autouse=True)
def past():
    found = Past()
    yield found
    found.close()


def taken_in(past, asked):
    past.catch_up(Histories(map(decided, asked)))
    return past


@slowly
@given(asked=st.lists(askings(), min_size=1, max_size=40))
def test_the_inputs_in_columns_are_those_of_the_rules(asked):
    past = taken_in(Past(), asked)
    told = ", ".join(f"{sql} AS {name}" for name, sql in INPUTS.items())
    query = f"SELECT {told} FROM past ORDER BY position"
    rows = past.database.execute(query).fetchall()
    past.close()
    found = [dict(zip(INPUTS, row, strict=True)) for row in rows]
    assert found == [inputs_of(asking.question) for asking in asked]


@slowly
@given(asked=st.lists(askings(), min_size=1, max_size=40))
def test_every_question_meets_what_it_would_really_have_met(asked):
    draft = Draft(with_rules(lambda rules: rules[3:]), REGION)
    assert met(draft, asked) == really(draft, asked)


@pytest.fixture(scope="module")
def county():
    """A region with rooms, hours, absences and chambers."""
    return with_absences(Region.load("shaoxing"))


@pytest.mark.parametrize("outside", OutsideHours)
@pytest.mark.parametrize("prefer", [(), tuple(Preference)])
def test_so_it_does_whatever_the_search_for_a_body_looks_at(county, outside, prefer):
    """Rooms where the sender stands, fields, chambers; who is away, who is closed."""
    wanted = Resolution(prefer=prefer, outside_hours=outside)
    draft = Draft(repacked(resolution=wanted), county)
    asked = [*crowd(county, len(prefer), 800)]
    assert met(draft, asked) == really(draft, asked)


def met(draft, asked):
    past = taken_in(Past(), asked)
    Trial(past, draft).run()
    query = (
        'SELECT "action", body, handoff, may_decline, co_handlers, routes, severity,'
        " list_transform(limits, lambda l: l.name), list_transform(fired, lambda r:"
        ' r."table" || \' \' || r."row") FROM met ORDER BY position'
    )
    found = past.database.execute(query).fetchall()
    past.close()
    return found


def really(draft, asked):
    return [as_met(one.again(draft.decider, draft.directory)) for one in asked]


def as_met(routed):
    clocks = [*filter(None, [routed.answer]), *routed.clocks]
    return (
        routed.action,
        receiver(routed),
        routed.kind,
        routed.may_decline,
        [*routed.co_handlers],
        [*routed.routes],
        routed.severity,
        [clock.name for clock in clocks],
        [f"{row.table} {row.row}" for row in routed.rows],
    )


def test_the_rules_in_force_flip_nothing(past):
    asked = [plain(n, kind=kind) for n, kind in enumerate(REGION.kinds)]
    told = backtest(taken_in(past, asked), AS_IT_IS).content
    assert told["totals"]["decisions"] == len(REGION.kinds)
    assert (told["totals"]["flips"], told["totals"]["unanswered"]) == (0, 0)
    assert told["flips"] == told["deadlines"] == told["reasons"] == []


def test_a_draft_tells_who_would_have_received_what_and_why(past):
    """Without the row for neighbours another row decides, and another body is asked."""
    past = taken_in(past, [plain(1), plain(2, kind="medical")])
    draft = Draft(without_row(LEAD), REGION)
    (flip,) = backtest(past, draft).content["flips"]
    after = plain(1).again(draft.decider, DIRECTORY)
    assert flip["rows_before"] == [f"lead {LEAD}"]
    assert flip["rows_after"] == [f"lead {after.rows[3].row}"]
    assert (flip["body_before"], flip["body_after"]) == (
        "pmc-village-fengxi",
        after.lead,
    )
    assert [one["request"] for one in flip["examples"]] == [1]


def test_decisions_that_go_to_another_body_are_shown_and_put_together(past):
    """Also from one body to another of the same kind, which changes no totals."""
    moved = {"changed": ["body"], "rows_before": [], "rows_after": [], "examples": []}
    flips = [
        {**moved, "decisions": 2, "body_before": "pmc-a", "body_after": "pmc-c"},
        {**moved, "decisions": 3, "body_before": "pmc-a", "body_after": "pmc-b"},
        {**moved, "decisions": 4, "body_before": "pmc-a", "body_after": "pmc-b"},
        {**moved, "decisions": 9, "body_before": "pmc-a", "body_after": "pmc-a"},
    ]
    found = [(one["body_after"], one["decisions"]) for one in moves(flips)]
    assert found == [("pmc-b", 7), ("pmc-c", 2)]

    past = taken_in(past, [plain(1)])
    done = backtest(past, Draft(without_row(LEAD), REGION))
    console = Console(width=200, record=True, file=StringIO())
    console.print(report(done, names_of(REGION)))
    told = console.export_text()
    assert "改由其他机构承接的决定（共 1 种" in told
    after = done.content["flips"][0]["body_after"]
    assert any("pmc-village-fengxi" in o and after in o for o in told.splitlines())
    assert "枫西样例村人民调解委员会（pmc-village-fengxi）" in told
    assert "机构 · body" in told and "原文" not in told
    assert done.digest[:12] in told and done.digest not in told


def test_the_same_past_and_draft_give_the_same_bytes(past):
    past = taken_in(past, [plain(n) for n in range(1, 5)])
    one, two = backtest(past, AS_IT_IS), backtest(past, AS_IT_IS)
    assert one.attached == two.attached
    assert json.loads(one.attached)["draft"]["digest"] == PACK.digest
    assert one.published.digest == one.digest


def test_load_and_deadlines_are_told_per_body_in_their_units(past):
    past = taken_in(past, [plain(n) for n in range(1, 4)])
    told = backtest(
        past, Draft(with_cell("T99", "answer", "HO-RETURN"), REGION)
    ).content
    (limit,) = told["deadlines"]
    assert (limit["body"], limit["clock"]) == ("pmc-village-fengxi", "answer")
    assert (limit["total_before"], limit["total_after"]) == (9, 3)
    assert limit["unit"] == "working_days"
    assert told["load"] == [{"body": "pmc-village-fengxi", "before": 3, "after": 3}]


@pytest.mark.parametrize("policy", [HitPolicy.UNIQUE, HitPolicy.FIRST])
def test_a_dispute_that_no_row_answers_is_told_with_its_table(past, policy):
    past = taken_in(past, [plain(1), plain(2, kind="medical")])
    only = with_rules(lambda rules: rules[:-1], "clocks", policy)
    told = backtest(past, Draft(only, REGION)).content
    assert told["totals"]["unanswered"] == 1
    (gap,) = told["unanswered"]
    assert (gap["table"], gap["why"]) == ("clocks", "pack.no-answer")


def test_every_flip_is_written_to_a_file(past, tmp_path):
    past = taken_in(past, [plain(n) for n in range(1, 4)])
    backtest(past, Draft(without_row(LEAD), REGION))
    write_flips(past, tmp_path / "flips.csv")
    with (tmp_path / "flips.csv").open(encoding="utf-8-sig") as file:
        rows = [*csv.DictReader(file)]
    assert [row["position"] for row in rows] == ["1", "2", "3"]
    assert {row["rows_before"] for row in rows} == {f"lead {LEAD}"}
    (first, *_) = plain(1), plain(2)
    assert rows[0]["dispute"] == dispute_code(first.dispute, "330681")


def test_the_file_of_flips_speaks_as_officials_do(past, tmp_path):
    past = taken_in(past, [plain(1)])
    backtest(past, Draft(without_row(LEAD), REGION))
    in_words = partial(cell, names=names_of(REGION))
    write_flips(past, tmp_path / "flips.csv", head, in_words)
    with (tmp_path / "flips.csv").open(encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    assert row["一案一码 · dispute"].startswith("330681-")
    assert row["原机构 · body before"].endswith("（pmc-village-fengxi）")
    assert "承接机构" in row["改变之处 · what changes"]
    assert row["原移交方式 · handoff before"] == "移送"


def test_decisions_without_their_question_are_counted_and_left_out(past):
    old = [decided(plain(1)), decided(plain(2))]
    asked_not = old[0].event.model_copy(update={"asked": None})
    past.catch_up(Histories([old[0]._replace(event=asked_not), old[1]]))
    totals = backtest(past, AS_IT_IS).content["totals"]
    assert (totals["decisions"], totals["not_recorded"], totals["flips"]) == (2, 1, 0)


def test_a_fault_of_the_columns_is_never_taken_for_a_result(past):
    past = taken_in(past, [plain(1)])
    past.database.execute("UPDATE past SET kind = 'medical'")
    with pytest.raises(VectorisedDiffersError):
        backtest(past, AS_IT_IS)


def test_the_past_goes_on_where_it_stood_and_begins_anew_with_another_store(tmp_path):
    file, asked = tmp_path / "deep" / "past.duckdb", [plain(1), plain(2)]
    for recorded, store in ((asked[:1], 1), (asked, 1), (asked[:1], 2)):
        past = Past(file)
        count = past.catch_up(Histories(map(decided, recorded), store))
        past.close()
        assert count == len(recorded)


def test_two_backtests_at_once_are_refused(tmp_path):
    file = tmp_path / "past.duckdb"
    command = (
        "import sys, duckdb; c = duckdb.connect(sys.argv[1]);"
        "print('open', flush=True); sys.stdin.read()"
    )
    with Popen([sys.executable, "-c", command, file], stdin=PIPE, stdout=PIPE) as other:
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(RefusedError, match="in use"):
            Past(file)
        other.stdin.close()


def test_a_file_that_is_no_past_is_refused_with_its_remedy(tmp_path):
    file = tmp_path / "past.duckdb"
    file.write_bytes(b"not a database, but long enough to look like one" * 200)
    with pytest.raises(RefusedError, match="remove it"):
        Past(file)


def test_a_value_that_the_draft_does_not_list_is_decided_on_as_the_decider_does(past):
    """A draft from before a source was known still answers for it."""
    types = tuple(
        replace(one, allowed=one.allowed.replace(', "screening"', ""))
        for one in PACK.model.types
    )
    assert types != PACK.model.types
    model = replace(PACK.model, types=types)
    draft = Draft(repacked(model), REGION)
    told = backtest(
        taken_in(past, [plain(1, source="screening", sender="centre-zhuji")]), draft
    ).content["totals"]
    assert (told["unanswered"], told["decisions"]) == (0, 1)
