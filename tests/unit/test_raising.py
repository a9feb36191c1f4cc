"""What is proposed for a row that is declined too often, from when, and when it is not."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from services.routing.backtest.past import Past
from services.routing.backtest.raising import TIME_TO_LOOK, Raising
from services.routing.backtest.suggesting import Threshold
from services.routing.packs import PackDecider, Placed, Shelf
from services.routing.publishing import Publications, Stage, commands
from services.routing.publishing.proposals import Proposal
from shared.events.errors import DatabaseAwayError, RefusedError
from tests.unit.backtest_given import (
    AT,
    DIRECTORY,
    PACK,
    REGION,
    Histories,
    decided,
    plain,
    repacked,
)
from tests.unit.test_publishing import proposed

TODAY = AT.date()
HOLDS = TODAY + TIME_TO_LOOK
THRESHOLD = Threshold(30, 4)
ALWAYS = Placed(PACK, date.min)


class Desk:
    """Stands for what proves, tries and publishes: it only says what speaks against."""

    def __init__(self, past, *, state=None, fails=None):
        self._past, self._fails, self.wishes = past, fails, []
        self.kept = SimpleNamespace(here=REGION)
        self.publishing = self
        self._state = state or Publications()

    def today(self):
        return TODAY

    def newest(self):
        return self._state

    @contextmanager
    def past(self):
        yield self._past

    def propose(self, who, wish, tried, command):
        commands.consider(self._state, who, wish, TODAY)
        if self._fails:
            raise self._fails
        self.wishes.append((who, wish, tried, command))
        return len(self.wishes)


@pytest.fixture
def past():
    found = Past()
    yield found
    found.close()


def forget(past):
    past.database.execute("DELETE FROM past; DELETE FROM caught")


def declined(pack, number):
    """Declined by the village, then asked of the town."""
    decider = PackDecider(pack)
    more = {"declines": 1, "tier": "village", "not_taken": "referral"}
    again = plain(
        number,
        request=2,
        reason="declined",
        passed_over=("pmc-village-fengxi",),
        **more,
    )
    return [decided(one, decider, DIRECTORY) for one in (plain(number), again)]


def raised(past, *, pack=PACK, placed=(ALWAYS,), **desk):
    """What came of each row, and the desk, after four declines under a pack."""
    past.catch_up(Histories([o for n in range(1, 5) for o in declined(pack, n)]))
    found = Desk(past, **desk)
    return [*Raising(found, lambda: Shelf(placed)).raised(THRESHOLD)], found


def test_the_software_proposes_for_a_day_that_leaves_time_to_look(past):
    (one,), desk = raised(past)
    ((who, wish, tried, command),) = desk.wishes
    assert (who.by, who.person) == (commands.SOFTWARE, "statistics")
    assert (wish.valid_from, wish.until, wish.emergency) == (HOLDS, None, False)
    assert (wish.pack, wish.version) == (tried.pack.digest, tried.pack.version)
    assert command == f"statistics/{wish.pack}"
    assert (one.number, one.stage, one.new) == (1, Stage.OPEN, True)
    assert wish.pack != PACK.digest and tried.region is REGION


def test_the_reason_has_the_figures_and_the_threshold_in_both_languages(past):
    _, desk = raised(past)
    reason = desk.wishes[0][1].reason
    for said in ("L50", "使用 4 次", "退回 4 次（100%", "30%", "至少使用 4 次"):
        assert said in reason
    assert "proposed from 30% and 4 uses on" in reason
    assert reason.index("统计建议") < reason.index("by statistics")


@pytest.mark.parametrize(
    ("own", "first", "last"),
    [
        ({"valid_from": HOLDS + timedelta(days=9)}, HOLDS + timedelta(days=9), None),
        (
            {"valid_to": HOLDS + timedelta(days=9)},
            HOLDS,
            HOLDS + timedelta(days=9),
        ),
    ],
)
def test_a_draft_is_proposed_within_its_own_days(past, own, first, last):
    pack = repacked(**own)
    _, desk = raised(past, pack=pack, placed=[Placed(pack, date.min)])
    assert (desk.wishes[0][1].valid_from, desk.wishes[0][1].until) == (first, last)


def test_a_draft_that_ends_before_it_could_begin_is_told_and_not_proposed(past):
    pack = repacked(valid_to=HOLDS - timedelta(days=1))
    (one,), desk = raised(past, pack=pack, placed=[Placed(pack, date.min)])
    assert (one.refused, one.number) == ("rules-ends-before", None)
    assert desk.wishes == []


def test_an_emergency_that_is_over_by_then_is_not_made_to_last(past):
    emergency = repacked(version="emergency")
    placed = [ALWAYS, Placed(emergency, TODAY, TODAY + timedelta(days=9), True)]
    assert raised(past, pack=emergency, placed=placed)[0] == []
    forget(past)
    (one,), desk = raised(past, placed=placed)
    assert one.row.rules == PACK.version and len(desk.wishes) == 1


def test_rules_whose_successor_is_published_are_not_brought_back(past):
    successor = Placed(repacked(version="later"), TODAY + timedelta(days=9))
    assert raised(past, placed=[ALWAYS, successor])[0] == []


@pytest.mark.parametrize("stage", Stage)
def test_what_was_proposed_once_is_not_proposed_again(past, stage):
    (first,), _ = raised(past)
    (made,) = proposed(pack=first.suggestion.draft.digest)
    state = Publications(proposals={1: Proposal(made=made, stage=stage)})
    (one,), desk = raised(past, state=state)
    assert (one.number, one.stage, one.new) == (1, stage, False)
    assert desk.wishes == []


@pytest.mark.parametrize(
    ("told", "refused"),
    [
        ({}, "another-first"),
        ({"valid_from": TODAY}, None),
        ({"by": "justice-zhuji"}, None),
    ],
)
def test_a_change_of_another_row_is_decided_on_first(past, told, refused):
    made = by_the_software(**told)
    state = Publications(proposals={1: Proposal(made=made)})
    (one,), desk = raised(past, state=state)
    assert (one.refused, len(desk.wishes)) == (refused, 0 if refused else 1)


def by_the_software(**told):
    (made,) = proposed(pack="of-another-row")
    usual = {"by": commands.SOFTWARE, "valid_from": HOLDS}
    return made.model_copy(update={**usual, **told})


def test_another_version_of_the_rules_is_proposed_for_anew(past):
    (first,), _ = raised(past)
    (made,) = proposed(pack=first.suggestion.draft.digest)
    state = Publications(proposals={1: Proposal(made=made, stage=Stage.REJECTED)})
    other = repacked(version="other")
    forget(past)
    (one,), _ = raised(past, pack=other, placed=[Placed(other, date.min)], state=state)
    assert one.new


@pytest.mark.parametrize(
    ("fails", "reason"),
    [
        (RefusedError("rules-certificate-failed", "no"), "rules-certificate-failed"),
        (ZeroDivisionError("样例甲"), "ZeroDivisionError"),
    ],
)
def test_what_fails_is_told_by_its_kind_only(past, fails, reason):
    (one,), _ = raised(past, fails=fails)
    assert (one.refused, one.number, one.new) == (reason, None, False)


def test_a_database_that_is_away_is_no_answer(past):
    with pytest.raises(DatabaseAwayError):
        raised(past, fails=DatabaseAwayError(OSError()))


def test_a_row_for_which_nobody_else_was_asked_is_told(past):
    past.catch_up(Histories([]))
    asked = [
        decided(one)
        for number in range(1, 5)
        for one in (
            plain(number),
            plain(number, request=2, reason="declined", declines=2, tier="county"),
        )
    ]
    past.catch_up(Histories(asked, store=3))
    found = [*Raising(Desk(past), lambda: Shelf([ALWAYS])).raised(THRESHOLD)]
    assert [(one.refused, one.suggestion) for one in found] == [("no-other-body", None)]
