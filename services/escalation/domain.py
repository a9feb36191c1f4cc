"""Custody of one dispute: who holds it, what it was offered, which clocks run.

Pure: no clock, no database, no broker. Commands return events or refuse; `evolve` only
remembers. At every instant exactly one body holds an open dispute and at least one
clock runs: `check` refuses to record anything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import AwareDatetime

from shared.calendar import Calendar, Period, Unit
from shared.events.base import DomainEvent, State, Value
from shared.events.clocks import Clock, ClockTerms, OnBreach
from shared.events.errors import InvariantBrokenError, NotAllowedNowError, NotYoursError
from shared.events.escalation import (
    ClockBreached,
    ClockExtended,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    ClockStopped,
    ClockWarned,
    ConsentRecorded,
    CustodyOpened,
    DecidedByHand,
    DesignationAsked,
    DisputeClosed,
    DisputeReopened,
    FactsCorrected,
    HandoffAccepted,
    HandoffDeclined,
    HandoffDesignated,
    HandoffLapsed,
    HandoffOffered,
    HandoffRecalled,
    HumanAsked,
    KeptForSafety,
    LedToLaw,
    MediationStarted,
    OutcomeRecorded,
    ReplyRecorded,
    RouteRequested,
    SupervisionIssued,
)
from shared.events.facts import Facts
from shared.events.routing import FiredRow
from shared.events.vocabulary import (
    ANEW,
    GIVEN_UP,
    Flag,
    HandoffKind,
    RouteReason,
    Tier,
)

ANSWER = "answer"
FIRST_HANDLING = "first_handling"
ROUTING = "routing"
DESIGNATION = "designation"
CLOSE_OUT = "close_out"
SAFETY_REVIEW = "safety_review"
HOLDER_DECIDES = "holder_decides"
HUMAN = "human_decision"
PAUSE_REVIEW = "pause_review"


class Stage(StrEnum):
    """Where a dispute stands in its way through the bodies."""

    UNKNOWN = "unknown"
    ROUTING = "routing"
    OFFERED = "offered"
    DESIGNATING = "designating"
    IN_HAND = "in_hand"
    MEDIATING = "mediating"
    KEPT = "kept"
    HELD = "held"
    RESOLVED = "resolved"
    LED_TO_LAW = "led_to_law"
    CLOSED = "closed"


class Offer(Value):
    """A handoff that waits for an answer, or a designation that waits to be made."""

    request: int
    to: str
    kind: HandoffKind
    tier: Tier | None
    may_decline: bool
    dispatches: bool
    clocks: tuple[ClockTerms, ...]
    rows: tuple[FiredRow, ...]


class RunningClock(Value):
    """A clock, and what became of it: whether it warned, was extended, stands still.

    `uncounted` is by how much pauses have moved its end.
    """

    clock: Clock
    warned: bool = False
    extended: bool = False
    paused: ClockPaused | None = None
    uncounted: timedelta = timedelta()

    @property
    def warn_at(self) -> datetime:
        """Three quarters of the way; a clock of under a day gives no warning."""
        length = self.clock.due - self.clock.started_at
        share = 0.75 if length >= timedelta(days=1) else 1.0
        return self.clock.started_at + length * share

    @property
    def next_at(self) -> datetime:
        """When it is next to be looked at. A limit has passed just after its due."""
        return self.clock.due if self.warned else min(self.warn_at, self.clock.due)


def terms(
    name: str, amount: int, unit: Unit, on_breach: OnBreach = OnBreach.SUPERVISE
) -> ClockTerms:
    """Terms that no law gives: a design default of this software, marked as such."""
    return ClockTerms(
        name=name,
        period=Period(amount=amount, unit=unit),
        on_breach=on_breach,
        legal_basis="design default",
        provisional=True,
    )


ROUTING_TERMS = terms(ROUTING, 1, Unit.WORKING_DAYS)
CLOSE_OUT_TERMS = terms(CLOSE_OUT, 7, Unit.WORKING_DAYS)
SAFETY_TERMS = terms(SAFETY_REVIEW, 24, Unit.HOURS)
HOLDER_TERMS = terms(HOLDER_DECIDES, 3, Unit.WORKING_DAYS)
HUMAN_TERMS = terms(HUMAN, 3, Unit.WORKING_DAYS)
PAUSE_TERMS = terms(PAUSE_REVIEW, 30, Unit.CALENDAR_DAYS)
"""While a clock stands still, this one runs: nobody makes a dispute silent by a pause."""


def started(terms: ClockTerms, at: datetime, calendar: Calendar) -> ClockStarted:
    """A clock that starts now, its end worked out with the calendar in force."""
    deadline = calendar.deadline(at, terms.period)
    return ClockStarted(
        clock=Clock(
            name=terms.name,
            terms=terms,
            started_at=at,
            due=deadline.due,
            provisional=deadline.provisional or terms.provisional,
            calendar=deadline.calendar,
        )
    )


class Custody(State):
    """What escalation remembers of a dispute (谁在手里).

    `asked` is why routing was asked, until it has answered. `left` are the parties that
    refused or went to law. `limit_passed`: the holder's time to settle it is over.
    `held_since`: when the holder first had to decide whom to send it to. `by_hand` is
    the last decision of the rules that a person overrode, `decider` the body that a
    party waits for to decide itself. `sender` is the body that it was taken from.
    """

    stage: Stage = Stage.UNKNOWN
    code: str = ""
    facts: Facts | None = None
    parties: int = 0
    respondents: frozenset[int] = frozenset()
    first_contact: str = ""
    holder: str = ""
    sender: str = ""
    tier: Tier | None = None
    kind: HandoffKind | None = None
    requests: int = 0
    asked: RouteReason | None = None
    declines: int = 0
    passed_over: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    offer: Offer | None = None
    designator: str | None = None
    clocks: tuple[RunningClock, ...] = ()
    limit_passed: bool = False
    held_since: AwareDatetime | None = None
    willing: frozenset[int] = frozenset()
    left: frozenset[int] = frozenset()
    mediating: bool = False
    replied: bool = False
    orders: int = 0
    by_hand: int = 0
    decider: str | None = None
    rows: tuple[FiredRow, ...] = ()

    # Remembering

    def evolve(self, event: DomainEvent) -> Self:
        """Remember what happened. Never refuses."""
        match event:
            case CustodyOpened():
                return self._with(
                    stage=Stage.ROUTING,
                    code=event.code,
                    facts=event.facts,
                    parties=event.parties,
                    respondents=frozenset(event.respondents),
                    holder=event.holder,
                    first_contact=event.holder,
                )
            case FactsCorrected():
                return self._corrected(event)
            case RouteRequested():
                return self._asking(event)
            case HandoffOffered():
                offer = Offer(
                    request=event.request,
                    to=event.to,
                    kind=event.kind,
                    tier=event.tier,
                    may_decline=event.may_decline,
                    dispatches=event.dispatches,
                    clocks=event.clocks,
                    rows=event.rows,
                )
                rows = event.rows or self.rows  # an offer by hand stands on none
                return self._answered(Stage.OFFERED, offer=offer, rows=rows)
            case HandoffAccepted():
                taken = self._taken(event.by, event.tier, event.kind)
                return taken._with(sender=event.sender)
            case HandoffDeclined(by=body) | HandoffLapsed(to=body):
                return self._with(
                    stage=Stage.ROUTING,
                    offer=None,
                    declines=self.declines + 1,
                    passed_over=(*self.passed_over, body),
                )
            case HandoffRecalled():
                return self._with(stage=self._stage_without_offer, offer=None)
            case DesignationAsked():
                return self._answered(
                    Stage.DESIGNATING,
                    designator=event.designator,
                    offer=Offer(
                        request=event.request,
                        to=event.proposed or event.designator,
                        kind=HandoffKind.DESIGNATE,
                        tier=event.tier,
                        may_decline=False,
                        dispatches=False,
                        clocks=event.clocks,
                        rows=event.rows,
                    ),
                    rows=event.rows,
                )
            case DecidedByHand(upheld=upheld):
                overrode = self.by_hand if upheld else event.request
                return self._with(by_hand=overrode, decider=None)
            case HumanAsked(decider=decider):
                return self._with(decider=decider)
            case HandoffDesignated():
                taken = self._taken(event.to, event.tier, HandoffKind.DESIGNATE)
                return taken._with(sender=event.by)
            case KeptForSafety():
                return self._answered(
                    Stage.KEPT,
                    rows=event.rows,
                    mediating=False,
                    willing=frozenset(),
                    replied=False,
                )
            case LedToLaw():
                return self._answered(Stage.LED_TO_LAW, rows=event.rows, replied=False)
            case ClockStarted(clock=clock):
                return self._with(
                    clocks=self._plus(clock), held_since=self._since(clock)
                )
            case ClockExtended(clock=clock):
                return self._with(clocks=self._longer(clock))
            case ClockPaused(clock=name):
                return self._with(clocks=self._marked(name, paused=event))
            case ClockResumed(clock=clock):
                return self._with(clocks=self._resumed(clock))
            case ClockStopped(clock=name):
                return self._with(clocks=self._minus(name))
            case ClockBreached(clock=name):
                return self._with(
                    clocks=self._minus(name),
                    limit_passed=self.limit_passed or self._escalates(name),
                )
            case ClockWarned(clock=name):
                return self._with(clocks=self._marked(name, warned=True))
            case SupervisionIssued():
                return self._with(orders=event.order)
            case ConsentRecorded(party=party, willing=willing):
                return self._consenting(self._those(party), willing)
            case MediationStarted():
                return self._with(stage=Stage.MEDIATING, mediating=True)
            case OutcomeRecorded():
                return self._answered(
                    Stage.RESOLVED,
                    mediating=False,
                    willing=frozenset(),
                    replied=False,
                    limit_passed=False,
                )
            case ReplyRecorded():
                return self._with(replied=True)
            case DisputeClosed():
                return self._with(stage=Stage.CLOSED, clocks=())
            case DisputeReopened():
                return self._with(
                    stage=Stage.ROUTING,
                    kind=None,
                    held_since=None,
                    replied=False,
                    declines=0,
                    passed_over=(),
                    left=frozenset(),
                )
            case _:
                return self

    def _with(self, **changes: object) -> Self:
        return self.model_copy(update=changes)

    def _taken(self, by: str, tier: Tier | None, kind: HandoffKind) -> Self:
        return self._with(
            stage=Stage.IN_HAND,
            holder=by,
            tier=tier or self.tier,
            kind=kind,
            offer=None,
            designator=None,
            declines=0,
            passed_over=(),
            mediating=False,
            limit_passed=False,
            held_since=None,
        )

    def _corrected(self, event: FactsCorrected) -> Self:
        """With other parties the numbers mean other persons: they are asked again."""
        respondents = frozenset(event.respondents)
        changed = self._with(
            facts=event.facts, parties=event.parties, respondents=respondents
        )
        if (event.parties, respondents) == (self.parties, self.respondents):
            return changed
        return changed._with(willing=frozenset(), left=frozenset())

    def _asking(self, event: RouteRequested) -> Self:
        """Whoever has it in hand goes on meanwhile; all else waits for the answer."""
        in_hand = self.stage in (Stage.IN_HAND, Stage.MEDIATING)
        return self._with(
            stage=self.stage if in_hand else Stage.ROUTING,
            requests=event.request,
            asked=event.reason,
            tried=event.tried,
            offer=None,
            designator=None,
        )

    def _answered(self, stage: Stage, **changes: object) -> Self:
        """What was asked or offered before is over."""
        over = {"asked": None, "offer": None, "designator": None}
        return self._with(**{**over, "stage": stage, **changes})

    @property
    def _stage_without_offer(self) -> Stage:
        """Where it stands when its offer is taken back: as before the offer."""
        if self.mediating:
            return Stage.MEDIATING
        return Stage.IN_HAND if self.kind else Stage.HELD

    def _consenting(self, those: frozenset[int], willing: bool) -> Self:
        if willing:
            return self._with(willing=self.willing | those, left=self.left - those)
        return self._with(willing=self.willing - those, left=self.left | those)

    def _plus(self, clock: Clock) -> tuple[RunningClock, ...]:
        return (*self._minus(clock.name), RunningClock(clock=clock))

    def _minus(self, name: str) -> tuple[RunningClock, ...]:
        return tuple(r for r in self.clocks if r.clock.name != name)

    def _since(self, clock: Clock) -> datetime | None:
        decides = clock.name == HOLDER_DECIDES
        return self.held_since or (clock.started_at if decides else None)

    def _escalates(self, name: str) -> bool:
        running = self.running(name)
        return running is not None and running.terms.on_breach is OnBreach.ESCALATE

    def _marked(self, name: str, **marks: object) -> tuple[RunningClock, ...]:
        return tuple(
            r.model_copy(update=marks) if r.clock.name == name else r
            for r in self.clocks
        )

    def _longer(self, clock: Clock) -> tuple[RunningClock, ...]:
        """With another end, of which it is warned anew."""
        before = self.known(clock.name) or RunningClock(clock=clock)
        marks = {"clock": clock, "warned": False, "extended": True}
        return (*self._minus(clock.name), before.model_copy(update=marks))

    def _resumed(self, clock: Clock) -> tuple[RunningClock, ...]:
        """As before its pause; only of another end it is warned anew."""
        before = self.known(clock.name) or RunningClock(clock=clock)
        later = clock.due - before.clock.due
        marks = {
            "clock": clock,
            "paused": None,
            "warned": before.warned and not later,
            "uncounted": before.uncounted + later,
        }
        return (*self._minus(clock.name), before.model_copy(update=marks))

    def _those(self, party: int) -> frozenset[int]:
        return (
            frozenset(range(1, self.parties + 1)) if party == 0 else frozenset({party})
        )

    # What follows from it

    @property
    def is_open(self) -> bool:
        return self.stage not in (Stage.UNKNOWN, Stage.CLOSED)

    @property
    def is_group(self) -> bool:
        return self.facts is not None and Flag.GROUP in self.facts.flags

    @property
    def is_on_its_way(self) -> bool:
        """Whether somebody else is to say who takes it: routing, or a body."""
        return self.asked is not None or self.offer is not None

    @property
    def sides(self) -> tuple[frozenset[int], ...]:
        """The parties by sides that have anybody: claimants, respondents."""
        claimants = frozenset(range(1, self.parties + 1)) - self.respondents
        return tuple(side for side in (claimants, self.respondents) if side)

    def goes_on_without(self, party: int) -> bool:
        """A group goes on while each of its sides still has somebody (PML 17, CPL 56).

        Between two parties, one that refuses is enough to end it.
        """
        left = self.left | self._those(party)
        return self.is_group and all(side - left for side in self.sides)

    @property
    def is_wanted(self) -> bool:
        """Whether no party has refused, or gone to law, for whom it ends (PML 17)."""
        return not self.left or all(self.goes_on_without(p) for p in self.left)

    # Invariants

    def check(self) -> None:
        """Refuse a history in which nobody holds an open dispute, or it is silent."""
        if self.is_open and not self.holder:
            raise InvariantBrokenError("custody", "an open dispute without a holder")
        if self.is_open and not self.counting:
            raise InvariantBrokenError(
                "clocks", f"an open dispute ({self.stage}) without a next clock"
            )

    # Guards and pieces that commands are made of

    def must_be(self, command: str, *stages: Stage) -> None:
        if self.stage not in stages:
            raise NotAllowedNowError(command, self.stage, stages)

    def must_be_open(self, command: str) -> None:
        if not self.is_open:
            raise NotAllowedNowError(command, self.stage, ["open"])

    def must_hold(self, command: str, body: str) -> None:
        if body != self.holder:
            raise NotYoursError(command, body, self.holder)

    @property
    def counting(self) -> tuple[RunningClock, ...]:
        """The clocks that do not stand still."""
        return tuple(r for r in self.clocks if not r.paused)

    def known(self, name: str) -> RunningClock | None:
        return next((r for r in self.clocks if r.clock.name == name), None)

    def running(self, name: str) -> Clock | None:
        known = self.known(name)
        return known.clock if known else None

    def stopping(self, names: Iterable[str], *, met: bool) -> Iterator[ClockStopped]:
        """The running ones of these clocks end before their time."""
        for name in names:
            if self.running(name):
                yield ClockStopped(clock=name, met=met)

    def stopping_all_but(self, *kept: str) -> Iterator[ClockStopped]:
        """Every running clock but these has become pointless."""
        names = [r.clock.name for r in self.clocks if r.clock.name not in kept]
        return self.stopping(names, met=False)

    def asking(
        self, reason: RouteReason, at: datetime, calendar: Calendar
    ) -> Iterator[DomainEvent]:
        """Ask routing who acts now; a clock watches that it answers."""
        assert self.facts is not None
        yield RouteRequested(
            request=self.requests + 1,
            reason=reason,
            facts=self.facts,
            holder=self.holder,
            tier=self.tier,
            declines=self.declines,
            passed_over=self.passed_over,
            tried=self._tried(reason),
        )
        yield started(ROUTING_TERMS, at, calendar)

    def _tried(self, reason: RouteReason) -> tuple[str, ...]:
        """Who held it and could not settle it, the holder too if it gives up now."""
        if reason in ANEW:
            return ()
        given_up = (self.holder,) if reason in GIVEN_UP else ()
        return tuple(dict.fromkeys((*self.tried, *given_up)))

    def starting(
        self, terms: Iterable[ClockTerms], at: AwareDatetime, calendar: Calendar
    ) -> Iterator[ClockStarted]:
        for each in terms:
            yield started(each, at, calendar)
