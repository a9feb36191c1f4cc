"""What people did about a decision stands under it: who, when, why, charged to what."""

from __future__ import annotations

import pytest

from services.routing.explaining.hands import hands
from services.routing.explaining.words import Words, texts
from services.texts import LANGUAGES, Texts
from shared.events.base import Actor, Recorded
from shared.events.escalation import (
    DecidedByHand,
    HandoffAccepted,
    HandReason,
    HumanAsked,
)
from shared.events.vocabulary import HandoffKind
from tests.unit.explaining_given import MONDAY, PACK, REGION, routed
from tests.unit.test_explaining import DISPUTE

CLERK = Actor(body="justice-zhuji", person="林样例")
ROW = next(row for row in routed().rows if row.table == "lead")
WISH = HumanAsked(
    party=2,
    by="police-fengqiao",
    holder="police-fengqiao",
    decider="centre-zhuji",
    request=1,
    rows=(ROW,),
)
DECIDED = DecidedByHand(
    by="justice-zhuji",
    to="pmc-fengqiao",
    reason=HandReason.WRONG_ROW,
    holder="police-fengqiao",
    instead_of="pmc-village-fengxi",
    request=1,
    row=ROW,
    rows=(ROW,),
)
TAKEN = HandoffAccepted(
    by="pmc-fengqiao", sender="police-fengqiao", kind=HandoffKind.REFERRAL
)


def recorded(*events):
    return [
        Recorded("escalation", DISPUTE, n, MONDAY, MONDAY, CLERK, f"command/{n}", event)
        for n, event in enumerate(events, start=1)
    ]


def told(*events, request=1):
    return hands(recorded(*events), request, Words(REGION, PACK))


def test_a_wish_and_a_decision_are_told_in_words_in_the_order_they_came():
    wish, decided = told(WISH, TAKEN, DECIDED)

    assert wish.zh == (
        "2号当事人请求由人工决定（由枫桥镇样例派出所记录）；"
        "由诸暨市样例社会矛盾纠纷调处化解中心审查"
    )
    assert decided.zh == (
        "诸暨市样例司法局作出人工决定，理由：规则不适用于本案；"
        "改由枫桥镇样例人民调解委员会承接，原定：枫西样例村人民调解委员会；"
        f"计入lead/{ROW.row}行"
    )
    assert f"charged to row lead/{ROW.row}" in decided.en
    assert (decided.at, decided.charged.row) == (MONDAY, ROW.row)


def test_what_was_upheld_is_charged_to_no_row():
    upheld = {"upheld": True, "row": None, "reason": HandReason.LAWFUL}
    (decided,) = told(DECIDED.model_copy(update=upheld))

    assert decided.zh.endswith(
        "理由：经审查符合规定；维持原决定：枫桥镇样例人民调解委员会"
    )
    assert (decided.upheld, decided.charged) == (True, None)


def test_another_decision_has_none_of_it():
    assert told(WISH, DECIDED, request=2) == ()


def test_nobody_is_named_who_acted():
    (decided,) = told(DECIDED)

    assert CLERK.person not in decided.model_dump_json()


@pytest.mark.parametrize("reason", HandReason)
@pytest.mark.parametrize("language", LANGUAGES)
def test_reasons_have_the_words_of_the_story(reason, language):
    here = texts.raw(f"explain.word.hand_reason.{reason}", language)

    assert here == Texts("services.audit").raw(f"words.hand_reason.{reason}", language)
