"""What escalation says: who holds a dispute, what it was offered, which clocks run."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime

from shared.events.base import DomainEvent
from shared.events.clocks import Clock, ClockTerms, Pause
from shared.events.facts import Facts, Money
from shared.events.routing import FiredRow
from shared.events.vocabulary import (
    DeclineReason,
    EndReason,
    HandoffKind,
    Result,
    RouteReason,
    Tier,
)


class HandReason(StrEnum):
    """Why a person decided instead of the rules (人工决定理由)."""

    WRONG_ROW = "wrong_row"
    WRONG_FACTS = "wrong_facts"
    LOCAL_KNOWLEDGE = "local_knowledge"
    PARTY_WISH = "party_wish"
    CONFLICT_OF_INTEREST = "conflict_of_interest"
    LACKS_CAPACITY = "lacks_capacity"
    SAFETY = "safety"
    LAWFUL = "lawful"  # looked at, and found right


class ExtensionReason(StrEnum):
    """Why a head or a superior gives more time (延长理由)."""

    COMPLEX = "complex"
    MAJOR = "major"
    MANY_PARTIES = "many_parties"
    EVIDENCE_MISSING = "evidence_missing"


class CustodyOpened(DomainEvent, name="custody.opened"):
    """The body of first contact (首问负责) holds the dispute from the first second.

    `respondents` are the numbers of the parties on that side.
    """

    holder: str
    code: str
    parties: int
    respondents: tuple[int, ...] = ()
    facts: Facts


class FactsCorrected(DomainEvent, name="facts.corrected"):
    facts: Facts
    parties: int
    respondents: tuple[int, ...] = ()


class RouteRequested(DomainEvent, name="route.requested"):
    """Routing is asked who should act; `request` counts the questions of a dispute.

    `passed_over` did not take it since it was held last, `tried` held it and could not
    settle it since it began.
    """

    request: int
    reason: RouteReason
    facts: Facts
    holder: str
    tier: Tier | None = None
    declines: int = 0
    passed_over: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()


class HandoffOffered(DomainEvent, name="handoff.offered"):
    """A body was asked to take the dispute, and by when to answer. Custody stays."""

    request: int
    to: str
    sender: str
    kind: HandoffKind
    tier: Tier | None = None
    may_decline: bool
    dispatches: bool
    answer_by: AwareDatetime
    clocks: tuple[ClockTerms, ...]
    co_handlers: tuple[str, ...]
    rows: tuple[FiredRow, ...]


class HandoffAccepted(DomainEvent, name="handoff.accepted"):
    """The body that was asked took the dispute: custody moved to it."""

    by: str
    sender: str
    kind: HandoffKind
    tier: Tier | None = None
    mediators: int | None = None


class HandoffDeclined(DomainEvent, name="handoff.declined"):
    by: str
    reason: DeclineReason


class HandoffLapsed(DomainEvent, name="handoff.lapsed"):
    """The body that was asked did not answer in time."""

    to: str


class HandoffRecalled(DomainEvent, name="handoff.recalled"):
    """The sender took its offer back before it was answered."""

    to: str
    by: str
    reason: str


class DesignationAsked(DomainEvent, name="designation.asked"):
    """After a second decline a public body must name who acts (指定)."""

    request: int
    designator: str
    proposed: str | None = None
    tier: Tier | None = None
    clocks: tuple[ClockTerms, ...]
    rows: tuple[FiredRow, ...]


class HandoffDesignated(DomainEvent, name="handoff.designated"):
    """A public body named who acts; custody moved at once, and cannot be declined."""

    by: str
    to: str
    tier: Tier | None = None


class HumanAsked(DomainEvent, name="human.asked"):
    """A party wants a person, and not a rule, to decide who acts (PIPL 24).

    `request` and `rows` are of the decision that it is about; `decider` is the public
    body that is told, where there is one.
    """

    party: int
    by: str
    holder: str
    decider: str | None = None
    request: int
    rows: tuple[FiredRow, ...]


class DecidedByHand(DomainEvent, name="decision.by_hand"):
    """A person decided who acts, after the rules had (人工决定).

    `request` and `rows` are of the decision of the rules, `row` the one that is charged
    with having been overridden; none if the decision was `upheld` or charged already.
    `instead_of` is the body that the rules had chosen. An offer to `to` follows.
    """

    by: str
    to: str
    reason: HandReason
    holder: str
    instead_of: str | None = None
    request: int
    row: FiredRow | None = None
    rows: tuple[FiredRow, ...]
    upheld: bool = False


class KeptForSafety(DomainEvent, name="dispute.kept"):
    """Safety first: the holder keeps it until a person decides; no automatic move."""

    holder: str
    rows: tuple[FiredRow, ...]


class LedToLaw(DomainEvent, name="dispute.led_to_law"):
    """The parties are told the lawful channels (导入法治轨道), PML 26."""

    holder: str
    routes: tuple[str, ...]
    parties: int
    rows: tuple[FiredRow, ...]


class ClockStarted(DomainEvent, name="clock.started"):
    clock: Clock


class ClockStopped(DomainEvent, name="clock.stopped"):
    """A clock ended before its time: its act was done (met) or became pointless."""

    clock: str
    met: bool


class ClockWarned(DomainEvent, name="clock.warned"):
    clock: str
    holder: str
    due: AwareDatetime
    fired_at: AwareDatetime


class ClockBreached(DomainEvent, name="clock.breached"):
    """A limit passed. `due` is when, `fired_at` when the clock process saw it."""

    clock: str
    holder: str
    due: AwareDatetime
    fired_at: AwareDatetime


class ClockExtended(DomainEvent, name="clock.extended"):
    """More time: both parties agreed (SPC-INV 27), or `by` approved for a `reason`."""

    clock: Clock
    by: str | None = None
    reason: ExtensionReason | None = None


class ClockPaused(DomainEvent, name="clock.paused"):
    """Time is not counted from `paused_at` on, until the clock is resumed (中止计算)."""

    clock: str
    by: str
    reason: Pause
    paused_at: AwareDatetime


class ClockResumed(DomainEvent, name="clock.resumed"):
    """It is counted again; `clock` ends later by the time that was not counted."""

    clock: Clock
    by: str
    reason: Pause
    paused_at: AwareDatetime


class SupervisionIssued(DomainEvent, name="supervision.issued"):
    """A supervision order (督办) to the body whose limit passed; PWR 40."""

    body: str
    clock: str
    order: int


class ConsentRecorded(DomainEvent, name="consent.recorded"):
    """A party's will to mediate (PML 17); `party` 0 means every party at once."""

    party: int
    willing: bool


class MediationStarted(DomainEvent, name="mediation.started"):
    """All needed parties are willing and were told their rights (权利义务告知)."""

    by: str


class OutcomeRecorded(DomainEvent, name="outcome.recorded"):
    """How it came out. For groups, `ratified` of `parties` claimants agreed."""

    by: str
    result: Result
    end_reason: EndReason | None = None
    amount: Money | None = None
    ratified: int | None = None
    performed: bool = False
    parties: int


class ReplyRecorded(DomainEvent, name="reply.recorded"):
    """The parties were told the result (有回音); required before close-out."""

    by: str
    way: str


class DisputeClosed(DomainEvent, name="dispute.closed"):
    """Struck off the ledger (销号)."""

    by: str
    parties: int


class DisputeReopened(DomainEvent, name="dispute.reopened"):
    by: str
    reason: str
