"""What routing knows of its decisions, in the shape that stories have."""

from __future__ import annotations

import pytest

from services.reasons import Reasons
from shared.events.errors import BusyError, RefusedError
from tests.unit.explaining_given import MONDAY, PACK, routed
from tests.unit.test_explaining import CASE_CODE, explanations

ASKED = (CASE_CODE, routed(), MONDAY)
GONE = routed().model_copy(update={"versions": {"table": "old@1", "directory": "x"}})


def reasons() -> Reasons:
    return Reasons(explanations)


def test_rows_terms_and_linkage_come_as_words_and_data():
    told = reasons().beside(routed(), MONDAY)

    assert [row.row for row in told.rows][:2] == ["D99", "U99"]
    assert told.handoff.data["may_decline"] == "yes"
    assert told.handoff.legal_basis == PACK.handoffs["referral"].legal_basis
    assert told.linkage.data["others"] == ["pmc-village-fengxi"]


def test_of_a_pack_that_is_gone_nothing_is_added_and_why_not_says_so():
    beside = reasons().beside(GONE, MONDAY)
    told = reasons().why_not(CASE_CODE, GONE, MONDAY, "centre-zhuji")

    assert (beside.rows, beside.handoff, beside.linkage) == ((), None, None)
    assert "已不在手边" in told.zh and "not at hand" in told.en
    assert told.data["type"].endswith("refused.rules-gone")


def test_a_store_that_does_not_answer_keeps_nobody_from_the_story():
    def busy():
        raise BusyError("explaining", 1)

    assert Reasons(busy).beside(routed(), MONDAY).rows == ()


def test_why_not_tells_the_nearest_change_and_how_many_more_there_are():
    told = reasons().why_not(*ASKED, "centre-zhuji")

    assert told.zh.startswith("不由诸暨市样例社会矛盾纠纷调处化解中心承接")
    assert told.more[0].zh.startswith("若")
    assert "种改变未列出" in told.more[1].zh
    assert told.data["outcome"] == "ways"
    assert len(told.data["ways"]) > 1


def test_where_no_change_leads_there_what_stands_between_is_told():
    told = reasons().why_not(*ASKED, "justice-zhuji")

    assert told.data["outcome"] == "none"
    assert "所列的机构类型" in told.more[0].zh


def test_a_body_that_the_directory_of_then_did_not_have_is_told_of_that_decision():
    class Then:
        def knows(self, target):
            return target == "new-body"

        def why_not_of(self, code, routed, at, target):
            raise RefusedError("unknown-body", "none", field="body", body=target)

    told = Reasons(Then).why_not(*ASKED, "new-body")

    assert told.zh == "作出本次决定时的机构名录中没有new-body"
    with pytest.raises(RefusedError):
        Reasons(Then).why_not(*ASKED, "other-body")


def test_a_body_that_is_not_there_is_refused_by_the_name_of_the_question():
    with pytest.raises(RefusedError) as refused:
        reasons().why_not(*ASKED, "某某")

    assert refused.value.reason == "unknown-body"
    assert refused.value.facts["field"] == "why_not"
