"""The certificate of a pack and directory: what is shipped is proved, and faults that
are planted are found with the smallest dispute that shows them.
"""

import json
from dataclasses import replace
from functools import cache

import pytest

from services.routing.dmn import compile_model
from services.routing.dmn.model import HitPolicy
from services.routing.packs import Pack
from services.routing.proof import check, is_intact
from services.routing.proof.space import Space, TooMuchError
from shared.bodies import Resolution
from shared.divisions import Divisions
from shared.events.vocabulary import HandoffKind
from shared.hours import Hours
from shared.region import Region

FENGQIAO = "330681109"
VILLAGE = "330681109201"


@cache
def the_pack():
    return Pack.load("sample")


@cache
def one_village():
    """The sample region with one village and what is around it, and no senders."""
    region = Region.load("sample")
    around = ("330000", "330600", "330681", FENGQIAO, VILLAGE)
    kept = [division for division in region.divisions if division.code in around]
    bodies = {i: body for i, body in region.bodies.items() if body.place in around}
    return replace(
        region, divisions=Divisions("sample", kept), bodies=bodies, senders={}
    )


def without(*bodies):
    region = one_village()
    kept = {i: body for i, body in region.bodies.items() if i not in bodies}
    return replace(region, bodies=kept)


def changed(table, change, of=None):
    """A pack, the sample pack if no other is given, with one table changed."""
    pack = of or the_pack()
    decisions = tuple(
        replace(one, logic=change(one.logic)) if one.name == table else one
        for one in pack.model.decisions
    )
    model = replace(pack.model, decisions=decisions)
    return replace(pack, model=model, graph=compile_model(model))


def without_rows(table, *ids, of=None):
    def drop(logic):
        kept = tuple(rule for rule in logic.rules if rule.id not in ids)
        return replace(logic, rules=kept)

    return changed(table, drop, of)


@cache
def village_pack():
    """The sample pack without its row for a county that the village is not in."""
    return without_rows("lead", "L20")


def failing(pack, region=None, code=""):
    found = check(pack, region)
    assert not found.passed
    return [failure for failure in found.failures if failure.code.startswith(code)]


@pytest.mark.parametrize("name", ["baseline", "sample"])
def test_the_tables_that_are_shipped_are_proved(name):
    found = check(Pack.load(name))

    assert found.failures == ()
    assert found.proved["tables"] == 9


def test_every_dispute_of_a_village_is_proved_to_end_with_a_body():
    found = check(village_pack(), one_village())

    assert found.failures == ()
    assert found.proved["places"] == 3
    assert found.proved["cases"] > 1000


def test_the_same_pack_and_directory_give_the_same_file():
    one, other = check(the_pack()), check(Pack.load("sample"))

    assert one.attached == other.attached
    assert one.digest == other.digest
    told = json.loads(one.attached)
    assert (told["pack"], told["day"]) == (the_pack().digest, "2024-01-01")
    assert is_intact(one.attached)
    assert not is_intact(one.attached.replace(b'"passed": true', b'"passed": false'))


def test_a_missing_last_row_is_a_gap_with_a_row_that_closes_it():
    (gap,) = failing(without_rows("severity", "S99"), code="gap")

    assert gap.table == "severity"
    assert "难易程度表" in gap.zh
    assert gap.suggestion["persons"] == "[1..2]"
    assert '"neighbour"' not in gap.suggestion["kind"]
    assert gap.suggestion["group"] == "false"


def test_a_row_behind_a_wider_one_is_told_with_the_row_that_takes_its_disputes():
    def shadow(logic):
        first = logic.rules[0]
        return replace(logic, rules=(first, replace(first, id="X1"), *logic.rules[1:]))

    (dead,) = failing(changed("lead", shadow), code="unreachable")

    assert (dead.table, dead.rows) == ("lead", ("2 (X1)", "1 (L20)"))
    assert "2 (X1)" in dead.zh
    assert "1 (L20)" in dead.en


def test_rows_that_disagree_are_told_with_a_dispute_that_both_match():
    def unique(logic):
        return replace(logic, policy=HitPolicy.ANY)

    found = failing(changed("severity", unique), code="contradiction")

    pairs = {tuple(row.split()[1] for row in failure.rows) for failure in found}
    assert ("(S11)", "(S30)") in pairs
    disagree = next(f for f in found if f.rows == ("2 (S11)", "8 (S30)"))
    assert disagree.example == {"persons": "10", "side": "10"}
    assert "一方10人" in disagree.zh


def test_a_place_without_a_body_is_told_as_place_and_facts():
    county = ("centre-zhuji", "pmc-zhuji", "pmc-trade-zhuji")
    found = failing(village_pack(), without(*county), "no-body")

    major = next(failure for failure in found if failure.rows[0] == "W63")
    assert major.rows[1] == "L31"
    assert "无单位" in major.zh
    assert "一方10人" in major.zh or "群体性" in major.zh
    assert "县级人民调解委员会" in major.zh
    assert "no body" in major.en


def test_without_a_public_body_nobody_can_designate():
    public = ("centre-zhuji", "justice-zhuji")
    found = failing(village_pack(), without(*public), "no-designator")

    assert any("指定" in failure.zh for failure in found)
    assert all(failure.example["place"] for failure in found)


def test_a_chain_that_never_ends_is_told_with_its_steps():
    """Back to the sender that does not take it, designated, and back again."""
    pack = without_rows("way", "W40", "W41", of=village_pack())

    (circle,) = failing(pack, one_village(), "circle")

    assert "没有尽头" in circle.zh
    assert "逾期未答复" in circle.zh
    assert circle.example["place"] == '"330681"'
    assert circle.places == 3


def test_bodies_that_are_closed_at_night_are_missing_only_then():
    """Where closed bodies are skipped, a night without any body is a failure."""
    pack = village_pack()
    skips = Resolution(outside_hours="skip")
    head = pack.head.model_copy(update={"resolution": skips})
    hours = Hours.model_validate("Mon-Sun 08:00-18:00")
    region = one_village()
    by_day = {
        i: body.model_copy(update={"hours": hours}) for i, body in region.bodies.items()
    }

    found = failing(replace(pack, head=head), replace(region, bodies=by_day), "no-body")

    assert all("夜间" in failure.zh and "at night" in failure.en for failure in found)


def test_a_clock_without_a_citation_is_named():
    pack = the_pack()
    id, clock = next(iter(pack.clocks.items()))
    clocks = {**pack.clocks, id: clock.model_copy(update={"legal_basis": " "})}

    (failure,) = failing(replace(pack, clocks=clocks), code="clock-without-citation")

    assert id in failure.zh


def test_terms_that_differ_from_the_matrix_are_told_with_the_row():
    pack = the_pack()
    rule = pack.handoffs[HandoffKind.RETURN_HANDOFF]
    wrong = rule.model_copy(update={"may_decline": "yes"})
    handoffs = {**pack.handoffs, HandoffKind.RETURN_HANDOFF: wrong}

    (failure,) = failing(replace(pack, handoffs=handoffs), code="may-decline")

    assert failure.rows == ("3 (T12)",)


def test_what_is_not_decided_within_the_allowed_work_is_a_failure(monkeypatch):
    def too_much(*_):
        raise TooMuchError

    monkeypatch.setattr(Space, "find", too_much)

    assert {failure.code for failure in failing(the_pack())} >= {"undecided"}


def test_the_search_gives_up_at_its_bound():
    space = Space.of([2, 2], [{0: 1, 1: 1}, {0: 2, 1: 2}])

    assert space.find(space.whole, 3) is not None
    with pytest.raises(TooMuchError):
        space.find(space.whole, 3, most=0)
