"""What audit remembers of custody: only what escalation said, in its order. Pure."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import AwareDatetime

from shared.events.base import DomainEvent, Value
from shared.events.clocks import Clock
from shared.events.escalation import (
    ClockBreached,
    ClockExtended,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    ClockStopped,
    CustodyOpened,
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
    KeptForSafety,
    LedToLaw,
    MediationStarted,
    OutcomeRecorded,
    ReplyRecorded,
    RouteRequested,
    SupervisionIssued,
)
from shared.events.facts import Facts
from shared.events.vocabulary import Tier


class Stage(StrEnum):
    """Where a dispute stands, as a supervisor reads it (状态)."""

    UNKNOWN = "unknown"
    TO_REPAIR = "to_repair"  # 待修复: a message waits for a person, nothing registered
    RETURNED = "returned"
    REGISTERED = "registered"
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


class Custody(Value):
    """Who holds the dispute (承办), whom it was offered to, which clocks run.

    Of `clocks` those in `paused` stand still.
    """

    code: str | None = None
    facts: Facts | None = None
    parties: int = 0
    opened_at: AwareDatetime | None = None
    stage: Stage | None = None
    holder: str | None = None
    tier: Tier | None = None
    offered_to: str | None = None
    designator: str | None = None
    clocks: tuple[Clock, ...] = ()
    paused: tuple[ClockPaused, ...] = ()
    breaches: int = 0
    orders: int = 0
    outcome: OutcomeRecorded | None = None
    replied: bool = False
    taken: bool = False
    mediating: bool = False
    closed_at: AwareDatetime | None = None

    def after(self, event: DomainEvent, at: datetime) -> Self:
        """Remember what happened; `at` is when it was recorded. Never refuses."""
        match event:
            case ClockStarted() | ClockStopped() | ClockExtended() | ClockBreached():
                return self._timed(event)
            case ClockPaused() | ClockResumed():
                return self._timed(event)
            case CustodyOpened(holder=holder, code=code, facts=facts, parties=parties):
                opened = self._with(code=code, facts=facts, parties=parties)
                return opened._with(holder=holder, opened_at=at, stage=Stage.ROUTING)
            case FactsCorrected(facts=facts, parties=parties):
                return self._with(facts=facts, parties=parties)
            case HandoffOffered(to=body):
                return self._at(Stage.OFFERED, offered_to=body)
            case DesignationAsked(designator=body):
                return self._at(Stage.DESIGNATING, designator=body)
            case (
                HandoffAccepted(by=body, tier=tier)
                | HandoffDesignated(to=body, tier=tier)
            ):
                tier = tier or self.tier
                return self._at(
                    Stage.IN_HAND, holder=body, tier=tier, taken=True, mediating=False
                )
            case HandoffDeclined() | HandoffLapsed():
                return self._at(Stage.ROUTING)
            case RouteRequested():
                return self._at(self.stage if self._in_hand else Stage.ROUTING)
            case HandoffRecalled():
                return self._at(self._stage_without_offer)
            case KeptForSafety(holder=holder):
                return self._at(Stage.KEPT, holder=holder, replied=False)
            case LedToLaw(holder=holder):
                return self._at(Stage.LED_TO_LAW, holder=holder, replied=False)
            case MediationStarted():
                return self._at(Stage.MEDIATING, mediating=True)
            case OutcomeRecorded():
                return self._at(
                    Stage.RESOLVED, outcome=event, mediating=False, replied=False
                )
            case ReplyRecorded():
                return self._with(replied=True)
            case DisputeClosed():
                return self._at(Stage.CLOSED, closed_at=at, clocks=(), paused=())
            case DisputeReopened():
                return self._at(
                    Stage.ROUTING, closed_at=None, outcome=None, replied=False
                )
            case SupervisionIssued(order=order):
                return self._with(orders=order)
            case _:
                return self

    def _timed(self, event: DomainEvent) -> Self:
        match event:
            case (
                ClockStarted(clock=clock)
                | ClockExtended(clock=clock)
                | ClockResumed(clock=clock)
            ):
                others = self._without(clock.name)
                return others._with(clocks=(*others.clocks, clock))
            case ClockPaused():
                return self._with(paused=(*self._going(event.clock), event))
            case ClockStopped(clock=name):
                return self._without(name)
            case ClockBreached(clock=name):
                return self._without(name)._with(breaches=self.breaches + 1)
            case _:
                return self

    @property
    def _in_hand(self) -> bool:
        return self.stage in (Stage.IN_HAND, Stage.MEDIATING)

    @property
    def _stage_without_offer(self) -> Stage:
        """Where it stands when an offer is taken back: as before the offer."""
        if self.mediating:
            return Stage.MEDIATING
        return Stage.IN_HAND if self.taken else Stage.HELD

    def _at(self, stage: Stage | None, **changes: object) -> Self:
        """At another stage; what was asked of somebody before has been answered."""
        answered = {"offered_to": None, "designator": None}
        return self._with(**{**answered, "stage": stage, **changes})

    def _with(self, **changes: object) -> Self:
        return self.model_copy(update=changes)

    def _without(self, name: str) -> Self:
        clocks = tuple(clock for clock in self.clocks if clock.name != name)
        return self._with(clocks=clocks, paused=self._going(name))

    def _going(self, name: str) -> tuple[ClockPaused, ...]:
        """The pauses of all other clocks."""
        return tuple(pause for pause in self.paused if pause.clock != name)

    def pause_of(self, clock: str) -> ClockPaused | None:
        return next((pause for pause in self.paused if pause.clock == clock), None)
