"""The certificate of a pack and directory: what is shipped is proved, and faults that
are planted are found with the smallest dispute that shows them.
"""

import json
from dataclasses import replace
from datetime import date
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


def skipping(pack):
    """The pack, but it skips bodies that are closed."""
    skips = Resolution(outside_hours="skip")
    return replace(pack, head=pack.head.model_copy(update={"resolution": skips}))


def lasting(first=date(2024, 1, 1), last=None):
    """The village where all bodies begin and end together."""
    region = one_village()
    days = {"valid_from": first, "valid_to": last}
    bodies = {i: b.model_copy(update=days) for i, b in region.bodies.items()}
    return replace(region, bodies=bodies)


@cache
def village_certificate():
    return check(village_pack(), one_village())


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
    found = village_certificate()

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


def test_bodies_that_all_end_are_missing_from_the_day_after():
    found = failing(village_pack(), lasting(last=date(2025, 12, 31)))

    assert {failure.day for failure in found} == {"2026-01-01"}
    assert all("自2026-01-01起" in failure.zh for failure in found)
    assert all("from 2026-01-01 on" in failure.en for failure in found)


def test_bodies_that_begin_later_are_missing_on_the_first_day():
    found = failing(village_pack(), lasting(first=date(2024, 7, 1)))

    assert {failure.day for failure in found} == {"2024-01-01"}


def test_what_happens_after_the_last_day_of_a_pack_is_not_its_matter():
    pack, region = village_pack(), lasting(last=date(2025, 12, 31))
    ends = pack.head.model_copy(update={"valid_to": date(2025, 12, 31)})

    assert check(replace(pack, head=ends), region).passed


def test_a_day_on_which_nothing_is_otherwise_costs_nothing():
    """The successor of a body is like it, so that no future is explored anew."""
    region, id = one_village(), "pmc-zhuji"
    old, ended = region.bodies[id], {"valid_to": date(2024, 12, 31)}
    new = {"id": f"{id}-anew", "valid_from": date(2025, 1, 1)}
    bodies = {id: old.model_copy(update=ended), new["id"]: old.model_copy(update=new)}

    once = village_certificate()
    twice = check(village_pack(), replace(region, bodies=region.bodies | bodies))

    assert twice.passed
    assert [*map(str, twice.days)] == ["2024-01-01", "2025-01-01"]
    assert twice.proved == {**once.proved, "days": 2}


def test_what_the_proof_does_not_vary_stands_in_the_certificate():
    told = json.loads(village_certificate().attached)

    codes = [limit["code"] for limit in told["not_covered"]]
    assert codes == ["organisation", "prior-failed", "absences"]
    assert all("未涵盖" in limit["zh"] for limit in told["not_covered"])
    assert all("not covered" in limit["en"] for limit in told["not_covered"])


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
    hours = Hours.model_validate("Mon-Sun 08:00-18:00")
    region = one_village()
    by_day = {
        i: body.model_copy(update={"hours": hours}) for i, body in region.bodies.items()
    }

    found = failing(skipping(village_pack()), replace(region, bodies=by_day), "no-body")

    assert all("夜间" in failure.zh and "at night" in failure.en for failure in found)
    assert all("当时不办公" in failure.zh for failure in found)
    assert all("outside_hours 写 wait" in failure.zh for failure in found)
    assert not any("当地可以写入" in failure.zh for failure in found)


def test_a_legal_holiday_on_a_weekday_is_looked_at_too():
    """Some bodies are open on working days, all others on Saturday and Sunday."""
    region = one_village()
    worked, weekend = map(
        Hours.model_validate, ("work 00:00-24:00", "Sat,Sun 00:00-24:00")
    )
    bodies = {}
    for i, body in region.bodies.items():
        bodies[i] = body.model_copy(update={"hours": worked})
        other = f"{i}-weekend"
        bodies[other] = body.model_copy(update={"id": other, "hours": weekend})

    found = failing(skipping(village_pack()), replace(region, bodies=bodies), "no-body")

    assert found
    assert all("（休息日）" in failure.zh for failure in found)
    assert all("a rest day" in failure.en for failure in found)


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


def test_a_lead_that_is_to_mediate_and_does_not_is_noted():
    region = one_village()
    village = region.bodies["pmc-village-fengxi"]
    idle = village.model_copy(update={"mediates": False})
    bodies = region.bodies | {village.id: idle}

    found = check(village_pack(), replace(region, bodies=bodies))

    notes = [note for note in found.notes if note.code == "idle-lead"]
    assert found.passed
    assert all("村人民调解委员会" in note.zh for note in notes)
    assert any("移送" in note.zh and "mediates = no" in note.en for note in notes)


def test_bodies_that_decide_themselves_need_not_mediate():
    found = village_certificate()

    assert "idle-lead" not in {note.code for note in found.notes}
