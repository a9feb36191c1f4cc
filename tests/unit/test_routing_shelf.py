"""Which pack decides on a day and on a dispute, and that it comes back from its archive."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest

from services.routing.decider import Question
from services.routing.dmn import DmnRefusedError
from services.routing.domain import Decisions
from services.routing.packs import Pack, PackDecider, Placed, Shelf
from services.routing.service import RoutingService
from shared.calendar import SHANGHAI
from shared.events.base import Recorded, system
from shared.events.escalation import RouteRequested
from shared.events.facts import Facts
from shared.events.routing import Action, Routed
from shared.region import Region
from tests.unit.packs_given import cell, change, copied, edit

SAMPLE = Pack.load("sample")
FIRST = date(2026, 1, 1)
DAY = timedelta(days=1)
LATER = FIRST + 100 * DAY


def pack(name: str, *, takes_over: bool = False) -> Pack:
    """A pack of that name: rules as in the sample."""
    open_disputes = "take_over" if takes_over else "keep"
    taking_over = SAMPLE.head.taking_over.model_copy(
        update={"open_disputes": open_disputes}
    )
    head = SAMPLE.head.model_copy(update={"version": name, "taking_over": taking_over})
    return replace(SAMPLE, head=head)


OLD, NEW, TAKER = pack("old"), pack("new"), pack("taker", takes_over=True)


def shelf(*placed: Placed) -> Shelf:
    return Shelf([Placed(OLD, FIRST), *placed])


# On a day


def test_a_pack_is_in_force_until_the_next_one_begins():
    packs = shelf(Placed(NEW, LATER))
    assert packs.in_force(LATER - DAY) is OLD
    assert packs.in_force(LATER) is NEW


def test_a_day_before_all_packs_has_none():
    with pytest.raises(DmnRefusedError) as refused:
        shelf().in_force(FIRST - DAY)
    assert refused.value.faults[0].why == "pack.none-in-force"


def test_a_day_after_the_last_day_of_the_last_pack_has_none():
    with pytest.raises(DmnRefusedError):
        Shelf([Placed(OLD, FIRST, LATER)]).in_force(LATER + DAY)


@pytest.mark.parametrize(
    "placed",
    [
        (Placed(OLD, FIRST), Placed(NEW, FIRST)),
        (Placed(OLD, FIRST, LATER), Placed(NEW, LATER)),
    ],
)
def test_two_packs_on_one_day_are_refused(placed):
    with pytest.raises(DmnRefusedError) as refused:
        Shelf(placed)
    (fault,) = refused.value.faults
    assert fault.why == "pack.two-in-force"
    assert fault.place.file == NEW.version
    assert str(placed[1].since) in fault.words("zh")


def test_after_an_emergency_the_former_pack_is_back():
    packs = shelf(Placed(NEW, LATER, LATER + 9 * DAY, emergency=True))
    assert packs.in_force(LATER + 9 * DAY) is NEW
    assert packs.in_force(LATER + 10 * DAY) is OLD


# Of a dispute


def test_a_dispute_that_was_never_decided_gets_the_pack_of_the_day():
    assert shelf(Placed(NEW, LATER)).of_dispute(None, LATER) is NEW


def test_a_dispute_keeps_the_pack_of_its_registration():
    packs = shelf(Placed(NEW, LATER))
    assert packs.of_dispute(OLD.version, LATER) is OLD


def test_a_pack_that_takes_over_decides_on_open_disputes_from_its_first_day():
    packs = shelf(Placed(TAKER, LATER))
    assert packs.of_dispute(OLD.version, LATER - DAY) is OLD
    assert packs.of_dispute(OLD.version, LATER) is TAKER


def test_what_was_taken_over_goes_by_its_own_pack_when_that_has_ended():
    packs = shelf(Placed(TAKER, LATER), Placed(NEW, LATER + 50 * DAY))
    assert packs.of_dispute(OLD.version, LATER + 49 * DAY) is TAKER
    assert packs.of_dispute(OLD.version, LATER + 60 * DAY) is OLD
    assert packs.of_dispute(TAKER.version, LATER + 60 * DAY) is TAKER
    assert packs.of_dispute(NEW.version, LATER + 60 * DAY) is NEW


def test_a_pack_with_a_last_day_takes_over_until_then():
    packs = shelf(Placed(TAKER, LATER, LATER + 9 * DAY))
    assert packs.of_dispute(OLD.version, LATER + 9 * DAY) is TAKER
    assert packs.of_dispute(OLD.version, LATER + 10 * DAY) is OLD


def test_what_began_when_a_pack_was_back_keeps_it():
    packs = shelf(Placed(TAKER, LATER), Placed(OLD, LATER + 30 * DAY))
    first = packs.of_dispute(None, LATER + 31 * DAY)
    assert packs.of_dispute(first.version, LATER + 40 * DAY) is first is OLD


def test_a_regular_pack_takes_nothing_from_an_emergency_that_takes_over():
    urgent = pack("urgent", takes_over=True)
    packs = shelf(
        Placed(urgent, LATER, LATER + 9 * DAY, emergency=True),
        Placed(TAKER, LATER + 5 * DAY),
    )
    for version in (OLD.version, urgent.version, None):
        assert packs.of_dispute(version, LATER + 9 * DAY) is urgent
        assert packs.of_dispute(version, LATER + 10 * DAY) is TAKER


def test_an_emergency_that_takes_nothing_over_leaves_others_as_they_were():
    packs = shelf(
        Placed(TAKER, LATER),
        Placed(NEW, LATER + 5 * DAY, LATER + 9 * DAY, emergency=True),
    )
    assert packs.of_dispute(OLD.version, LATER + 7 * DAY) is TAKER
    assert packs.of_dispute(NEW.version, LATER + 7 * DAY) is NEW


def test_an_emergency_that_is_published_for_good_keeps_its_disputes():
    packs = shelf(
        Placed(NEW, LATER, LATER + 9 * DAY, emergency=True),
        Placed(NEW, LATER + 30 * DAY, LATER + 60 * DAY),
    )
    assert packs.of_dispute(NEW.version, LATER + 20 * DAY) is OLD
    assert packs.of_dispute(NEW.version, LATER + 70 * DAY) is NEW


def test_a_pack_does_not_take_over_what_was_registered_after_it():
    packs = shelf(Placed(TAKER, LATER), Placed(NEW, LATER + 50 * DAY))
    assert packs.of_dispute(NEW.version, LATER + 50 * DAY) is NEW


def test_an_emergency_takes_over_only_while_it_lasts():
    packs = shelf(Placed(TAKER, LATER, LATER + 9 * DAY, emergency=True))
    assert packs.of_dispute(OLD.version, LATER + 9 * DAY) is TAKER
    assert packs.of_dispute(OLD.version, LATER + 10 * DAY) is OLD


def test_what_began_in_an_emergency_goes_by_the_former_pack_when_it_is_over():
    packs = shelf(Placed(NEW, LATER, LATER + 9 * DAY, emergency=True))
    assert packs.of_dispute(NEW.version, LATER + 5 * DAY) is NEW
    assert packs.of_dispute(NEW.version, LATER + 10 * DAY) is OLD


def test_a_pack_that_is_off_the_shelf_is_found_in_the_archive():
    packs = Shelf([Placed(NEW, LATER)], find={OLD.version: OLD}.get)
    assert packs.of_dispute(OLD.version, LATER) is OLD
    assert packs.of_dispute("lost@0", LATER) is NEW


def test_the_first_decision_on_a_dispute_names_the_rules_that_are_kept():
    state = Decisions()
    for number, version in enumerate(("old@1", "new@2"), 1):
        state = state.evolve(routed(number, version))
    assert (state.answered, state.rules) == (2, "old@1")


def routed(request: int, version: str) -> Routed:
    return Routed(
        request=request,
        reason="registered",
        action=Action.STAY,
        severity="general",
        rows=(),
        facts=FACTS,
        versions={"table": version, "directory": "d"},
    )


def test_the_service_decides_by_the_rules_that_are_kept():
    packs = shelf(Placed(NEW, LATER))
    routing = RoutingService(None, Region.load("sample"), lambda: packs)
    at = datetime.combine(LATER, time(9), SHANGHAI)
    for state, pack in ((Decisions(), NEW), (Decisions(rules=OLD.version), OLD)):
        (decided,) = routing.react(asked(at), state, at)
        assert decided.versions["table"] == pack.version


def asked(at: datetime) -> Recorded:
    event = RouteRequested(
        request=1, reason="registered", facts=FACTS, holder=FACTS.sender
    )
    return Recorded(
        speaker="escalation",
        dispute=UUID(int=1),
        version=1,
        occurred_at=at,
        recorded_at=at,
        actor=system("escalation"),
        cause="intake:1",
        event=event,
    )


# The archive

FACTS = Facts(
    source="police",
    sender="police-fengqiao",
    kind="neighbour",
    place="330681109201",
    persons=2,
    side=1,
    asked="referral",
)
QUESTION = Question(reason="registered", facts=FACTS)


def test_a_pack_comes_back_from_its_archive():
    back = Pack.restored(SAMPLE.archive())
    assert (back.version, back.digest) == (SAMPLE.version, SAMPLE.digest)
    assert back.archive() == SAMPLE.archive()
    decided = PackDecider(back).decide(QUESTION)
    assert decided == PackDecider(SAMPLE).decide(QUESTION)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "pack.broken-archive"),
        (b"[]", "pack.broken-archive"),
        (b'{"format": 1}', "pack.broken-archive"),
        (b'{"format": 99}', "pack.newer-archive"),
        (SAMPLE.archive()[:-1], "pack.broken-archive"),
    ],
)
def test_what_is_no_archive_is_refused(content, why):
    with pytest.raises(DmnRefusedError) as refused:
        Pack.restored(content)
    assert refused.value.faults[0].why == why


@pytest.mark.parametrize("file", ["routing.dmn", "region.toml", "clocks.csv"])
def test_any_change_of_what_decides_is_another_version(tmp_path, file):
    folder = copied(tmp_path, "baseline")
    before = Pack.load(folder)
    olds = {"routing.dmn": "三个工作日内确认", "region.toml": 'name = "四所一庭"'}
    edit(folder, file, (old := olds.get(file, "确认接收")), f"{old[:-2]}改{old[-2:]}")
    assert Pack.load(folder).version != before.version


def test_a_change_of_the_baseline_is_another_version_of_all_that_inherit(tmp_path):
    folder = copied(tmp_path, "sample", "baseline")
    before = Pack.load(folder)
    change(tmp_path / "baseline", cell("terms", "T10", "zh", "三日内确认"))
    assert Pack.load(folder).digest != before.digest


def test_where_a_pack_lies_makes_no_other_version(tmp_path):
    assert Pack.load(copied(tmp_path, "sample", "baseline")).digest == SAMPLE.digest


# Decisions


def test_the_tables_answer_facts_with_a_decision_and_its_reasons():
    decision = PackDecider(SAMPLE).decide(QUESTION)
    assert decision.action is Action.OFFER
    assert decision.from_tier == "village"
    assert [(row.table, row.row) for row in decision.rows] == [
        ("severity", "S31"),
        ("way", "W66"),
        ("terms", "T99"),
        ("lead", "L50"),
        ("clocks", "C99"),
    ]


def test_every_decision_that_was_made_is_explained_in_order():
    told = PackDecider(SAMPLE).explain(QUESTION)
    assert [one.name for one in told] == list(SAMPLE.tables)
    assert {one.name: one.fired[0].id for one in told}["lead"] == "L50"


def test_a_category_that_the_pack_does_not_know_is_decided_as_unknown():
    facts = FACTS.model_copy(update={"kind": "unheard_of"})
    asked = QUESTION.model_copy(update={"facts": facts})
    rules = PackDecider(SAMPLE)
    assert rules.decide(asked).rows[1].row == "W67"
    assert {one.name: one.fired[0].id for one in rules.explain(asked)}["way"] == "W67"
