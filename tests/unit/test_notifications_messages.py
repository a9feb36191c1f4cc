"""The texts that people get: whole, in both languages, and with their rights."""

from __future__ import annotations

import pytest

from services.notifications.domain import Notice
from services.notifications.messages import LANGUAGES, messages, placeholders
from services.notifications.names import RegionNames
from services.notifications.policy import ALWAYS
from services.notifications.table import notice_table
from services.routing.decider import Route
from shared.events.clocks import Pause
from shared.events.escalation import ExtensionReason
from shared.events.notifications import NoticeQueued
from shared.events.vocabulary import DeclineReason, EndReason, HandoffKind, Result
from shared.region import Region
from tests.unit.notifications_given import (
    CODE,
    offered,
    opened,
    reactions,
    registered,
    said,
)

NAMES = RegionNames(Region.load("sample"))


def written(queued: NoticeQueued):
    notice = Notice(to=queued.to, template=queued.template, facts=queued.facts)
    return messages().write(
        queued.template, queued.facts, NAMES, to_party=notice.party is not None
    )


def test_a_party_is_told_what_happened_its_rights_and_where_to_ask():
    *_, queued = reactions(said("intake", registered()))

    subject, text = written(queued)

    assert subject == (
        f"您的纠纷已登记，编号 {CODE} / Your dispute is registered: {CODE}"
    )
    assert text.index("枫桥镇样例派出所") < text.index("Fengqiao Sample Police Station")
    assert "不收取任何费用" in text
    assert "随时要求终止" in text
    assert "向人民法院起诉" in text
    assert "mediation is free of charge" in text
    assert f"Give the code {CODE}" in text


def test_a_letter_names_everything_in_words():
    *_, letter = reactions(said("escalation", opened(), offered()))

    subject, text = written(letter)

    assert subject.startswith("移送函，编号")
    assert "致：枫西样例村人民调解委员会" in text
    assert "答复期限：2026年3月5日（周四）09:00" in text
    assert "Answer by: 2026-03-05 09:00 (Beijing time, UTC+8)" in text
    assert "协同单位：枫桥镇样例司法所" in text
    assert "（330681109201）" in text
    assert "neighbour" not in text.split("Letter of referral")[0]


def test_a_line_about_a_fact_that_is_not_there_is_left_out():
    _, text = messages().write(
        "outcome_party",
        {"code": CODE, "holder": "pmc-fengqiao", "result": "agreed_written"},
        NAMES,
        to_party=True,
    )

    assert "结果：达成书面调解协议" in text
    assert "司法确认" in text
    assert "终止原因" not in text
    assert "{" not in text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, False),
        ({"by": "pmc-fengqiao", "extended_because": "complex"}, True),
    ],
)
def test_more_time_is_said_to_be_approved_only_where_it_was(given, said):
    facts = {"code": CODE, "holder": "pmc-fengqiao", "due": "2026-04-01T23:59:59+08:00"}

    _, text = messages().write(
        "extended_party", {**facts, **given}, NAMES, to_party=True
    )

    assert ("批准单位：枫桥镇样例人民调解委员会" in text) is said
    assert ("延长理由：案情复杂" in text) is said
    assert "Because: the matter is complex" in text or not said


def test_who_is_led_to_law_is_told_the_channels_and_the_limits():
    _, text = messages().write(
        "led_to_law_party",
        {"code": CODE, "holder": "pmc-fengqiao", "routes": "court; legal_aid"},
        NAMES,
        to_party=True,
    )

    assert "向人民法院起诉、申请法律援助" in text
    assert "suit in court, legal aid" in text
    assert "诉讼时效一般为三年" in text
    assert "legal aid" in text


def test_a_fact_cannot_smuggle_in_a_placeholder():
    facts = {"code": CODE, "reference": "{holder}", "reason": "not-a-dispute"}

    _, text = messages().write("returned", facts, NAMES, to_party=False)

    assert "你方编号：{holder}" in text


@pytest.mark.parametrize("row", notice_table().rows, ids=lambda r: r.template)
def test_every_row_has_a_text_for_which_it_brings_the_facts(row):
    texts = messages()
    template = texts.template[row.template]
    footer = texts.footer["party" if row.to == "parties" else "body"]
    given = {*ALWAYS, *row.facts}

    for language in LANGUAGES:
        for text in (template.subject, template.body, footer):
            for name in placeholders(text.in_language(language)):
                shown = texts.shown.get(name)
                assert ((shown and shown.of) or name) in given


def test_every_text_is_used_and_says_the_same_in_both_languages():
    texts = messages()

    assert set(texts.template) == {row.template for row in notice_table().rows}
    for template in texts.template.values():
        for text in (template.subject, template.body):
            assert placeholders(text.zh) == placeholders(text.en)


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        ("handoff", HandoffKind),
        ("letter", HandoffKind),
        ("reason", DeclineReason),
        ("result", Result),
        ("what_now", Result),
        ("end_reason", EndReason),
        ("route", Route),
        ("pause", Pause),
        ("extension_reason", ExtensionReason),
    ],
)
def test_every_code_has_words(table, codes):
    assert {code.value for code in codes} <= set(messages().words[table])


def test_texts_to_parties_are_not_sent_to_topics_of_receipts():
    to_parties = {r.template for r in notice_table().rows if r.to == "parties"}

    assert not any(messages().template[name].receipt for name in to_parties)
