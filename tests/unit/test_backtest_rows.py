"""What became of a row's decisions, and what is suggested for one that is declined."""

from __future__ import annotations

import pytest

from services.routing.backtest.draft import Draft
from services.routing.backtest.past import Past
from services.routing.backtest.report import backtest
from services.routing.backtest.statistics import statistics
from services.routing.backtest.suggesting import Threshold, suggestions
from shared.bodies import BodyKind
from shared.events.base import Recorded, system
from shared.events.escalation import DecidedByHand, HandReason
from shared.events.routing import FiredRow
from tests.unit.backtest_given import AT, PACK, REGION, Histories, decided, plain

LEAD = "L50"  # the row of table lead that an ordinary dispute meets


@pytest.fixture
def past():
    found = Past()
    yield found
    found.close()


def followed(number, reason, **more):
    """A dispute that was decided on, and of which routing was asked again."""
    return [
        decided(plain(number)),
        decided(plain(number, request=2, reason=reason, **more)),
    ]


def declined(number):
    """Declined by the village, then asked of the town."""
    more = {"declines": 1, "tier": "village", "not_taken": "referral"}
    return followed(number, "declined", passed_over=("pmc-village-fengxi",), **more)


def by_hand(number, row=LEAD, upheld=False):
    charged = FiredRow(table="lead", row=row, legal_basis="x") if not upheld else None
    event = DecidedByHand(
        by="centre-zhuji",
        to="pmc-zhuji",
        reason=HandReason.WRONG_ROW,
        holder="police-fengqiao",
        request=1,
        row=charged,
        rows=(),
        upheld=upheld,
    )
    dispute = plain(number).dispute
    return Recorded("escalation", dispute, 9, AT, AT, system("escalation"), "c", event)


def row_of(past, table="lead", row=LEAD):
    found = [r for r in statistics(past) if (r.table, r.row) == (table, row)]
    return found[0]


def test_a_row_counts_how_often_it_was_used_declined_and_escalated(past):
    asked = [
        decided(plain(1)),
        *declined(2),
        *followed(3, "lapsed"),
        *followed(4, "failed"),
        *followed(5, "holder_asked"),
    ]
    past.catch_up(Histories(asked))
    found = row_of(past)
    first = [one for one in asked if one.event.request == 1]
    again = [
        one
        for one in asked
        if one.event.request == 2 and ("lead", LEAD) in fired(one.event)
    ]
    assert found.used == len(first) + len(again)
    assert (found.declined, found.lapsed, found.escalated) == (1, 1, 1)
    assert found.rules == PACK.version


def fired(event):
    return [(row.table, row.row) for row in event.rows]


def test_a_decision_by_hand_is_charged_to_its_row_and_no_decline_beside(past):
    asked = [*declined(1), *declined(2), *declined(3)]
    hands = Histories([by_hand(1), by_hand(2, upheld=True)], store=2)
    past.catch_up(Histories(asked), hands)
    found = row_of(past)
    assert (found.declined, found.overridden) == (2, 1)


def test_a_row_that_is_declined_too_often_suggests_who_was_asked_next(past):
    past.catch_up(Histories([one for n in range(1, 5) for one in declined(n)]))
    (found,) = suggestions(past, PACK, REGION, Threshold(30, 4))
    asked_next = REGION.bodies[declined(1)[1].event.lead].kind
    assert (found.row.row, found.kind, found.times) == (LEAD, asked_next, 4)
    assert found.after[0] == asked_next and {*found.before} <= {*found.after}
    told = backtest(past, Draft(found.draft, REGION)).content
    assert told["totals"]["flips"] > 0 and told["totals"]["unanswered"] == 0
    assert isinstance(found.kind, BodyKind)


def test_few_uses_or_few_declines_suggest_nothing(past):
    past.catch_up(Histories([*declined(1), *[decided(plain(n)) for n in range(2, 12)]]))
    assert not [*suggestions(past, PACK, REGION, Threshold(30, 4))]
    assert not [*suggestions(past, PACK, REGION, Threshold(1, 100))]
