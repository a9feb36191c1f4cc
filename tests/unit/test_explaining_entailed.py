"""What a decision entails: the terms of its handoff, and who is of the linkage."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from services.routing.explaining.beside import beside
from services.routing.explaining.entailing import handoff_terms, linked
from services.routing.explaining.service import Explanations
from services.routing.explaining.words import Words, texts
from services.routing.packs import PackDecider
from services.routing.packs.handoffs import (
    Consent,
    MayDecline,
    Onward,
    OriginClock,
    Responsible,
)
from shared.events.vocabulary import Flag, HandoffKind, Source
from tests.unit.explaining_given import (
    DECIDER,
    MONDAY,
    NEIGHBOURS,
    PACK,
    REGION,
    case,
    routed,
)

WORDS = Words(REGION, PACK)
PETITION = NEIGHBOURS.model_copy(
    update={
        "source": Source.PETITION,
        "sender": "petition-zhuji",
        "asked": HandoffKind.PETITION_TO_MEDIATION,
    }
)
DANGER = NEIGHBOURS.model_copy(update={"flags": (Flag.WEAPON,)})


class Members:
    """The sample's bodies, some of which say themselves whether they are members."""

    def __init__(self, **linkage):
        self.bodies = {
            id: body.model_copy(update={"linkage": linkage.get(id.replace("-", "_"))})
            for id, body in REGION.bodies.items()
        }


def test_the_terms_are_those_of_the_matrix_for_this_way_of_handing_on():
    told = handoff_terms(routed(), PACK)

    assert (told.kind, told.consent, told.responsible) == (
        "referral",
        "parties",
        "sender_until_accepted",
    )
    assert told.zh == (
        "移送；须各方当事人同意；承接机构可以退回；签收前由原机构负责；"
        "原机构的期限终结；反馈：结果告知移送机关；可以再移交"
    )
    assert "feedback: result back" in told.en
    assert told.legal_basis == PACK.handoffs["referral"].legal_basis
    assert not told.provisional


def test_terms_that_were_not_verified_are_provisional():
    assert handoff_terms(routed(case(PETITION)), PACK).provisional


def test_a_changed_matrix_changes_the_terms():
    rule = PACK.handoffs["referral"].model_copy(update={"consent": Consent.NONE})
    other = replace(PACK, handoffs={**PACK.handoffs, "referral": rule})

    assert "不须当事人同意" in handoff_terms(routed(), other).zh


def test_each_decision_has_the_terms_of_the_version_that_made_it():
    rule = PACK.handoffs["referral"].model_copy(update={"consent": Consent.NONE})
    newer = replace(PACK, digest="f" * 64, handoffs={"referral": rule})
    deciders = {pack.version: PackDecider(pack) for pack in (PACK, newer)}

    class Library:
        decider = staticmethod(deciders.get)

        def region(self, versions):
            return REGION

    told = Explanations(SimpleNamespace(), REGION, Library())
    old = routed()
    new = old.model_copy(update={"versions": {"table": newer.version}})

    assert told.beside(old, MONDAY).handoff.consent is Consent.PARTIES
    assert told.beside(new, MONDAY).handoff.consent is Consent.NONE


def test_what_is_not_handed_on_has_no_terms():
    assert handoff_terms(routed(case(DANGER)), PACK) is None


def test_members_are_told_by_their_kind_with_the_name_of_the_linkage():
    made = routed().model_copy(update={"co_handlers": ("judicial-fengqiao",)})

    told = linked(made, PACK, REGION, WORDS)

    assert (told.members, told.others) == (
        ("judicial-fengqiao",),
        ("pmc-village-fengxi",),
    )
    assert told.name.zh == "四所一庭"
    assert told.zh == (
        "四所一庭成员：枫桥镇样例司法所；不属于四所一庭：枫西样例村人民调解委员会"
    )


def test_what_the_directory_says_of_a_body_goes_before_its_kind():
    made = routed().model_copy(update={"co_handlers": ("judicial-fengqiao",)})
    region = Members(judicial_fengqiao=False, pmc_village_fengxi=True)

    told = linked(made, PACK, region, WORDS)

    assert told.members == ("pmc-village-fengxi",)
    assert told.others == ("judicial-fengqiao",)


def test_where_no_body_is_to_act_no_linkage_is_told():
    assert linked(routed(case(DANGER)), PACK, REGION, WORDS) is None


def test_every_row_that_fired_stands_beside_those_that_were_recorded():
    made = routed()

    told = beside(made, MONDAY, DECIDER, REGION, WORDS)

    tables = [row.table for row in told.rows]
    assert tables == [name for name in DECIDER.pack.tables if name != "nobody"]
    assert {(row.table, row.row) for row in made.rows} < {
        (row.table, row.row) for row in told.rows
    }
    assert all(row.zh and row.legal_basis for row in told.rows)


def test_what_stays_where_it_is_was_asked_of_the_gates_and_of_the_way():
    told = beside(routed(case(DANGER)), MONDAY, DECIDER, REGION, WORDS)

    assert {row.table for row in told.rows} == {
        *("danger", "unsuitable", "severity", "way"),
    }
    assert (told.handoff, told.linkage) == (None, None)


def test_rows_that_the_pack_does_not_come_to_are_told_as_recorded():
    made = routed()
    rows = tuple(row.model_copy(update={"row": "X1"}) for row in made.rows)
    told = beside(
        made.model_copy(update={"rows": rows}), MONDAY, DECIDER, REGION, WORDS
    )

    assert [(row.table, row.row) for row in told.rows] == [
        (row.table, row.row) for row in rows
    ]


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("consent", Consent),
        ("may_decline", MayDecline),
        ("responsible", Responsible),
        ("origin_clock", OriginClock),
        ("onward", Onward),
    ],
)
def test_every_term_of_the_matrix_has_words(name, codes):
    assert all(f"explain.term.{name}.{code}" in texts for code in codes)
