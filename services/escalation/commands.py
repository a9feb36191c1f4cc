"""What bodies and people can ask escalation to do with a dispute.

Each command says by whom it may be given and when, and returns the events that follow.
Pure. The same commands come by HTTP, from `answers.*` topics and from sample files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, TypeAdapter

from services.escalation.domain import (
    ANSWER,
    CLOSE_OUT_TERMS,
    DESIGNATION,
    FIRST_HANDLING,
    HOLDER_DECIDES,
    HOLDER_TERMS,
    ROUTING,
    SAFETY_REVIEW,
    Custody,
    Stage,
    started,
)
from shared.calendar import Calendar, Period, Unit
from shared.events.base import DomainEvent, Value
from shared.events.clocks import Clock
from shared.events.errors import NotAllowedNowError, NotYoursError, RefusedError
from shared.events.escalation import (
    ClockExtended,
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
    Flag,
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
Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[\w.:/@-]+$")]


class Command(Value):
    """Asked for by a body through a person; safe to repeat under one `command_id`.

    `occurred_at` is when it happened as told; now, if it is left out.
    """

    command_id: Name
    by: Name
    person: Name | None = None
    role: Name | None = None
    occurred_at: AwareDatetime | None = None

    def on(
        self, state: Custody, at: datetime, calendar: Calendar
    ) -> Iterable[DomainEvent]:
        """The events that follow at `at`. Raises why not."""
        raise RefusedError("no-command", "this is only the form of a command")


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
        yield from _taking(state, at, calendar)
        if state.offer.dispatches:
            taken = state.evolve(accepted)
            yield from taken.asking(RouteReason.DISPATCHED, at, calendar)


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
    """The holder takes its unanswered offer back, for example when a crime shows."""

    command: Literal["recall"] = "recall"
    reason: Name

    def on(
        self, state: Custody, at: datetime, calendar: Calendar
    ) -> Iterator[DomainEvent]:
        state.must_be("recall", Stage.OFFERED)
        state.must_hold("recall", self.by)
        assert state.offer is not None
        yield HandoffRecalled(to=state.offer.to, by=self.by, reason=self.reason)
        yield from state.stopping([ANSWER], met=False)
        yield started(HOLDER_TERMS, at, calendar)


class AskRoute(Command):
    """The holder asks who should act now."""

    command: Literal["ask_route"] = "ask_route"

    def on(
        self, state: Custody, at: datetime, calendar: Calendar
    ) -> Iterator[DomainEvent]:
        state.must_be("ask for a route", Stage.HELD, Stage.KEPT, Stage.IN_HAND)
        state.must_hold("ask for a route", self.by)
        yield from state.asking(RouteReason.HOLDER_ASKED, at, calendar)


class PassUp(Command):
    """The holder passes the dispute to the next tier (上报); it keeps it until taken."""

    command: Literal["pass_up"] = "pass_up"

    def on(
        self, state: Custody, at: datetime, calendar: Calendar
    ) -> Iterator[DomainEvent]:
        state.must_be("pass up", Stage.IN_HAND, Stage.MEDIATING)
        state.must_hold("pass up", self.by)
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
        yield from state.stopping([DESIGNATION], met=True)
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
        state.must_be("record consent", Stage.IN_HAND, Stage.MEDIATING, Stage.OFFERED)
        state.must_hold("record consent", self.by)
        _must_be_party(state, self.party)
        yield ConsentRecorded(party=self.party, willing=self.willing)
        if not self.willing and not _goes_on_without(state, self.party):
            yield from _ended(
                state,
                self.by,
                EndReason.REFUSED_BY_PARTY,
                RouteReason.PARTY_REFUSED,
                at,
                calendar,
            )


class StartMediation(Command):
    """Mediation starts once every needed party is willing and was told its rights."""

    command: Literal["start_mediation"] = "start_mediation"
    rights_notice: Literal[True]

    def on(
        self, state: Custody, at: datetime, calendar: Calendar
    ) -> Iterator[DomainEvent]:
        state.must_be("start mediation", Stage.IN_HAND)
        state.must_hold("start mediation", self.by)
        needed = 2 if _is_group(state) else state.parties
        if len(state.willing) < needed:
            raise RefusedError(
                "not-all-willing",
                f"cannot start mediation: {len(state.willing)} of {state.parties} "
                "parties are recorded as willing; ask the others and record it",
                willing=len(state.willing),
                parties=state.parties,
            )
        yield MediationStarted(by=self.by)


class RecordOutcome(Command):
    """How it came out, recorded by the body that holds it.

    `next_tier`: after no agreement the parties wish mediation at the next tier, rather
    than the way to law. `ratified`: how many of a group agreed themselves.
    """

    command: Literal["record_outcome"] = "record_outcome"
    result: Result
    end_reason: EndReason | None = None
    amount: Money | None = None
    ratified: Annotated[int, Field(ge=1)] | None = None
    performed: bool = False
    next_tier: bool = False

    def on(
        self, state: Custody, at: datetime, calendar: Calendar
    ) -> Iterator[DomainEvent]:
        state.must_be("record the outcome", *BEFORE_OUTCOME)
        state.must_hold("record the outcome", self.by)
        self._must_make_sense(state)
        if self.result in (Result.TERMINATED, Result.NOT_ACCEPTED):
            reason = self.end_reason or EndReason.OTHER
            asked = (
                RouteReason.FAILED if self.next_tier else RouteReason.PARTY_CHOSE_LAW
            )
            yield from _ended(state, self.by, reason, asked, at, calendar)
            return
        yield from _withdrawn(state, self.by)
        yield OutcomeRecorded(
            by=self.by,
            result=self.result,
            end_reason=self.end_reason,
            amount=self.amount,
            ratified=self.ratified,
            performed=self.performed,
            parties=state.parties,
        )
        yield from state.stopping([r.clock.name for r in state.clocks], met=True)
        yield started(CLOSE_OUT_TERMS, at, calendar)

    def _must_make_sense(self, state: Custody) -> None:
        if self.result in AGREED and not state.mediating:
            raise NotAllowedNowError("record an agreement", state.stage, ["mediating"])
        if self.result is Result.TERMINATED and self.end_reason is None:
            raise RefusedError("no-end-reason", "say why mediation ended: end_reason")
        if self.ratified and self.ratified > state.parties:
            raise RefusedError(
                "too-many-ratified",
                f"{self.ratified} ratified, but there are {state.parties} parties",
            )


class ChooseLaw(Command):
    """A party goes to law. Always open; nothing stands before it (PML 3(3))."""

    command: Literal["choose_law"] = "choose_law"
    party: Annotated[int, Field(ge=1)]

    def on(
        self, state: Custody, at: datetime, calendar: Calendar
    ) -> Iterator[DomainEvent]:
        state.must_be_open("record the way to law")
        _must_be_party(state, self.party)
        yield ConsentRecorded(party=self.party, willing=False)
        if _goes_on_without(state, self.party) or state.stage not in BEFORE_OUTCOME:
            return
        yield from _ended(
            state,
            self.by,
            EndReason.SUIT_FILED,
            RouteReason.PARTY_CHOSE_LAW,
            at,
            calendar,
        )


class ExtendClock(Command):
    """Both sides agree to more time; counted from the old end."""

    command: Literal["extend_clock"] = "extend_clock"
    clock: Name
    days: Annotated[int, Field(ge=1, le=180)]
    all_agree: Literal[True]

    def on(
        self, state: Custody, at: datetime, calendar: Calendar
    ) -> Iterator[DomainEvent]:
        state.must_be("extend a clock", Stage.IN_HAND, Stage.MEDIATING)
        state.must_hold("extend a clock", self.by)
        running = state.running(self.clock)
        if running is None or self.clock in (ANSWER, ROUTING, FIRST_HANDLING):
            raise RefusedError(
                "not-extendable",
                f"clock {self.clock!r} is not running or cannot be extended; only "
                "limits of mediation can, when all parties agree",
                clock=self.clock,
            )
        yield ClockExtended(clock=_longer(running, self.days, calendar))


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
        yield from state.stopping([r.clock.name for r in state.clocks], met=True)
        yield DisputeClosed(by=self.by, parties=state.parties)


class Reopen(Command):
    """A closed dispute is taken up again, by its last holder or on its behalf."""

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
    | RecordReply
    | Close
    | Reopen,
    Field(discriminator="command"),
]
COMMANDS: TypeAdapter[AnyCommand] = TypeAdapter(AnyCommand)


def _taking(state: Custody, at: datetime, calendar: Calendar) -> Iterator[DomainEvent]:
    """What custody by a new body does to the clocks."""
    assert state.offer is not None
    new = {terms.name for terms in state.offer.clocks}
    yield from state.stopping([ANSWER, FIRST_HANDLING, SAFETY_REVIEW], met=True)
    old = [r.clock.name for r in state.clocks if r.clock.name in HANDLING - new]
    yield from state.stopping(old, met=False)
    yield from state.starting(state.offer.clocks or [HOLDER_TERMS], at, calendar)


HANDLING = frozenset({"mediation", "handling", "docketing", HOLDER_DECIDES})
"""Limits of the body that held the dispute before; they end when another takes it."""


def _ended(
    state: Custody,
    by: str,
    end_reason: EndReason,
    asked: RouteReason,
    at: datetime,
    calendar: Calendar,
) -> Iterator[DomainEvent]:
    """Mediation ends without agreement, and routing says where the parties may go."""
    yield from _withdrawn(state, by)
    yield OutcomeRecorded(
        by=by,
        result=Result.TERMINATED,
        end_reason=end_reason,
        parties=state.parties,
    )
    yield from state.stopping([r.clock.name for r in state.clocks], met=True)
    yield from state.asking(asked, at, calendar)


def _withdrawn(state: Custody, by: str) -> Iterator[DomainEvent]:
    """An offer that has become pointless is taken back."""
    if state.stage is Stage.OFFERED and state.offer:
        yield HandoffRecalled(to=state.offer.to, by=by, reason="ended")


def _longer(running: Clock, days: int, calendar: Calendar) -> Clock:
    more = Period(amount=days, unit=Unit.CALENDAR_DAYS)
    deadline = calendar.deadline(running.due, more)
    return running.model_copy(
        update={
            "due": deadline.due,
            "provisional": deadline.provisional or running.terms.provisional,
            "calendar": deadline.calendar,
        }
    )


def _is_group(state: Custody) -> bool:
    return state.facts is not None and Flag.GROUP in state.facts.flags


def _goes_on_without(state: Custody, party: int) -> bool:
    """A group goes on without one of its claimants, but not without its other side."""
    return _is_group(state) and party not in (0, state.parties)


def _must_be_party(state: Custody, party: int) -> None:
    if party > state.parties:
        raise RefusedError(
            "no-such-party",
            f"party {party} does not exist; there are {state.parties}",
            party=party,
        )
