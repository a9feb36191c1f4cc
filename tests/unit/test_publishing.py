"""What people may do with the rules of a region, command by command."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from services.routing.publishing import Publications, commands
from services.routing.publishing.commands import Draft
from services.routing.publishing.held import held
from services.routing.publishing.people import Person
from services.routing.publishing.refusals import WORDS
from services.texts import text
from shared.calendar import SHANGHAI
from shared.events.base import Actor, Recorded
from shared.events.errors import RefusedError
from shared.events.rules import (
    Backtest,
    Certificate,
    DirectoryFound,
    PackAdopted,
    PackApproved,
    PackProposed,
    PackPublished,
    PackWithdrawn,
    rules_stream,
)

TODAY = date(2026, 3, 2)
HE = Person(by="justice-zhuji", person="official-01")
SHE = Person(by="justice-zhuji", person="official-02")
ANOTHER = Person(by="court-zhuji", person="official-03")
ADOPTED = PackAdopted(pack="a", version="sample@a", directory="d1")


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def certificate(pack="b", directory="d1", passed=True):
    digest = f"certificate-{pack}-{directory}"
    return Certificate(digest=digest, pack=pack, directory=directory, passed=passed)


def backtest(pack="b"):
    return Backtest(digest=f"b-{pack}", pack=pack, disputes=9, flips=1, unanswered=0)


def draft(pack="b", first=1, last=None, **more):
    told = {
        "pack": pack,
        "version": f"sample@{pack}",
        "certificate": certificate(pack),
        "backtest": backtest(pack),
        "reason": "村级调委会退回过多",
        "valid_from": day(first),
        "until": None if last is None else day(last),
    }
    return Draft(**{**told, **more})


def given(*events):
    state = Publications()
    for event in (ADOPTED, *events):
        state = state.evolve(event)
    return state


def proposed(*events, number=1, **told):
    (event,) = commands.propose(given(*events), HE, draft(**told), TODAY)
    assert event.proposal == number
    return (*events, event)


def approved(*events, number=1, by=(HE, SHE)):
    for who in by:
        events = (*events, *commands.approve(given(*events), who, number))
    return events


def published(*events, number=1, today=TODAY, **told):
    events = approved(*proposed(*events, number=number, **told), number=number)
    return (*events, *commands.publish(given(*events), ANOTHER, number, today))


def refusal(call):
    with pytest.raises(RefusedError) as caught:
        call()
    return caught.value.reason


def test_a_proposal_shows_its_grounds():
    (event,) = commands.propose(given(), HE, draft(), TODAY)

    assert event == PackProposed(
        proposal=1,
        pack="b",
        version="sample@b",
        directory="d1",
        by="justice-zhuji",
        person="official-01",
        reason="村级调委会退回过多",
        certificate=certificate(),
        backtest=backtest(),
        valid_from=day(1),
    )


def test_a_pack_that_two_people_approved_takes_over_on_its_day():
    events = published()
    state = given(*events)

    assert events[-1] == PackPublished(
        proposal=1,
        pack="b",
        version="sample@b",
        directory="d1",
        by="court-zhuji",
        person="official-03",
        approved_by=("official-01", "official-02"),
        certificate="certificate-b-d1",
        backtest="b-b",
        valid_from=day(1),
    )
    assert [state.in_force(day(n)).version for n in (0, 1, 90)] == [
        "sample@a",
        "sample@b",
        "sample@b",
    ]


def test_the_former_ends_the_day_before_the_later_begins():
    state = given(*published(*published(first=10), number=2, pack="c", first=5))
    periods = [(p.version, p.since, p.until) for p in state.periods(TODAY)]

    assert periods == [
        ("sample@a", TODAY, day(4)),
        ("sample@c", day(5), day(9)),
        ("sample@b", day(10), None),
    ]


def test_after_an_emergency_the_former_pack_is_back():
    emergency = published(
        *published(first=1), number=2, pack="c", first=3, last=9, emergency=True
    )
    state = given(*emergency)

    assert [p.version for p in state.periods(TODAY)] == [
        "sample@a",
        "sample@b",
        "sample@c",
        "sample@b",
    ]
    assert state.in_force(day(9)).emergency
    assert state.in_force(day(10)).version == "sample@b"


def test_an_emergency_starts_at_once_and_can_be_ended_at_once():
    events = published(first=0, last=9, emergency=True)
    ended = commands.withdraw(given(*events), HE, 1, "已排除", day(4))

    assert given(*events).in_force(TODAY).version == "sample@b"
    assert [e.last_day for e in ended] == [day(3)]
    assert given(*events, *ended).in_force(day(3)).version == "sample@b"
    assert given(*events, *ended).in_force(day(4)).version == "sample@a"


def test_an_emergency_withdrawn_on_its_first_day_is_remembered_and_in_force_never():
    events = published(first=0, last=9, emergency=True)
    (ended,) = commands.withdraw(given(*events), HE, 1, "已排除", TODAY)
    after = given(*events, ended)

    assert ended.last_day == day(-1)
    assert {after.in_force(day(n)).version for n in range(-2, 11)} == {"sample@a"}
    assert [p.version for p in after.calendar()] == ["sample@a"]
    assert len(after.published) == 1
    again = draft(first=0, last=9, emergency=True)
    assert commands.propose(after, HE, again, TODAY)


def test_what_has_not_begun_can_be_withdrawn():
    events = published(first=5)
    taken_back = commands.withdraw(given(*events), SHE, 1, "改期", day(4))

    assert taken_back == [
        PackWithdrawn(
            proposal=1, by=SHE.by, person=SHE.person, reason="改期", last_day=None
        )
    ]
    assert given(*events, *taken_back).in_force(day(9)).version == "sample@a"


def test_one_person_is_never_two():
    events = approved(*proposed(), by=[HE])
    again = Person(by="court-zhuji", person="Official-01")

    assert (
        refusal(lambda: commands.publish(given(*events), SHE, 1, TODAY))
        == "rules-not-approved"
    )
    assert (
        refusal(lambda: commands.approve(given(*events), again, 1))
        == "rules-approved-already"
    )


def test_a_proposal_may_be_published_after_two_approvals_and_more_harm_nothing():
    one, two = approved(*proposed(), by=[HE]), approved(*proposed())
    three = approved(*two, by=[ANOTHER])
    ended = (*two, *commands.reject(given(*two), SHE, 1, "依据不足"))
    states = [given(*each).proposals[1] for each in (one, two, three, ended)]
    (event,) = commands.publish(given(*three), HE, 1, TODAY)

    assert [s.may_be_published for s in states] == [False, True, True, False]
    assert event.approved_by == ("official-01", "official-02", "official-03")


LOOK_ALIKE = ("li\u3164", "lı", "l\u0456", "ｌｉ", "李\u3164", "李li", "\uf9e1")
MARKED = ("li.", "li_", "@li", "-li", "li-", "l--i", "li wang", "li\n", "l" * 81)


@pytest.mark.parametrize("name", [*LOOK_ALIKE, *MARKED])
def test_a_name_that_could_pass_for_another_is_no_work_name(name):
    who = Person(by="court-zhuji", person=name)
    state, shown = given(*proposed()), given(*published(first=5))

    for call in (
        lambda: commands.propose(state, who, draft(first=9), TODAY),
        lambda: commands.approve(state, who, 1),
        lambda: commands.reject(state, who, 1, "依据不足"),
        lambda: commands.withdraw(shown, who, 1, "改期", TODAY),
    ):
        assert refusal(call) == "rules-work-name"


@pytest.mark.parametrize("name", ["li", "LI", "official-01", "7", "李明", "l" * 80])
def test_work_names_are_ascii_or_chinese(name):
    assert commands.approve(given(*proposed()), Person(by="x", person=name), 1)


@pytest.mark.parametrize("name", ["", " ", "\u3000"])
def test_nobody_is_no_person(name):
    nobody = Person(by="x", person=name)
    assert refusal(lambda: commands.approve(given(*proposed()), nobody, 1)) == (
        "nameless"
    )


def test_the_software_may_propose_and_never_approves():
    itself = Person(by=commands.SOFTWARE, person="statistics")
    (event,) = commands.propose(given(), itself, draft(), TODAY)

    assert (
        refusal(lambda: commands.approve(given(event), itself, 1))
        == "rules-software-approves"
    )


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("rules-certificate-failed", {"certificate": certificate(passed=False)}),
        ("rules-certificate-of-another", {"certificate": certificate("x")}),
        ("rules-certificate-outdated", {"certificate": certificate(directory="d0")}),
        ("rules-backtest-of-another", {"backtest": backtest("x")}),
        ("rules-starts-in-past", {"first": -1}),
        ("rules-starts-today", {"first": 0}),
        ("rules-ends-before", {"first": 5, "last": 4}),
        ("rules-too-late", {"last": (date.max - TODAY).days}),
        ("rules-too-late", {"first": (date(2201, 1, 1) - TODAY).days}),
        ("rules-before-its-own", {"first": 4, "own_from": day(5)}),
        ("rules-after-its-own", {"first": 4, "last": 9, "own_until": day(8)}),
        ("rules-after-its-own", {"own_until": day(8)}),
        ("rules-emergency-endless", {"emergency": True}),
        ("rules-emergency-too-long", {"last": 15, "emergency": True}),
        ("rules-no-reason", {"reason": " "}),
    ],
)
def test_what_cannot_be_proposed(reason, told):
    assert (
        refusal(lambda: commands.propose(given(), HE, draft(**told), TODAY)) == reason
    )


def test_an_emergency_lasts_as_long_as_the_setting_says():
    most = draft(first=1, last=14, emergency=True)

    assert commands.propose(given(), HE, most, TODAY)


def test_what_was_published_until_the_last_day_there_is_can_be_withdrawn():
    (made,) = commands.propose(given(), HE, draft(first=5, last=9), TODAY)
    endless = made.model_copy(update={"until": date.max})
    (done,) = commands.publish(
        given(*approved(*proposed(first=5, last=9))), HE, 1, TODAY
    )
    state = given(endless, done.model_copy(update={"until": date.max}))

    assert [(p.version, p.until) for p in state.periods(TODAY)] == [
        ("sample@a", day(4)),
        ("sample@b", None),
    ]
    assert state.calendar()[-1].version == "sample@b"
    (gone,) = commands.withdraw(state, HE, 1, "改期", TODAY)
    assert state.evolve(gone).in_force(date.max).version == "sample@a"


def test_two_packs_on_one_day_are_refused():
    events = published(first=5)
    second = draft("c", first=5)

    assert (
        refusal(lambda: commands.propose(given(*events), HE, second, TODAY))
        == "rules-two-packs"
    )


def test_of_two_proposals_for_one_day_only_the_first_is_published():
    both = proposed(*proposed(first=5), number=2, pack="c", first=5)
    events = approved(*approved(*both), number=2)
    events = (*events, *commands.publish(given(*events), HE, 1, TODAY))

    assert (
        refusal(lambda: commands.publish(given(*events), HE, 2, TODAY))
        == "rules-two-packs"
    )


def test_two_emergencies_may_not_hold_on_one_day():
    events = published(first=1, last=5, emergency=True)
    meeting = draft("c", first=5, last=9, emergency=True)
    after = draft("c", first=6, last=9, emergency=True)

    assert (
        refusal(lambda: commands.propose(given(*events), HE, meeting, TODAY))
        == "rules-two-packs"
    )
    assert commands.propose(given(*events), HE, after, TODAY)


def test_a_proposal_that_waited_too_long_starts_in_the_past():
    events = approved(*proposed(first=1))

    assert (
        refusal(lambda: commands.publish(given(*events), HE, 1, day(2)))
        == "rules-starts-in-past"
    )


def test_a_pack_in_force_is_not_withdrawn():
    events = published(first=1)

    assert (
        refusal(lambda: commands.withdraw(given(*events), HE, 1, "后悔", day(1)))
        == "rules-begun-already"
    )


def test_what_has_ended_stays_ended():
    rejected = (*proposed(), *commands.reject(given(*proposed()), SHE, 1, "依据不足"))
    expired = published(first=1, last=2, emergency=True)

    assert (
        refusal(lambda: commands.approve(given(*rejected), HE, 1))
        == "rules-proposal-ended"
    )
    assert (
        refusal(lambda: commands.withdraw(given(*expired), HE, 1, "迟了", day(3)))
        == "rules-ended-already"
    )


def test_a_new_directory_needs_a_certificate_for_every_pack_to_come():
    state = given(*published(first=5))
    one = [certificate("a", "d2")]
    both = [*one, certificate("b", "d2")]

    def publish(certificates):
        return commands.publish_directory(
            state, HE, "d2", "sample@d2", "新增机构", certificates, TODAY
        )

    assert refusal(lambda: publish(one)) == "rules-directory-uncertified"
    assert state.evolve(*publish(both)).directory == "d2"


def test_a_new_directory_outdates_the_certificates_of_proposals():
    events = approved(*proposed(first=5))
    directory = commands.publish_directory(
        given(*events), HE, "d2", "d2", "新增机构", [certificate("a", "d2")], TODAY
    )

    assert (
        refusal(lambda: commands.publish(given(*events, *directory), HE, 1, TODAY))
        == "rules-certificate-outdated"
    )


def test_nothing_is_proposed_before_the_product_has_begun_with_a_pack():
    assert (
        refusal(lambda: commands.propose(Publications(), HE, draft(), TODAY))
        == "rules-nothing-adopted"
    )


def test_a_later_start_changes_no_pack_and_tells_another_directory():
    assert commands.adopt(given(), "z", "sample@z", "d1") == []
    assert commands.adopt(given(), "z", "sample@z", "d2") == [
        DirectoryFound(directory="d2")
    ]
    found = given(DirectoryFound(directory="d2"))
    assert found.in_force(TODAY).version == "sample@a"
    assert refusal(lambda: commands.propose(found, HE, draft(), TODAY)) == (
        "rules-certificate-outdated"
    )


def test_approvals_name_the_official():
    (event,) = commands.approve(given(*proposed()), SHE, 1)

    assert event == PackApproved(proposal=1, by=SHE.by, person=SHE.person)


def test_regions_keep_their_publications_apart():
    assert rules_stream("330681") != rules_stream("652300")


@pytest.mark.parametrize("reason", WORDS)
def test_every_refusal_has_words_in_both_languages(reason):
    code = f"refused.rules-{reason}" if reason != "nameless" else "refused.nameless"

    assert code in text
    assert f"{code}.title" in text


# What really held


def recorded(*events, minutes=()):
    """A history; `minutes` after TODAY 9:00 at which the events were recorded."""
    nine = datetime.combine(TODAY, time(9), SHANGHAI)
    who = Actor(body="justice-zhuji", person="official-01", role="rules")
    return [
        Recorded("routing", rules_stream("sample"), number, at, at, who, "c", event)
        for number, (event, minute) in enumerate(zip(events, minutes, strict=True))
        for at in [nine + timedelta(minutes=minute)]
    ]


def told(history):
    return [
        (h.pack.version, h.first_day, h.last_day, h.turns_within_days[0] is not None)
        for h in held(history)
    ]


def test_what_held_until_an_emergency_was_published_is_told():
    events = published(first=0, last=2, emergency=True)
    history = recorded(ADOPTED, *events, minutes=(-9999, 0, 1, 2, 30))

    assert told(history) == [
        ("sample@a", None, TODAY, False),
        ("sample@b", TODAY, day(2), True),
        ("sample@a", day(3), None, False),
    ]
    before, now, _ = held(history)
    noon = datetime.combine(TODAY, time(12), SHANGHAI)
    assert (before.covers(noon), now.covers(noon)) == (False, True)


def test_an_emergency_withdrawn_on_its_first_day_held_for_some_hours():
    events = published(first=0, last=2, emergency=True)
    (gone,) = commands.withdraw(given(*events), HE, 1, "已排除", TODAY)
    history = recorded(ADOPTED, *events, gone, minutes=(-9999, 0, 1, 2, 30, 90))

    assert told(history) == [
        ("sample@a", None, TODAY, False),
        ("sample@b", TODAY, TODAY, True),
        ("sample@a", TODAY, None, True),
    ]


def test_a_publication_to_come_is_told_by_its_days():
    events = published(first=5, last=9)
    history = recorded(ADOPTED, *events, minutes=(-9999, 0, 1, 2, 30))

    assert told(history) == [
        ("sample@a", None, day(4), False),
        ("sample@b", day(5), day(9), False),
        ("sample@a", day(10), None, False),
    ]


def test_a_clock_that_was_set_back_hides_nothing_published_since():
    events = published(first=0, last=2, emergency=True)
    history = recorded(ADOPTED, *events, minutes=(99999, 0, 1, 2, 30))

    assert told(history) == [
        ("sample@a", None, TODAY, False),
        ("sample@b", TODAY, day(2), True),
        ("sample@a", day(3), None, False),
    ]
