"""Exactly one answer for every dispute: found by proof, under every policy, and exactly."""

from dataclasses import replace

import pytest

from services.routing.dmn.model import HitPolicy
from services.routing.packs import Pack
from services.routing.proof import check, not_one_answer, one_answer
from services.routing.proof.space import Space, TooMuchError
from shared.region import Region
from tests.unit.backtest_given import PACK, REGION, with_rules, without_row

POLICIES = (HitPolicy.FIRST, HitPolicy.UNIQUE, HitPolicy.ANY)
KIND = [column.text for column in PACK.tables["clocks"].columns].index("kind")


def split(*cells, policy=HitPolicy.FIRST):
    """The sample pack, whose clocks depend on the kind of dispute: a row for each cell."""

    def of(rules):
        return tuple(row(rules[-1], *one) for one in enumerate(cells, 1))

    def row(last, number, cell):
        tests = [*last.tests]
        tests[KIND] = cell
        return replace(last, id=f"S{number}", tests=tuple(tests))

    return with_rules(of, "clocks", policy)


def gaps(pack):
    return [one for one in check(pack).failures if one.code == "gap"]


@pytest.mark.parametrize("policy", POLICIES)
def test_a_complete_table_without_a_last_row_for_all_is_proved(policy):
    pack = split("null", "not(null)", policy=policy)

    assert gaps(pack) == []
    assert not_one_answer(pack, REGION) == ()


@pytest.mark.parametrize("policy", POLICIES)
def test_a_gap_is_told_with_a_dispute_and_a_row_that_closes_it(policy):
    pack = split("not(null)", policy=policy)
    (gap,) = gaps(pack)

    assert (gap.table, gap.example) == ("clocks", {"kind": "null"})
    assert {n: c for n, c in gap.suggestion.items() if c != "-"} == {"kind": "null"}
    assert "没有一行适用" in gap.zh and "建议增加一行" in gap.zh
    assert "no row matches" in gap.en
    assert [one.zh for one in not_one_answer(pack, REGION)] == [gap.zh]


def test_rows_that_both_answer_are_found_where_only_one_may():
    pack = split("null", "-", policy=HitPolicy.UNIQUE)
    (found,) = not_one_answer(pack, REGION)

    assert (found.code, found.rows) == ("contradiction", ("1 (S1)", "2 (S2)"))


def test_what_is_too_much_to_decide_is_not_taken_for_complete(monkeypatch):
    def give_up(*told):
        raise TooMuchError

    monkeypatch.setattr(Space, "find", give_up)

    pack = split("-", policy=HitPolicy.UNIQUE)
    codes = {one.code for one in not_one_answer(pack, REGION)}
    assert codes == {"undecided"}


@pytest.mark.parametrize("name", ["sample", "shaoxing", "changji", "otog", "beijing"])
def test_what_is_shipped_needs_no_analysis(name, monkeypatch):
    monkeypatch.setattr(one_answer, "Web", None)

    assert not_one_answer(Pack.load(name), Region.load(name)) == ()


def test_an_offer_that_the_rules_do_not_know_may_be_declined_too():
    """A person made it, so that no rule says how the dispute was handed on."""
    pack = without_row(PACK.tables["way"].rows[-1].id, "way")

    assert gaps(pack)
