"""Each source may speak in the words of its own forms."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from services.intake import wordings
from services.intake.profiles import SourceProfile, profile_of
from services.intake.reading import NotADispute
from services.intake.referral import Referral
from services.intake.refusals import text
from shared.events.vocabulary import Flag, HandoffKind, Source
from tests.unit.intake_given import (
    INCIDENT,
    POLICE,
    REFERRAL,
    REGION,
    faults,
    referral,
    told,
)

SENDERS = {
    Source.POLICE: POLICE,
    Source.PETITION: "petition-zhuji",
    Source.COURT: "court-zhuji",
    Source.PROCURATORATE: "procuratorate-manas",
    Source.OTHER_DEPARTMENT: "hrss-zhuji",
    Source.HOTLINE: "centre-zhuji",
    Source.SCREENING: "pmc-fengqiao",
    Source.OWN_APPLICATION: "pmc-fengqiao",
}


def test_a_station_may_use_its_own_words():
    assert told(INCIDENT, sender=POLICE) == referral()


@pytest.mark.parametrize("source", list(Source))
def test_every_source_can_say_all_that_a_referral_needs(source):
    profile = profile_of(source)
    words = {
        "reference": "样1",
        "kind": first_word(profile, "kind"),
        "place": "枫西样例村",
        "narrative": "争吵",
        "applicant.name": "陈样安",
        "respondent.name": "吴样平",
        "willing": "是",
    }
    record = {profile.own_name(field): word for field, word in words.items()}

    found = told(record, sender=SENDERS[source])

    assert isinstance(found, Referral)
    assert (found.source, found.place) == (source, "330681109201")
    assert [party.willing for party in found.parties] == [True, True]


def first_word(profile, what):
    own = profile.own_name(what)
    said = profile.words[own].items()
    return next(word for word, saying in said if saying.startswith(f"{what}="))


@pytest.mark.parametrize("source", list(Source))
def test_the_words_of_every_source_mean_something_in_the_region(source):
    profile = profile_of(source)
    sayings = [
        saying
        for own, words in profile.words.items()
        for word in words
        for saying in profile.sayings(own, word)
    ]
    kinds = {value for what, value in sayings if what == "kind"}
    asked = {value for what, value in sayings if what == "asked"}
    returns = {value for what, value in sayings if what == "return"}

    assert kinds <= REGION.kinds.keys()
    assert asked <= set(REGION.profiles[source].may_ask)
    assert all(f"returned.{reason}" in text for reason in returns)


def test_what_is_no_dispute_goes_back_with_a_reason():
    found = told({**INCIDENT, "警情类别": "群众求助"}, sender=POLICE)

    assert isinstance(found, NotADispute)
    assert found.reason == "not-a-dispute"
    assert "12345" in text(f"returned.{found.reason}", "zh")
    assert "陈样安" not in repr(found)


def test_what_is_no_dispute_but_marked_as_dangerous_is_not_sent_back():
    record = {**INCIDENT, "警情类别": "群众求助", "是否家暴": "是"}

    assert faults(record, sender=POLICE) == {"警情类别": "flagged-but-returned"}


def test_domestic_violence_is_seen_in_the_class_of_the_incident():
    found = told({**INCIDENT, "警情类别": "家庭暴力"}, sender=POLICE)

    assert Flag.DOMESTIC_VIOLENCE in found.flags


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("警情类别", "其他警情", "unknown-word"),
        ("警情类别", "", "missing"),
        ("发案时间", "前天", "not-a-time"),
        ("发案时间", "2026年2月30日", "impossible-time"),
        ("发案地点代码", "某某路口", "place-malformed"),
        ("简要案情", None, "missing"),
        ("简要案情", {"经过": "x"}, "wrong-type"),
        ("对方", " 、 ", None),
        ("是否家暴", "也许", "neither-yes-nor-no"),
        ("涉及金额", "若干", "not-a-number"),
        ("民族", "x", "unknown-column"),
        ("报警人电话", "1、2、3", None),
    ],
)
def test_faults_are_told_in_the_senders_own_words(field, value, fault):
    record = {**INCIDENT, field: value}

    assert faults(record, sender=POLICE) == ({field: fault} if fault else {})


def test_contacts_of_several_persons_go_by_order():
    record = {**INCIDENT, "报警人": "陈样安、何样春", "报警人电话": "1；2"}

    found = told(record, sender=POLICE)

    assert [(p.name, p.contact) for p in found.parties][:2] == [
        ("陈样安", "1"),
        ("何样春", "2"),
    ]


def test_more_contacts_than_persons_are_refused():
    record = {**INCIDENT, "报警人": "陈样安、何样春", "报警人电话": "1；2；3"}

    assert faults(record, sender=POLICE) == {"报警人电话": "more-than-named"}


def test_a_contact_without_a_name_is_refused():
    record = {**INCIDENT, "对方": "", "对方电话": "1"}

    assert faults(record, sender=POLICE) == {"对方电话": "nobody-named"}


def test_a_list_of_parties_has_words_of_its_own():
    suit = {
        "案号": "样1号",
        "案由": "民间借贷纠纷",
        "纠纷发生地": "330681109",
        "事实与理由": "借款未还。",
        "原告": [{"姓名": "魏样农", "诉讼请求": "归还", "电话": 19900000401}],
        "被告": [
            {"名称": "枫桥样例厂", "单位": True},
            {"姓名": "", "愿意调解": "未问"},
        ],
    }

    assert faults(suit, sender="court-zhuji") == {
        "被告[2].愿意调解": "neither-yes-nor-no",
        "被告[2].姓名": "missing",
    }
    suit["被告"].pop()
    found = told(suit, sender="court-zhuji")
    assert found.parties[0].contact == "19900000401"
    assert found.parties[1].organisation
    assert found.asked is None


def test_a_court_may_say_how_it_hands_over():
    suit = {"案号": "样1号", "案由": "离婚纠纷", "纠纷发生地": "枫桥镇"}
    suit |= {"事实与理由": "x", "原告姓名": "魏样农", "调解方式": "诉中委托"}

    found = told(suit, sender="court-zhuji")

    assert found.asked is HandoffKind.COURT_ENTRUSTED_MEDIATION


def test_the_number_of_a_form_shows_whose_form_it_is():
    order = {"工单编号": "样1", "纠纷类别": "邻里纠纷", "发生地": "枫桥镇"}
    order |= {"基本情况": "x", "申请人": "陈样安"}
    screening = {"排查编号" if k == "工单编号" else k: v for k, v in order.items()}

    assert told(order, sender="centre-zhuji").source is Source.HOTLINE
    assert told(screening, sender="centre-zhuji").source is Source.SCREENING


def test_own_words_need_a_known_sender():
    assert faults(INCIDENT) == {"sender": "missing"}
    assert faults(INCIDENT, sender="police-nowhere") == {"sender": "unknown-sender"}


def test_our_own_names_are_understood_from_everybody():
    assert told(REFERRAL, sender=POLICE) == referral()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026年2月9日", "2026-02-09"),
        ("2026/2/9", "2026-02-09"),
        ("2026.02.09", "2026-02-09"),
        ("2026-2-9 8:05", "2026-02-09T08:05:00"),
        ("2026年2月9日8时5分", "2026-02-09T08:05:00"),
        ("2026-02-09T08:05:30+08:00", "2026-02-09T08:05:30+08:00"),
        ("二月九日", "二月九日"),
    ],
)
def test_times_are_understood_as_people_write_them(written, meant):
    assert wordings.time(written) == meant


@pytest.mark.parametrize(
    ("written", "yuan", "exactness"),
    [
        ("35000", "35000", "exact"),
        ("35,000.50元", "35000.50", "exact"),
        ("4.8万元", "48000", "exact"),
        ("6万余元", "60000", "at_least"),
        ("60000元以上", "60000", "at_least"),
        ("近3000元", "3000", "nearly"),
        ("约1.25千元", "1250", "nearly"),
        ("12.345678万", "123456.78", "exact"),
    ],
)
def test_sums_are_understood_as_people_write_them(written, yuan, exactness):
    assert wordings.money(written) == {"yuan": yuan, "exactness": exactness}


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("330681109201", "330681109201"),
        ("枫西样例村", "330681109201"),
        ("枫桥镇枫西样例村", "330681109201"),
        ("浙江省绍兴市诸暨市枫桥镇", "330681109"),
        ("样例村", "样例村"),
        ("村", "村"),
        ("x" * 10_000, "x" * 10_000),
    ],
)
def test_places_are_understood_by_code_or_by_name(written, code):
    assert wordings.place(written, REGION) == code


def test_bodies_are_understood_by_id_or_by_name():
    told_bodies = "玛纳斯县样例消费者协会、court-manas、某会"

    assert wordings.bodies(told_bodies, REGION) == [
        "consumer-manas",
        "court-manas",
        "某会",
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": {"编号": "number"}},
        {"columns": {"编号": "applicant.age"}},
        {"columns": {"家暴": "flag=anger"}},
        {"columns": {"类别": "words"}},
        {"columns": {}, "words": {"类别": {"a": "colour=red"}}},
        {"columns": {}, "party": {"姓名": "title"}},
        {"columns": {}, "surprise": 1},
    ],
)
def test_a_profile_that_leads_nowhere_does_not_load(wrong):
    with pytest.raises(ValidationError):
        SourceProfile.model_validate({"source": "police", **wrong})
