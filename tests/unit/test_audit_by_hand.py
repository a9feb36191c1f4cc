"""A person's decision in the story: who, why, instead of which body, charged to what."""

from __future__ import annotations

from services.audit.story import tell
from shared.events.base import Actor
from shared.events.escalation import DecidedByHand, HandReason, HumanAsked
from tests.unit import audit_histories as told

CLERK = Actor(body="justice-zhuji", person="林样例")


def decided(**more: object):
    """The story after the justice bureau has decided; its last step."""
    telling = told.waiting_for_the_village()
    wish = HumanAsked(
        party=2,
        by=told.POLICE,
        holder=told.POLICE,
        decider="centre-zhuji",
        request=1,
        rows=(told.ROW,),
    )
    event = {
        "by": "justice-zhuji",
        "to": told.TOWN,
        "reason": HandReason.WRONG_ROW,
        "holder": told.POLICE,
        "instead_of": told.VILLAGE,
        "request": 1,
        "row": told.ROW,
        "rows": (told.ROW,),
    }
    telling.says("escalation", wish, 70, cause="command-2", by=told.OFFICER)
    by_hand = DecidedByHand.model_validate({**event, **more})
    telling.says("escalation", by_hand, 90, cause="command-3", by=CLERK)
    return tell(telling.history, told.sample_words())


def test_a_partys_wish_for_a_person_names_who_is_to_decide():
    *_, wish, _ = decided()

    assert wish.what.zh == (
        "2号当事人请求由人工决定（由枫桥镇样例派出所记录），涉及第1次分派决定；"
        "由诸暨市样例社会矛盾纠纷调处化解中心审查"
    )


def test_a_decision_by_hand_names_reason_old_and_new_body_and_the_charged_row():
    *_, step = decided()

    assert step.who.person == "林样例"
    assert step.what.zh == (
        "诸暨市样例司法局就第1次分派决定作出人工决定，理由：规则不适用于本案；"
        "改由枫桥镇样例人民调解委员会承接，原定：枫西样例村人民调解委员会；"
        "计入分流表W67行"
    )
    assert "charged to row W67 of table way" in step.what.en


def test_an_upheld_decision_charges_nothing():
    *_, step = decided(to=told.VILLAGE, reason=HandReason.LAWFUL, row=None, upheld=True)

    assert "维持原决定：枫西样例村人民调解委员会" in step.what.zh
    assert "计入" not in step.what.zh


def test_the_rows_that_a_person_overrode_are_not_the_grounds_of_that():
    *_, wish, step = decided()

    assert (wish.why.rows, step.why.rows) == ((), ())


def test_a_routing_decision_tells_what_it_saw():
    steps = tell(told.waiting_for_the_village().history, told.sample_words())
    (decision,) = [step for step in steps if step.name == "dispute.routed.v1"]

    assert [fact.zh for fact in decision.why.facts] == [
        "来源 公安机关",
        "类别 邻里纠纷",
        "地点 诸暨市枫桥镇",
        "涉及人数 2",
        "一方人数 1",
        "所请移交方式 移送",
    ]
    assert not any(step.why.facts for step in steps if step is not decision)
