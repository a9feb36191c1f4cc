"""Whatever bodies, parties, routing and clocks do, and in whatever order.

Hypothesis plays all of them at random, honest and not. After every step somebody holds
the dispute, something watches it, and the parties' way to law is open.
"""

from __future__ import annotations

from datetime import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from services.escalation.commands import (
    BEFORE_OUTCOME,
    Accept,
    AskForHuman,
    AskRoute,
    ChooseLaw,
    Close,
    DecideByHand,
    Decline,
    Designate,
    ExtendClock,
    PassUp,
    PauseClock,
    Recall,
    RecordConsent,
    RecordOutcome,
    RecordReply,
    Reopen,
    ResumeClock,
    StartMediation,
)
from services.escalation.domain import Custody, Stage
from shared.calendar import Unit
from shared.events import wire
from shared.events.base import Recorded, system
from shared.events.clocks import OnBreach, Pause
from shared.events.errors import FengqiaoError
from shared.events.escalation import (
    ClockStopped,
    CustodyOpened,
    ExtensionReason,
    HandoffAccepted,
    HandoffDesignated,
    HandReason,
)
from shared.events.vocabulary import (
    SAFETY,
    DeclineReason,
    EndReason,
    Flag,
    Result,
    RouteReason,
    Tier,
)
from tests.unit.custody_scenarios import (
    CENTRE,
    COUNTY,
    DISPUTE,
    JUSTICE,
    MONDAY,
    POLICE,
    SECOND,
    TOWN,
    VILLAGE,
    Dispute,
    accepted,
    agreed,
    closed,
    correction,
    designated,
    designation,
    law,
    limit,
    mediating,
    offer,
    offered,
    parties,
    registered,
    stay,
)

TIERS = {VILLAGE: Tier.VILLAGE, TOWN: Tier.TOWN, COUNTY: Tier.COUNTY}
BODIES = st.sampled_from([POLICE, VILLAGE, TOWN, COUNTY, CENTRE, JUSTICE])
FLAGS = st.sampled_from([(), (), (), (Flag.CRIMINAL,), (Flag.WEAPON,)])
PARTY = st.integers(0, 4)
CLOCK = st.sampled_from(["mediation", "handling", "answer"])
LIMITS = [
    limit(
        "mediation",
        30,
        unit,
        OnBreach.ESCALATE,
        pauses=(Pause.APPRAISAL, Pause.HEARING),
        extension="parties",
    )
    for unit in (Unit.CALENDAR_DAYS, Unit.WORKING_DAYS)
] + [limit("handling", 60, Unit.HOURS, pauses=(Pause.APPRAISAL,), extension="head+30")]

COMMANDS = st.one_of(
    st.tuples(st.just(Accept), st.fixed_dictionaries({})),
    st.tuples(
        st.just(Decline),
        st.fixed_dictionaries({"reason": st.sampled_from(DeclineReason)}),
    ),
    st.tuples(st.just(Recall), st.just({"reason": "changed_our_mind"})),
    st.tuples(st.just(AskRoute), st.just({})),
    st.tuples(st.just(PassUp), st.just({})),
    st.tuples(st.just(Designate), st.fixed_dictionaries({"to": BODIES})),
    st.tuples(
        st.just(RecordConsent),
        st.fixed_dictionaries({"party": PARTY, "willing": st.booleans()}),
    ),
    st.tuples(st.just(RecordConsent), st.just({"party": 0, "willing": True})),
    st.tuples(st.just(StartMediation), st.just({"rights_notice": True})),
    st.tuples(
        st.just(RecordOutcome),
        st.fixed_dictionaries(
            {
                "result": st.sampled_from(Result),
                "end_reason": st.none() | st.sampled_from(EndReason),
                "ratified": st.none() | st.integers(1, 5),
                "next_tier": st.booleans(),
            }
        ),
    ),
    st.tuples(st.just(ChooseLaw), st.fixed_dictionaries({"party": st.integers(1, 4)})),
    st.tuples(
        st.just(ExtendClock),
        st.fixed_dictionaries(
            {
                "clock": st.sampled_from(["mediation", "answer", "handling"]),
                "days": st.integers(1, 180),
                "all_agree": st.sampled_from([True, None]),
                "reason": st.none() | st.sampled_from(ExtensionReason),
            }
        ),
    ),
    st.tuples(
        st.just(PauseClock),
        st.fixed_dictionaries({"clock": CLOCK, "reason": st.sampled_from(Pause)}),
    ),
    st.tuples(st.just(ResumeClock), st.fixed_dictionaries({"clock": CLOCK})),
    st.tuples(st.just(RecordReply), st.just({"way": "letter"})),
    st.tuples(st.just(Close), st.just({})),
    st.tuples(st.just(Reopen), st.just({"reason": "relapse"})),
    st.tuples(
        st.just(DecideByHand),
        st.fixed_dictionaries({"to": BODIES, "reason": st.sampled_from(HandReason)}),
    ),
    st.tuples(
        st.just(AskForHuman), st.fixed_dictionaries({"party": st.integers(1, 4)})
    ),
)


def route(dispute: Dispute):
    """A small routing: up the tiers, then designation, then law."""
    state, request = dispute.state, dispute.request
    if state.asked in (RouteReason.PARTY_CHOSE_LAW, RouteReason.PARTY_REFUSED):
        return law(request)
    if SAFETY & set(state.facts.flags):
        return stay(request)
    if state.declines >= 2:
        return designation(request)
    if state.asked is RouteReason.FAILED and state.holder != state.first_contact:
        return offer(request, state.first_contact, may_decline=False, tier=None)
    above = [b for b in TIERS if b not in (*state.passed_over, state.holder)]
    above = [b for b in above if state.tier is None or TIERS[b] > state.tier] or above
    return offer(request, above[0], tier=TIERS[above[0]]) if above else law(request)


def stands(*stages: Stage):
    return lambda machine: machine.dispute.state.stage in stages


class Escalation(RuleBasedStateMachine):
    """One dispute among bodies that do what comes to their mind."""

    @initialize(
        claimants=st.integers(1, 3),
        group=st.booleans(),
        respondents=st.integers(0, 2),
        flags=FLAGS,
    )
    def registers(self, claimants, group, respondents, flags):
        flags = [*flags, Flag.GROUP] if group else flags
        self.dispute = registered(*flags, among=parties(claimants, respondents))

    @rule(by=BODIES, command=COMMANDS)
    def somebody_does(self, by, command):
        self.tries(by, command)

    @rule(command=COMMANDS)
    def the_holder_does(self, command):
        self.tries(self.dispute.state.holder, command)

    @precondition(lambda self: self.dispute.state.offer)
    @rule(command=COMMANDS)
    def whoever_is_asked_does(self, command):
        state = self.dispute.state
        self.tries(state.designator or state.offer.to, command)

    def tries(self, by, command):
        kind, more = command
        before, told = self.dispute.state, self.dispute.state.model_dump_json()
        try:
            self.goes_on(self.dispute.does(kind, by, **more))
        except FengqiaoError:
            assert self.dispute.state is before
            assert before.model_dump_json() == told

    @precondition(lambda self: self.dispute.state.asked)
    @rule()
    def routing_answers(self):
        self.goes_on(self.dispute.hears(route(self.dispute)))

    @precondition(stands(Stage.OFFERED))
    @rule()
    def whoever_is_asked_takes_it(self):
        self.goes_on(self.dispute.does(Accept, self.dispute.state.offer.to))

    @precondition(stands(Stage.DESIGNATING))
    @rule(to=BODIES)
    def somebody_is_designated(self, to):
        self.goes_on(self.dispute.does(Designate, JUSTICE, to=to))

    @rule(to=BODIES, by=st.sampled_from([JUSTICE, CENTRE]))
    def a_person_decides(self, to, by):
        self.tries(by, (DecideByHand, {"to": to, "reason": HandReason.WRONG_ROW}))

    @rule(party=st.integers(1, 2))
    def a_party_asks_for_a_person(self, party):
        self.tries(POLICE, (AskForHuman, {"party": party}))

    @precondition(stands(Stage.IN_HAND, Stage.MEDIATING))
    @rule(reason=st.sampled_from(Pause))
    def the_holder_pauses_what_it_may(self, reason):
        for name in sorted(self.dispute.clocks):
            told = {"clock": name, "reason": reason}
            self.tries(self.dispute.state.holder, (PauseClock, told))

    @rule()
    def the_holder_goes_on(self):
        for name in sorted(self.dispute.clocks):
            self.tries(self.dispute.state.holder, (ResumeClock, {"clock": name}))

    @precondition(stands(Stage.IN_HAND, Stage.MEDIATING))
    @rule(reason=st.sampled_from(Pause), hours=st.floats(0, 60 * 24))
    def the_holder_pauses_for_a_while(self, reason, hours):
        self.the_holder_pauses_what_it_may(reason)
        self.time_passes(hours)
        before = {r.clock.name: r.clock.due for r in self.dispute.state.clocks}
        self.the_holder_goes_on()
        for running in self.dispute.state.clocks:
            assert running.clock.due >= before[running.clock.name]

    @precondition(stands(Stage.IN_HAND))
    @rule()
    def mediation_starts(self):
        holder = self.dispute.state.holder
        self.goes_on(self.dispute.does(RecordConsent, holder, party=0, willing=True))
        self.goes_on(self.dispute.does(StartMediation, holder, rights_notice=True))

    @precondition(stands(Stage.RESOLVED, Stage.LED_TO_LAW))
    @rule()
    def the_parties_are_told_and_it_is_closed(self):
        holder = self.dispute.state.holder
        self.goes_on(self.dispute.does(RecordReply, holder, way="letter"))
        self.goes_on(self.dispute.does(Close, holder))

    @rule(request=st.integers(0, 3), dispatches=st.booleans())
    def routing_says_something(self, request, dispatches):
        told = offer(request, CENTRE, dispatches=dispatches, clocks=())
        self.goes_on(self.dispute.hears(told))

    @rule(request=st.integers(0, 3))
    def routing_designates(self, request):
        self.goes_on(self.dispute.hears(designation(request)))

    @rule(flags=FLAGS, claimants=st.integers(1, 3), group=st.booleans())
    def the_sender_corrects(self, flags, claimants, group):
        flags = [*flags, Flag.GROUP] if group else flags
        told = correction(*flags, among=parties(claimants))
        self.goes_on(self.dispute.hears(told))

    @rule(hours=st.floats(0.1, 24 * 60))
    def time_passes(self, hours):
        self.dispute = self.dispute.later(hours=hours)

    @precondition(lambda self: self.dispute.state.is_open)
    @rule()
    def the_next_clock_is_looked_at(self):
        self.goes_on(looking_at_next(self.dispute))

    @precondition(lambda self: self.dispute.state.is_open)
    @rule(data=st.data())
    def any_clock_is_looked_at(self, data):
        name = data.draw(st.sampled_from(sorted(self.dispute.clocks)))
        self.goes_on(self.dispute.looks_at(name))

    def goes_on(self, after: Dispute) -> None:
        before, self.dispute = self.dispute, after
        moves = (CustodyOpened, HandoffAccepted, HandoffDesignated)
        if not any(isinstance(event, moves) for event in after.said):
            assert after.state.holder == before.state.holder
        stops_only_what_runs(before.state, after.said)
        for event in after.said:
            assert read_back(event) == event

    @invariant()
    def exactly_one_body_holds_it_and_a_clock_runs(self):
        state = self.dispute.state
        assert state.holder
        assert bool(state.counting) is bool(state.clocks) is state.is_open

    @invariant()
    def what_stands_still_is_looked_at_again(self):
        state = self.dispute.state
        stands_still = any(running.paused for running in state.clocks)
        assert ("pause_review" in self.dispute.clocks) is stands_still

    @invariant()
    def every_stage_has_the_clock_that_belongs_to_it(self):
        state, clocks = self.dispute.state, self.dispute.clocks
        assert ("answer" in clocks) is (state.stage is Stage.OFFERED)
        assert ("designation" in clocks) is (state.stage is Stage.DESIGNATING)
        assert ("routing" in clocks) is bool(state.asked)
        assert ("safety_review" in clocks) or state.stage is not Stage.KEPT
        assert bool(state.offer) is (state.stage in (Stage.OFFERED, Stage.DESIGNATING))
        if state.stage in (Stage.RESOLVED, Stage.LED_TO_LAW):
            assert clocks - {"human_decision"} == {"close_out"}

    @invariant()
    def a_party_may_always_go_to_law(self):
        state = self.dispute.state
        if not state.is_open:
            return
        for party in range(1, state.parties + 1):
            chosen = self.dispute.does(ChooseLaw, CENTRE, party=party).state
            if state.stage in BEFORE_OUTCOME and not state.goes_on_without(party):
                assert chosen.asked is RouteReason.PARTY_CHOSE_LAW

    @invariant()
    def the_story_told_again_ends_the_same(self):
        again = Custody()
        for event in self.dispute.history:
            again = again.evolve(event)
        assert again == self.dispute.state

    def teardown(self):
        if hasattr(self, "dispute") and self.dispute.state.is_open:
            lives_on(self.dispute)


class InHand(Escalation):
    """The same from where a body mediates, with limits that may stand still."""

    @initialize(limits=st.lists(st.sampled_from(LIMITS), min_size=1, max_size=2))
    def registers(self, limits):
        self.dispute = mediating(accepted(offered(clocks=tuple(limits))))


@given(st.permutations((*agreed().history, *designated().history, *closed().history)))
@settings(max_examples=50, derandomize=True, database=None, deadline=None)
def test_remembering_refuses_nothing_in_whatever_order_it_is_told(events):
    state = Custody()
    for event in events:
        state = state.evolve(event)
    assert isinstance(state, Custody)


def next_at(dispute: Dispute) -> datetime:
    return min(running.next_at for running in dispute.state.counting)


def looking_at_next(dispute: Dispute) -> Dispute:
    """The clock process looks at what is due next, once that has come."""
    soonest = min(dispute.state.counting, key=lambda running: running.next_at)
    moment = max(dispute.now, soonest.next_at + SECOND)
    return dispute.at(moment).looks_at(soonest.clock.name)


def lives_on(dispute: Dispute, times: int = 20) -> None:
    """Nobody does anything more: clocks still come, one by one, and never at once."""
    for _ in range(times):
        dispute = looking_at_next(dispute)
        for _ in range(12):
            if dispute.state.asked:
                dispute = dispute.hears(route(dispute))
            elif next_at(dispute) < dispute.now:
                dispute = looking_at_next(dispute)
            else:
                break
        assert not dispute.state.asked
        assert next_at(dispute) >= dispute.now, "the clocks never come to rest"


def stops_only_what_runs(state: Custody, events) -> None:
    for event in events:
        if isinstance(event, ClockStopped):
            assert state.running(event.clock), f"{event.clock} is stopped twice"
        state = state.evolve(event)


def read_back(event):
    recorded = Recorded(
        speaker="escalation",
        dispute=DISPUTE,
        version=1,
        occurred_at=MONDAY,
        recorded_at=MONDAY,
        actor=system("escalation"),
        cause="intake:1",
        event=event,
    )
    body = wire.written(recorded)
    told = wire.Told("escalation", DISPUTE, 1, DISPUTE, 1, event.stored_name, body)
    return wire.read(told).event


TestEscalation, TestInHand = Escalation.TestCase, InHand.TestCase
TestInHand.settings = TestEscalation.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
