"""What bodies and people can ask escalation to do with a dispute.

Each command says by whom it may be given and when, and returns the events that follow.
Pure. The same commands come by HTTP, from `answers.*` topics and from sample files.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, TypeAdapter

from services.escalation.asking_human import AskForHuman
from services.escalation.by_hand import DecideByHand
from services.escalation.command import (
    Command,
    Name,
    must_be_party,
    must_not_have_asked,
)
from services.escalation.domain import (
    ANSWER,
    CLOSE_OUT_TERMS,
    DESIGNATION,
    HOLDER_TERMS,
    HUMAN,
    PAUSE_REVIEW,
    ROUTING,
    SAFETY_REVIEW,
    Custody,
    Stage,
    started,
)
from services.escalation.extending import ExtendClock
from services.escalation.pausing import PauseClock, ResumeClock
from shared.calendar import Calendar
from shared.events.base import DomainEvent
from shared.events.errors import NotAllowedNowError, NotYoursError, RefusedError
from shared.events.escalation import (
    ClockStopped,
    ConsentRecorded,
    DisputeClosed,
    DisputeReopened,
    HandoffAccepted,
    HandoffDeclined,
    HandoffDesignated,
    HandoffRecalled,
    MediationStarted,
    OutcomeRecorded,
    ReplyRecorded,
)
from shared.events.facts import Money
from shared.events.vocabulary import (
    DeclineReason,
    EndReason,
    Result,
    RouteReason,
)

AGREED = (Result.AGREED_WRITTEN, Result.AGREED_ORAL, Result.AGREED_PART)
BEFORE_OUTCOME = (
    Stage.ROUTING,
    Stage.OFFERED,
    Stage.DESIGNATING,
    Stage.IN_HAND,
    Stage.MEDIATING,
    Stage.KEPT,
    Stage.HELD,
)
NOT_SETTLED = (Result.TERMINATED, Result.NOT_ACCEPTED)
UNWILLING = (
    EndReason.REFUSED_BY_PARTY,
    EndReason.SUIT_FILED,
    EndReason.OTHER_FORUM_ACCEPTED,
)
AFTER_THE_END = (
    RouteReason.FAILED,
    RouteReason.PARTY_REFUSED,
    RouteReason.PARTY_CHOSE_LAW,
)
"""What routing is asked once mediation has ended; nobody may undo that meanwhile."""

WAITING_FOR_OTHERS = (ANSWER, DESIGNATION, ROUTING, HUMAN, PAUSE_REVIEW)
WAITED_FOR_A_TAKER = (ANSWER, DESIGNATION, SAFETY_REVIEW)
MOST_YUAN = 10**12


def _payable(money: Money) -> Money:
    if not 0 <= money.yuan <= MOST_YUAN or money.yuan != round(money.yuan, 2):
        raise ValueError("an amount is at least 0 and in whole fen")
    return money


class Accept(Command):
    """The body that was asked takes the dispute; custody moves to it (签收)."""

    command: Literal["accept"] = "accept"
    mediators: Annotated[int, Field(ge=1, le=50)] | None = None

    def on(
        self, state: Custody, at: datetime, calendar: Calendar
    ) -> Iterator[DomainEvent]:
        state.must_be("accept", Stage.OFFERED)
        assert state.offer is not None
        if self.by != state.offer.to:
            raise NotYoursError("accept", self.by, state.offer.to)
        accepted = HandoffAccepted(
            by=self.by,
            sender=state.holder,
            kind=state.offer.kind,
            tier=state.offer.tier,
            mediators=self.mediators,
        )
        yield accepted
        yield from _taking(state, self._taken_at(state, at), calendar)
        if state.offer.dispatches:
            taken = state.evolve(accepted)
            yield from taken.asking(RouteReason.DISPATCHED, at, calendar)

    def _taken_at(self, state: Custody, at: datetime) -> datetime:
        """Its limit runs from its signature as told, but not from before the offer."""
        answer = state.running(ANSWER)
        earliest = answer.started_at if answer else at
        return min(max(self.occurred_at or at, earliest), at)


class Decline(Command):
    """The body that was asked does not take it, for a coded reason (退回)."""

    command: Literal["decline"] = "decline"
    reason: DeclineReason

    def on(
        self, state: Custody, at: datetime, calendar: Calendar
    ) -> Iterator[DomainEvent]:
        state.must_be("decline", Stage.OFFERED)
        assert state.offer is not None
        if self.by != state.offer.to:
            raise NotYoursError("decline", self.by, state.offer.to)
        if not state.offer.may_decline:
            raise RefusedError(
                "must-take",
                f"{self.by} cannot decline: it keeps the duty by law; accept, and ask "
                "for routing if another body should act",
                body=self.by,
            )
        declined = HandoffDeclined(by=self.by, reason=self.reason)
        yield declined
        yield from state.stopping([ANSWER], met=True)
        after = state.evolve(declined)
        yield from after.asking(RouteReason.DECLINED, at, calendar)


class Recall(Command):
    """The holder takes its unanswered offer back, for example when a crime shows.

    Its own limit goes on. If it has none it must decide soon, and offering and
    recalling again and again gives it no more time.
    """

    command: Literal["recall"] = "recall"
    reason: Name

    def on(
        self, state: Custody, at: datetime, calendar: Calendar
    ) -> Iterator[DomainEvent]:
        state.must_be("recall", Stage.OFFERED)
        state.must_hold("recall", self.by)
        assert state.offer is not None
        if not state.offer.may_decline:
            raise RefusedError(
                "must-go",
                f"cannot recall: {state.offer.to} has the duty by law; let it answer",
                body=state.offer.to,
            )
        recalled = HandoffRecalled(to=state.offer.to, by=self.by, reason=self.reason)
        yield recalled
        yield from state.stopping([ANSWER], met=False)
        if state.limit_passed:
            after = state.evolve(recalled)
            yield from after.asking(RouteReason.DEADLINE_PASSED, at, calendar)
        elif all(running.clock.name in (ANSWER, HUMAN) for running in state.clocks):
            yield started(HOLDER_TERMS, state.held_since or at, calendar)


class AskRoute(Command):
    """The holder asks who should act now."""

    command: Literal["ask_route"] = "ask_route"

    def on(
        self, state: Custody, at: datetime, calendar: Calendar
    ) -> Iterator[DomainEvent]:
        state.must_be("ask for a route", Stage.HELD, Stage.KEPT, Stage.IN_HAND)
        state.must_hold("ask for a route", self.by)
        must_not_have_asked(state)
        yield from state.asking(RouteReason.HOLDER_ASKED, at, calendar)


class PassUp(Command):
    """The holder passes it to the next tier (上报), and keeps it until it is taken."""

    command: Literal["pass_up"] = "pass_up"

    def on(
        self, state: Custody, at: datetime, calendar: Calendar
    ) -> Iterator[DomainEvent]:
        state.must_be("pass up", Stage.IN_HAND, Stage.MEDIATING)
        state.must_hold("pass up", self.by)
        must_not_have_asked(state)
        yield from state.asking(RouteReason.PASSED_UP, at, calendar)


class Designate(Command):
    """A public body names who acts (指定); custody moves at once."""

    command: Literal["designate"] = "designate"
    to: Name

    def on(
        self, state: Custody, at: datetime, calendar: Calendar
    ) -> Iterator[DomainEvent]:
        state.must_be("designate", Stage.DESIGNATING)
        assert state.offer is not None
        if self.by != state.designator:
            raise NotYoursError("designate", self.by, state.designator)
        yield HandoffDesignated(by=self.by, to=self.to, tier=state.offer.tier)
        yield from _taking(state, at, calendar)


class RecordConsent(Command):
    """A party's will to mediate is recorded; 0 is every party.

    One clear refusal ends mediation for a dispute of two sides (PML 17, 23). In a group
    it is that person's own leaving and does not stop the others.
    """

    command: Literal["record_consent"] = "record_consent"
    party: Annotated[int, Field(ge=0)]
    willing: bool

    def on(
        self, state: Custody, at: datetime, calendar: Calendar
    ) -> Iterator[DomainEvent]:
        state.must_be("record consent", *BEFORE_OUTCOME)
        state.must_hold("record consent", self.by)
        must_be_party(state, self.party)
        yield ConsentRecorded(party=self.party, willing=self.willing)
        if not self.willing and not state.goes_on_without(self.party):
            ended = _terminated(state, self.by, EndReason.REFUSED_BY_PARTY)
            yield from _ended(state, ended, RouteReason.PARTY_REFUSED, at, calendar)


class StartMediation(Command):
    """Mediation starts once every needed party is willing and was told its rights.

    Needed are all; in a group one of each side, for those who are willing.
    """

    command: Literal["start_mediation"] = "start_mediation"
    rights_notice: Literal[True]

    def on(
        self, state: Custody, at: datetime, calendar: Calendar
    ) -> Iterator[DomainEvent]:
        state.must_be("start mediation", Stage.IN_HAND)
        state.must_hold("start mediation", self.by)
        if not self._enough_are_willing(state):
            raise RefusedError(
                "not-all-willing",
                f"cannot start mediation: {len(state.willing)} of {state.parties} "
                "parties are recorded as willing; ask the others and record it",
                willing=len(state.willing),
                parties=state.parties,
            )
        yield MediationStarted(by=self.by)

    def _enough_are_willing(self, state: Custody) -> bool:
        enough = any if state.is_group else all
        return all(enough(p in state.willing for p in side) for side in state.sides)


class RecordOutcome(Command):
    """How it came out, recorded by the body that holds it.

    `next_tier`: after no agreement the parties wish mediation at the next tier, rather
    than the way to law. `ratified`: how many of a group agreed themselves, for
    nobody agrees for them (CPL 56).
    """

    command: Literal["record_outcome"] = "record_outcome"
    result: Result
    end_reason: EndReason | None = None
    amount: Annotated[Money, AfterValidator(_payable)] | None = None
    ratified: Annotated[int, Field(ge=1)] | None = None
    performed: bool = False
    next_tier: bool = False

    def on(
        self, state: Custody, at: datetime, calendar: Calendar
    ) -> Iterator[DomainEvent]:
        state.must_be("record the outcome", *BEFORE_OUTCOME)
        state.must_hold("record the outcome", self.by)
        self._must_make_sense(state)
        if self.result in NOT_SETTLED:
            yield from _ended(state, self._outcome(state), self._way_on, at, calendar)
            return
        yield from _withdrawn(state, self.by)
        yield self._outcome(state)
        yield from _over(state)
        yield started(CLOSE_OUT_TERMS, at, calendar)

    def _outcome(self, state: Custody) -> OutcomeRecorded:
        return OutcomeRecorded(
            by=self.by,
            result=self.result,
            end_reason=self.end_reason,
            amount=self.amount,
            ratified=self.ratified,
            performed=self.performed,
            parties=state.parties,
        )

    @property
    def _way_on(self) -> RouteReason:
        if self.next_tier:
            return RouteReason.FAILED
        if self.end_reason is EndReason.REFUSED_BY_PARTY:
            return RouteReason.PARTY_REFUSED
        return RouteReason.PARTY_CHOSE_LAW

    def _must_make_sense(self, state: Custody) -> None:
        if state.asked in AFTER_THE_END:
            raise RefusedError(
                "already-ended",
                "cannot record the outcome: mediation has ended, and the lawful way on "
                "is being told to the parties",
            )
        if self.result in AGREED and not state.mediating:
            raise NotAllowedNowError("record an agreement", state.stage, ["mediating"])
        if self.result is Result.TERMINATED and self.end_reason is None:
            raise RefusedError("no-end-reason", "say why mediation ended: end_reason")
        if self.next_tier and self.end_reason in UNWILLING:
            raise RefusedError(
                "not-wanted",
                "cannot pass it to the next tier: a party does not want mediation any "
                "more; leave out next_tier, and the lawful ways are told",
            )
        self._must_be_ratified(state)

    def _must_be_ratified(self, state: Custody) -> None:
        if self.ratified and self.ratified > state.parties:
            raise RefusedError(
                "too-many-ratified",
                f"{self.ratified} ratified, but there are {state.parties} parties",
            )
        if not (self.result in AGREED and state.is_group):
            return
        members = max(state.sides, key=len) - state.left
        needed = 1 if self.result is Result.AGREED_PART else len(members)
        if (self.ratified or 0) < needed:
            raise RefusedError(
                "not-ratified",
                f"cannot record the agreement: {self.ratified or 0} of {len(members)} "
                "in the group ratified it, and nobody can agree for another; ask the "
                "others, or record agreed_part",
                ratified=self.ratified or 0,
                members=len(members),
            )


class ChooseLaw(Command):
    """A party goes to law. Always open; nothing stands before it (PML 3(3))."""

    command: Literal["choose_law"] = "choose_law"
    party: Annotated[int, Field(ge=1)]

    def on(
        self, state: Custody, at: datetime, calendar: Calendar
    ) -> Iterator[DomainEvent]:
        state.must_be_open("record the way to law")
        must_be_party(state, self.party)
        yield ConsentRecorded(party=self.party, willing=False)
        if state.goes_on_without(self.party) or state.stage not in BEFORE_OUTCOME:
            return
        ended = _terminated(state, self.by, EndReason.SUIT_FILED)
        yield from _ended(state, ended, RouteReason.PARTY_CHOSE_LAW, at, calendar)


class RecordReply(Command):
    """The parties were told the result, and how (有回音)."""

    command: Literal["record_reply"] = "record_reply"
    way: Literal["in_person", "telephone", "letter", "message", "online"]

    def on(
        self, state: Custody, at: datetime, calendar: Calendar
    ) -> Iterator[DomainEvent]:
        state.must_be("record a reply", Stage.RESOLVED, Stage.LED_TO_LAW)
        state.must_hold("record a reply", self.by)
        yield ReplyRecorded(by=self.by, way=self.way)


class Close(Command):
    """The dispute is struck off the ledger (销号), after a reply to the parties."""

    command: Literal["close"] = "close"

    def on(
        self, state: Custody, at: datetime, calendar: Calendar
    ) -> Iterator[DomainEvent]:
        state.must_be("close", Stage.RESOLVED, Stage.LED_TO_LAW)
        state.must_hold("close", self.by)
        if not state.replied:
            raise RefusedError(
                "no-reply",
                "cannot close: no reply to the parties is recorded; tell them the "
                "result and record it with record_reply",
            )
        yield from _over(state)
        yield DisputeClosed(by=self.by, parties=state.parties)


class Reopen(Command):
    """A closed dispute is taken up again; its last holder has it until it is routed.

    Any body that a party turns to may do this: nobody is sent away (首问负责).
    """

    command: Literal["reopen"] = "reopen"
    reason: Literal["relapse", "not_performed", "new_facts", "wrongly_closed"]

    def on(
        self, state: Custody, at: datetime, calendar: Calendar
    ) -> Iterator[DomainEvent]:
        state.must_be("reopen", Stage.CLOSED)
        reopened = DisputeReopened(by=self.by, reason=self.reason)
        yield reopened
        yield from state.evolve(reopened).asking(RouteReason.REOPENED, at, calendar)


AnyCommand = Annotated[
    Accept
    | Decline
    | Recall
    | AskRoute
    | PassUp
    | Designate
    | RecordConsent
    | StartMediation
    | RecordOutcome
    | ChooseLaw
    | ExtendClock
    | PauseClock
    | ResumeClock
    | RecordReply
    | Close
    | Reopen
    | DecideByHand
    | AskForHuman,
    Field(discriminator="command"),
]
COMMANDS: TypeAdapter[AnyCommand] = TypeAdapter(AnyCommand)


def _taking(state: Custody, at: datetime, calendar: Calendar) -> Iterator[DomainEvent]:
    """What custody by a new body does to the clocks: those of the last one end.

    That a party waits for a person's decision does not end with it.
    """
    assert state.offer is not None
    terms = state.offer.clocks or (HOLDER_TERMS,)
    stay = {HUMAN, *(each.name for each in terms)}
    for name in (r.clock.name for r in state.clocks if r.clock.name not in stay):
        yield ClockStopped(clock=name, met=name in WAITED_FOR_A_TAKER)
    yield from state.starting(terms, at, calendar)


def _terminated(state: Custody, by: str, reason: EndReason) -> OutcomeRecorded:
    return OutcomeRecorded(
        by=by, result=Result.TERMINATED, end_reason=reason, parties=state.parties
    )


def _ended(
    state: Custody,
    outcome: OutcomeRecorded,
    asked: RouteReason,
    at: datetime,
    calendar: Calendar,
) -> Iterator[DomainEvent]:
    """Mediation ends without agreement, and routing says where the parties may go.

    It ends once, and nothing takes the place of a party's choice of law.
    """
    if state.asked is RouteReason.PARTY_CHOSE_LAW:
        return
    yield from _withdrawn(state, outcome.by)
    if state.asked not in AFTER_THE_END:
        yield outcome
    yield from _over(state, but=ROUTING)
    yield from state.asking(asked, at, calendar)


def _over(state: Custody, but: str | None = None) -> Iterator[ClockStopped]:
    """All clocks end: those whose act was done, and those that are pointless now."""
    for name in (r.clock.name for r in state.clocks if r.clock.name != but):
        yield ClockStopped(clock=name, met=name not in WAITING_FOR_OTHERS)


def _withdrawn(state: Custody, by: str) -> Iterator[DomainEvent]:
    """An offer that has become pointless is taken back."""
    if state.stage is Stage.OFFERED and state.offer:
        yield HandoffRecalled(to=state.offer.to, by=by, reason="ended")
