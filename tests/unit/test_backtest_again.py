"""Past decisions made again, and a draft beside the rules in force."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from services.routing.backtest.draft import Draft
from services.routing.backtest.reproducing import Library, Reproduction
from services.routing.backtest.shadowing import SAME_ROWS, Pair, compared
from shared.events.clocks import Pause
from shared.events.errors import RefusedError
from tests.unit.backtest_given import (
    PACK,
    REGION,
    Histories,
    askings,
    decided,
    plain,
    with_cell,
    with_rules,
    without_row,
)

LEAD = "L50"  # the row of table lead that an ordinary dispute meets


def reproduction(recorded, packs=(PACK,)):
    by_version = {pack.version: pack for pack in packs}
    regions = {REGION.digest: REGION}
    return Reproduction(
        Histories(recorded), Library(by_version.__getitem__, regions.__getitem__)
    )


@settings(max_examples=25, deadline=None)
@given(asked=st.lists(askings(), min_size=1, max_size=10))
def test_every_decision_comes_out_again(asked):
    run = reproduction(map(decided, asked))
    assert [*run.differences()] == []
    assert run.counted == {"decisions": len(asked), "reproduced": len(asked)}


def test_a_changed_decision_is_named_with_what_differs():
    one, two = decided(plain(1)), decided(plain(2))
    other = two.event.model_copy(update={"lead": "pmc-zhuji", "may_decline": False})
    run = reproduction([one, two._replace(event=other)])
    (found,) = run.differences()
    assert (found.request, found.fields) == (1, ("lead", "may_decline"))
    assert found.dispute.startswith("330681-")
    assert run.counted["differences"] == 1


def with_terms(recorded, **changes):
    clocks = tuple(c.model_copy(update=changes) for c in recorded.event.clocks)
    answer = recorded.event.answer.model_copy(update=changes)
    told = {"clocks": clocks, "answer": answer}
    return recorded._replace(event=recorded.event.model_copy(update=told))


def test_what_terms_did_not_tell_yet_is_not_compared():
    before = with_terms(decided(plain(1)), pauses=None, extension=None)

    assert [*reproduction([before]).differences()] == []


@pytest.mark.parametrize(
    "changes", [{"pauses": (Pause.HEARING,)}, {"extension": "chair+3"}]
)
def test_another_pause_or_extension_is_a_difference(changes):
    (found,) = reproduction([with_terms(decided(plain(1)), **changes)]).differences()

    assert found.fields == ("answer", "clocks")


def test_of_older_terms_all_else_is_compared():
    before = {"pauses": None, "extension": None, "legal_basis": "another"}

    (found,) = reproduction([with_terms(decided(plain(1)), **before)]).differences()
    assert found.fields == ("answer", "clocks")


def test_rules_that_nobody_kept_are_a_difference_too():
    def nowhere(version):
        raise RefusedError("no-such-content", "gone")

    run = Reproduction(
        Histories([decided(plain(1))]), Library(nowhere, lambda digest: REGION)
    )
    (found,) = run.differences()
    assert (
        found.why == "refused.no-such-content"
        and found.versions["table"] == PACK.version
    )


def test_a_decision_of_before_questions_were_recorded_is_counted_apart():
    old = decided(plain(1))
    run = reproduction(
        [old._replace(event=old.event.model_copy(update={"asked": None}))]
    )
    assert [*run.differences()] == []
    assert run.counted == {"decisions": 1, "not_recorded": 1}


def test_a_shadow_counts_the_rows_that_would_have_fired():
    draft = Draft(without_row(LEAD), REGION)
    seen = compared([decided(plain(1)), decided(plain(2, kind="medical"))], draft)
    after = plain(1).again(draft.decider, draft.directory)
    row = next(row.row for row in after.rows if row.table == "lead")
    assert (seen.decisions, seen.differences, seen.failures) == (2, 1, 0)
    assert seen.pairs == {Pair(PACK.version, "lead", LEAD, row): 1}


def test_a_shadow_counts_what_would_have_had_no_answer():
    draft = Draft(with_rules(lambda rules: rules[:-1], "clocks"), REGION)
    asked = [decided(plain(1)), decided(plain(2, kind="medical"))]
    with capture_logs() as logged:
        seen = compared(asked, draft)

    assert (seen.decisions, seen.differences, seen.failures) == (2, 0, 1)
    (told,) = logged
    assert (told["event"], told["error"]) == ("shadow_failed", "DmnConflictError")


def test_a_shadow_with_the_same_rows_and_another_clock_differs_too():
    draft = Draft(with_cell("T99", "answer", "HO-RETURN"), REGION)
    seen = compared([decided(plain(1))], draft)
    assert seen.pairs == {Pair(PACK.version, SAME_ROWS, SAME_ROWS, SAME_ROWS): 1}


class Broken:
    """A draft that cannot decide anything."""

    pack = PACK

    @property
    def decider(self):
        raise ZeroDivisionError

    directory = None


@pytest.mark.parametrize("times", [1, 3])
def test_what_a_shadow_fails_at_is_counted_and_stops_nothing(times):
    seen = compared([decided(plain(n)) for n in range(times)], Broken())
    assert (seen.decisions, seen.differences, seen.failures) == (times, 0, times)
