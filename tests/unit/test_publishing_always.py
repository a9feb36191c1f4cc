"""Whatever people do with rules: two people, a certificate, a backtest, one pack a day."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from services.routing.publishing import Publications, commands
from services.routing.publishing.commands import Draft
from services.routing.publishing.people import Person
from shared.events.errors import RefusedError
from shared.events.rules import (
    Backtest,
    Certificate,
    PackApproved,
    PackProposed,
    PackPublished,
)

BEGAN = date(2026, 3, 2)
DAYS = range(-3, 40)
PACKS = st.sampled_from("abcd")
DIRECTORIES = st.sampled_from(["d1", "d2"])
PEOPLE = st.builds(
    Person,
    by=st.sampled_from(["justice", "court", commands.SOFTWARE]),
    person=st.sampled_from(["li", "LI", "ｌｉ", "wang", "zhao"]),
)
OFFSETS = st.integers(-1, 12)


def certificates(packs=PACKS):
    return st.builds(
        Certificate,
        digest=st.just("certificate"),
        pack=packs,
        directory=DIRECTORIES,
        passed=st.booleans() | st.just(True),
    )


def backtest(pack):
    return Backtest(digest="b", pack=pack, disputes=1, flips=0, unanswered=0)


def drafts(today, directory, well):
    """Drafts with the right grounds if they are made `well`; their days may be wrong."""
    days = OFFSETS.map(lambda n: today + timedelta(days=n))

    def about(pack):
        right = Certificate(
            digest="certificate", pack=pack, directory=directory, passed=True
        )
        return st.builds(
            Draft,
            pack=st.just(pack),
            version=st.just(f"sample@{pack}"),
            certificate=st.just(right) if well else st.just(right) | certificates(),
            backtest=(st.just(pack) if well else PACKS).map(backtest),
            reason=st.just("样例"),
            valid_from=days,
            until=st.none() | days,
            emergency=st.booleans(),
        )

    return PACKS.flatmap(about)


class Office(RuleBasedStateMachine):
    """People, and days that pass; what was in force on past days never changes."""

    def __init__(self):
        super().__init__()
        self.state, self.today, self.said = Publications(), BEGAN, []
        self.was = {}

    @initialize()
    def begin(self):
        self._do(lambda: commands.adopt(self.state, "a", "sample@a", "d1"))

    @rule(data=st.data(), who=PEOPLE)
    def propose(self, data, who):
        draft = data.draw(drafts(self.today, self.state.directory, False))
        self._do(lambda: commands.propose(self.state, who, draft, self.today))

    @rule(data=st.data(), one=PEOPLE, other=PEOPLE)
    def all_do_their_part(self, data, one, other):
        draft = data.draw(drafts(self.today, self.state.directory, True))
        self._do(lambda: commands.propose(self.state, one, draft, self.today))
        self._approve_and_publish(one, other, len(self.state.proposals))

    @precondition(lambda self: self.state.proposals)
    @rule(who=PEOPLE, data=st.data())
    def approve(self, who, data):
        number = data.draw(self._number())
        self._do(lambda: commands.approve(self.state, who, number))

    @precondition(lambda self: self.state.proposals)
    @rule(who=PEOPLE, data=st.data())
    def reject(self, who, data):
        number = data.draw(self._number())
        self._do(lambda: commands.reject(self.state, who, number, "样例"))

    @precondition(lambda self: self.state.proposals)
    @rule(who=PEOPLE, data=st.data())
    def publish(self, who, data):
        number = data.draw(self._number())
        self._do(lambda: commands.publish(self.state, who, number, self.today))

    @precondition(lambda self: self.state.proposals)
    @rule(one=PEOPLE, other=PEOPLE, data=st.data())
    def two_approve_and_one_publishes(self, one, other, data):
        self._approve_and_publish(one, other, data.draw(self._number()))

    def _approve_and_publish(self, one, other, number):
        for who in (one, other):
            self._do(lambda who=who: commands.approve(self.state, who, number))
        self._do(lambda: commands.publish(self.state, one, number, self.today))

    @precondition(lambda self: self.state.published)
    @rule(who=PEOPLE, data=st.data())
    def withdraw(self, who, data):
        number = data.draw(self._number())
        self._do(lambda: commands.withdraw(self.state, who, number, "样例", self.today))

    @rule(
        who=PEOPLE,
        directory=DIRECTORIES,
        shown=st.lists(certificates(), max_size=4),
    )
    def publish_directory(self, who, directory, shown):
        self._do(
            lambda: commands.publish_directory(
                self.state, who, directory, directory, "样例", shown, self.today
            )
        )

    @rule(days=st.integers(1, 5))
    def days_pass(self, days):
        for number in range(days):
            past = self.today + timedelta(days=number)
            self.was[past] = self.state.in_force(past)
        self.today += timedelta(days=days)

    def _number(self):
        """Mostly the newest proposal."""
        newest = len(self.state.proposals)
        return st.just(newest) | st.integers(1, newest + 1)

    def _do(self, command):
        with suppress(RefusedError):
            for event in command():
                self.said.append(event)
                self.state = self.state.evolve(event)

    @invariant()
    def every_day_has_one_pack(self):
        for number in DAYS:
            assert not self.state.adopted or self.state.in_force(
                BEGAN + timedelta(days=number)
            )

    @invariant()
    def periods_follow_each_other_day_by_day(self):
        if not self.state.adopted:
            return
        periods = list(self.state.periods(self.today))
        assert periods[0].since == self.today and periods[-1].until is None
        for earlier, later in pairwise(periods):
            assert earlier.until + timedelta(days=1) == later.since
            assert earlier.since <= earlier.until

    @invariant()
    def past_days_stay_as_they_were(self):
        for past, pack in self.was.items():
            now = self.state.in_force(past)
            assert (now.pack, now.proposal) == (pack.pack, pack.proposal)

    @invariant()
    def two_people_a_certificate_and_a_backtest_stand_behind_every_pack(self):
        for number in DAYS:
            there = self.state.in_force(BEGAN + timedelta(days=number))
            if there and there.proposal:
                self._is_well_founded(there)

    def _is_well_founded(self, there):
        told = [e for e in self.said if getattr(e, "proposal", 0) == there.proposal]
        (made,) = [e for e in told if isinstance(e, PackProposed)]
        (done,) = [e for e in told if isinstance(e, PackPublished)]
        earlier = told[: told.index(done)]
        approved = [e for e in earlier if isinstance(e, PackApproved)]
        assert len({e.person.casefold().replace("ｌｉ", "li") for e in approved}) >= 2
        assert all(e.by != commands.SOFTWARE for e in approved)
        assert made.certificate.passed
        assert made.certificate.pack == made.backtest.pack == there.pack == made.pack

    @invariant()
    def what_is_in_force_is_certified_with_the_directory_of_the_day(self):
        shown = {("a", "d1")}
        for event in self.said:
            for each in (
                getattr(event, "certificate", None),
                *getattr(event, "certificates", ()),
            ):
                if isinstance(each, Certificate) and each.passed:
                    shown.add((each.pack, each.directory))
        if self.state.adopted:
            for pack in self.state.packs_from(self.today):
                assert (pack, self.state.directory) in shown

    @invariant()
    def an_emergency_is_over_after_two_weeks(self):
        for each in self.state.published:
            if each.emergency:
                assert (each.until - each.since).days < 14


TestOffice = Office.TestCase
TestOffice.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, database=None
)
