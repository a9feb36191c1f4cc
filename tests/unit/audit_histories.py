"""Histories to try audit with: what several speakers told of one dispute.

All names are invented. Times are minutes after Monday 2026-03-02, 09:00 in Beijing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from uuid import UUID, uuid5

from services.audit.messages import messages
from services.audit.names import RegionNames, RuleWords
from services.audit.wording import Words
from services.routing.packs import Pack
from shared.calendar import SHANGHAI, Period, Unit
from shared.events.audit import EventHeard, EventsHeard
from shared.events.base import Actor, DomainEvent, Recorded, system
from shared.events.clocks import Clock, ClockTerms, OnBreach
from shared.events.escalation import (
    ClockStarted,
    ClockStopped,
    CustodyOpened,
    DisputeClosed,
    HandoffAccepted,
    HandoffDeclined,
    HandoffOffered,
    MediationStarted,
    OutcomeRecorded,
    ReplyRecorded,
    RouteRequested,
)
from shared.events.facts import Exactness, Facts, Money
from shared.events.intake import DisputeRegistered, Party, Side
from shared.events.notifications import NoticeQueued, NoticeSent
from shared.events.routing import Action, FiredRow, Routed, Severity
from shared.events.vocabulary import (
    DeclineReason,
    HandoffKind,
    Result,
    RouteReason,
    Source,
    Tier,
)
from shared.region import Region
from shared.sealing import Sealed

MONDAY = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
DISPUTE = UUID("0c5d8f1e-0000-5000-8000-000000000001")
CODE = "330681-7KQ2-9XWM-4T0A-7"

POLICE, VILLAGE, TOWN = "police-fengqiao", "pmc-village-fengxi", "pmc-fengqiao"
OFFICER = Actor(body=POLICE, person="陈一鸣", role="officer")
MEDIATOR = Actor(body=VILLAGE, person="周小安", role="mediator")
SECRET = "MDEyMzQ1Njc4OWFiY2RlZg=="

FACTS = Facts(
    source=Source.POLICE,
    sender=POLICE,
    kind="neighbour",
    place="330681109",
    persons=2,
    side=1,
    asked=HandoffKind.REFERRAL,
)
ROW = FiredRow(table="way", row="W67", legal_basis="design default")
GONE = FiredRow(
    table="lead", row="NB-01", legal_basis="人民调解法第17条", provisional=True
)
DECLINED = HandoffDeclined(by=VILLAGE, reason=DeclineReason.CONFLICT_OF_INTEREST)
OFFER_TERMS = ClockTerms(
    name="answer",
    period=Period(amount=3, unit=Unit.WORKING_DAYS),
    on_breach=OnBreach.LAPSE,
    legal_basis="design default",
    provisional=True,
)


def sample_rules() -> RuleWords:
    """What the rows of the sample region's rules say."""
    pack = Pack.load("sample")
    return RuleWords(pack.words, {pack.version: pack.words})


@cache
def sample_words() -> Words:
    """The words of the sample region."""
    return Words(RegionNames(Region.load("sample"), sample_rules()), messages())


def after(minutes: float) -> datetime:
    return MONDAY + timedelta(minutes=minutes)


def sealed() -> Sealed:
    return Sealed(key=uuid5(DISPUTE, "key"), nonce="bm9uY2U=", text=SECRET)


def a_clock(name: str, due: float, *, provisional: bool = False) -> Clock:
    terms = OFFER_TERMS.model_copy(update={"name": name, "provisional": provisional})
    return Clock(
        name=name,
        terms=terms,
        started_at=MONDAY,
        due=after(due),
        provisional=provisional,
        calendar="2024-2026@aa",
    )


def registered(parties: int = 2, facts: Facts = FACTS) -> DisputeRegistered:
    return DisputeRegistered(
        code=CODE,
        reference="JJ-2026-0017",
        facts=facts,
        arose_at=after(-600),
        first_contact=facts.sender,
        first_clock=a_clock("first_handling", 1440, provisional=True),
        parties=tuple(
            Party(
                number=n, side=Side.APPLICANT, key=uuid5(DISPUTE, str(n)), name=sealed()
            )
            for n in range(1, parties + 1)
        ),
        narrative=sealed(),
        fingerprint={"narrative": "ab12"},
        directory="sample@1f",
    )


def routed(request: int, lead: str, reason: RouteReason) -> Routed:
    return Routed(
        request=request,
        reason=reason,
        action=Action.OFFER,
        severity=Severity.SIMPLE,
        lead=lead,
        tier=Tier.VILLAGE,
        kind=HandoffKind.REFERRAL,
        rows=(ROW, GONE),
        steps=(("passed-over", POLICE), ("found", lead, "PMC_VILLAGE", FACTS.place)),
        facts=FACTS,
        versions={"table": "2026-01@77e0", "directory": "1f"},
    )


def offered(request: int, to: str) -> HandoffOffered:
    return HandoffOffered(
        request=request,
        to=to,
        sender=POLICE,
        kind=HandoffKind.REFERRAL,
        tier=Tier.VILLAGE,
        may_decline=True,
        dispatches=False,
        answer_by=after(3 * 1440),
        clocks=(),
        co_handlers=(),
        rows=(ROW, GONE),
    )


def asked(request: int, reason: RouteReason) -> RouteRequested:
    return RouteRequested(request=request, reason=reason, facts=FACTS, holder=POLICE)


class Telling:
    """What everybody told of one dispute so far, in the order of telling."""

    def __init__(self) -> None:
        self.told: list[EventHeard] = []
        self._notices = count(1)

    def says(
        self,
        speaker: str,
        event: DomainEvent,
        at: float,
        *,
        cause: str = "command-1",
        occurred: float | None = None,
        by: Actor | None = None,
        skip: int = 0,
    ) -> str:
        """One event; `skip` versions before it were not public. Returns its place."""
        last = max((e.version for e in self.told if e.speaker == speaker), default=0)
        heard = EventHeard(
            speaker=speaker,
            version=last + 1 + skip,
            name=event.stored_name,
            occurred_at=after(at if occurred is None else occurred),
            recorded_at=after(at),
            actor=by or system(speaker),
            cause=cause,
            data=event.model_dump(mode="json", exclude_none=True),
        )
        self.told.append(heard)
        return heard.place

    def notifies(self, to: Iterable[str], template: str, at: float, cause: str) -> None:
        """Notices are queued, and then they all go out."""
        for notice in self.queues(to, template, at, cause):
            self.sends(notice, at + 1)

    def queues(
        self, to: Iterable[str], template: str, at: float, cause: str
    ) -> list[UUID]:
        notices = {uuid5(DISPUTE, f"notice-{next(self._notices)}"): each for each in to}
        for notice, each in notices.items():
            queued = NoticeQueued(
                notice=notice, to=each, template=template, facts={}, about=cause
            )
            self.says("notifications", queued, at, cause=cause, skip=1)
        return list(notices)

    def sends(self, notice: UUID, at: float, tries: int = 1) -> None:
        sent = NoticeSent(notice=notice, channel="file", tries=tries)
        self.says("notifications", sent, at, cause=f"{notice}/{tries}")

    @property
    def history(self) -> list[Recorded]:
        return heard_as(self.told)


def heard_as(events: Sequence[EventHeard]) -> list[Recorded]:
    """Audit's own history, if it heard these events in this order."""
    return [
        Recorded(
            speaker="audit",
            dispute=DISPUTE,
            version=version,
            occurred_at=event.recorded_at,
            recorded_at=event.recorded_at,
            actor=system("audit"),
            cause=event.place,
            event=EventsHeard(heard=(event,)),
        )
        for version, event in enumerate(events, start=1)
    ]


def newly_registered(parties: int = 2) -> Telling:
    """A police station's neighbours' quarrel: registered, held, a route asked for."""
    told = Telling()
    start = told.says("intake", registered(parties), 0, occurred=-30, by=OFFICER)
    opened = CustodyOpened(holder=POLICE, code=CODE, parties=parties, facts=FACTS)
    told.says("escalation", opened, 1, cause=start)
    clock = ClockStarted(clock=a_clock("first_handling", 1440, provisional=True))
    told.says("escalation", clock, 1, cause=start)
    told.says("escalation", asked(1, RouteReason.REGISTERED), 1, cause=start)
    people = [f"party:{n}" for n in range(1, parties + 1)]
    told.notifies(people, "registered_party", 2, start)
    return told


def offered_to(told: Telling, body: str, at: float, request: int = 1) -> Telling:
    """Routing names a body, and escalation offers it the dispute."""
    question = [e for e in told.told if e.name == RouteRequested.stored_name][-1]
    reason = RouteReason.REGISTERED if request == 1 else RouteReason.DECLINED
    decision = told.says(
        "routing", routed(request, body, reason), at, cause=question.place
    )
    offer = told.says("escalation", offered(request, body), at + 1, cause=decision)
    clock = ClockStarted(clock=a_clock("answer", 3 * 1440))
    told.says("escalation", clock, at + 1, cause=decision)
    told.notifies([body], "handoff_offered", at + 2, offer)
    return told


def waiting_for_the_village() -> Telling:
    return offered_to(newly_registered(), VILLAGE, 3)


def declined_once() -> Telling:
    """The village does not take it; the town is asked."""
    told = waiting_for_the_village()
    command = {"cause": "command-2", "by": MEDIATOR}
    told.says("escalation", DECLINED, 60, **command)
    told.says("escalation", ClockStopped(clock="answer", met=True), 60, **command)
    told.says("escalation", asked(2, RouteReason.DECLINED), 60, **command)
    return offered_to(told, TOWN, 61, request=2)


def in_mediation() -> Telling:
    told = waiting_for_the_village()
    accepted = HandoffAccepted(
        by=VILLAGE, sender=POLICE, kind=HandoffKind.REFERRAL, tier=Tier.VILLAGE
    )
    command = {"cause": "command-2", "by": MEDIATOR}
    told.says("escalation", accepted, 60, **command)
    for name in ("answer", "first_handling"):
        told.says("escalation", ClockStopped(clock=name, met=True), 60, **command)
    month = ClockStarted(clock=a_clock("mediation", 30 * 1440))
    told.says("escalation", month, 60, **command)
    started = MediationStarted(by=VILLAGE)
    told.says("escalation", started, 120, cause="command-3", by=MEDIATOR)
    return told


def settled_but_reported_late() -> Telling:
    """Settled on Tuesday morning; the mediator enters it on Thursday."""
    told = in_mediation()
    outcome = OutcomeRecorded(
        by=VILLAGE,
        result=Result.AGREED_WRITTEN,
        amount=Money(yuan=60000, exactness=Exactness.AT_LEAST),
        ratified=2,
        performed=True,
        parties=2,
    )
    told.says(
        "escalation", outcome, 3 * 1440, cause="command-4", occurred=1440, by=MEDIATOR
    )
    return told


def settled_in_the_village() -> Telling:
    told = settled_but_reported_late()
    reply = ReplyRecorded(by=VILLAGE, way="in_person")
    told.says("escalation", reply, 4 * 1440, cause="command-5", by=MEDIATOR)
    closed = DisputeClosed(by=VILLAGE, parties=2)
    end = told.says("escalation", closed, 4 * 1440 + 5, cause="command-6", by=MEDIATOR)
    told.notifies(["party:1", "party:2"], "closed_party", 4 * 1440 + 6, end)
    return told
