"""What speakers say, to try notifications with. All names are invented."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from services.notifications import policy
from services.notifications.domain import Correspondence
from services.notifications.table import notice_table
from shared.calendar import SHANGHAI, Period, Unit
from shared.events.base import DomainEvent, Recorded, system
from shared.events.clocks import Clock, ClockTerms, OnBreach
from shared.events.escalation import CustodyOpened, HandoffOffered
from shared.events.facts import Facts
from shared.events.intake import DisputeCorrected, DisputeRegistered, Party, Side
from shared.events.notifications import NoticeQueued
from shared.events.routing import FiredRow
from shared.events.vocabulary import Flag, HandoffKind, Source, Tier
from shared.sealing import Sealed

MONDAY = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
DISPUTE = UUID("0c5d8f1e-0000-5000-8000-000000000001")
CODE = "330681-7KQ2-9XWM-4T0A-7"
POLICE, VILLAGE, TOWN = "police-fengqiao", "pmc-village-fengxi", "pmc-fengqiao"
JUSTICE = "justice-zhuji"

FACTS = Facts(
    source=Source.POLICE,
    sender=POLICE,
    kind="neighbour",
    place="330681109201",
    persons=2,
    side=1,
    asked=HandoffKind.REFERRAL,
)
DANGER = FACTS.model_copy(update={"flags": (Flag.DOMESTIC_VIOLENCE,)})
ROW = FiredRow(table="lead", row="NB-01", legal_basis="人民调解法 第十七条")
TERMS = ClockTerms(
    name="first_handling",
    period=Period(amount=24, unit=Unit.HOURS),
    on_breach=OnBreach.SUPERVISE,
    legal_basis="design default",
)
CLOCK = Clock(
    name="first_handling",
    terms=TERMS,
    started_at=MONDAY,
    due=MONDAY + timedelta(days=1),
    provisional=False,
    calendar="2026",
)


def sealed(text: str = "MDEyMw==") -> Sealed:
    return Sealed(key=uuid5(DISPUTE, "key"), nonce="bm9uY2U=", text=text)


def party(number: int, contact: Sealed | None = None) -> Party:
    side = Side.APPLICANT if number == 1 else Side.RESPONDENT
    key = uuid5(DISPUTE, f"party-{number}")
    return Party(number=number, side=side, key=key, name=sealed(), contact=contact)


def registered(
    facts: Facts = FACTS, parties: int = 2, contacts: Iterable[Sealed | None] = ()
) -> DisputeRegistered:
    given = [*contacts, *[None] * parties][:parties]
    return DisputeRegistered(
        code=CODE,
        reference="FQ-2026-17",
        facts=facts,
        arose_at=MONDAY,
        first_contact=POLICE,
        first_clock=CLOCK,
        parties=tuple(party(n, c) for n, c in enumerate(given, start=1)),
        narrative=sealed(),
        fingerprint={},
        directory="abc",
    )


def corrected(facts: Facts = FACTS, parties: int = 2) -> DisputeCorrected:
    return DisputeCorrected(
        changed=("kind",),
        facts=facts,
        parties=tuple(party(n) for n in range(1, parties + 1)),
        narrative=sealed(),
        fingerprint={},
    )


def opened(facts: Facts = FACTS, parties: int = 2) -> CustodyOpened:
    return CustodyOpened(holder=POLICE, code=CODE, parties=parties, facts=facts)


def offered(to: str = VILLAGE) -> HandoffOffered:
    return HandoffOffered(
        request=1,
        to=to,
        sender=POLICE,
        kind=HandoffKind.REFERRAL,
        tier=Tier.VILLAGE,
        may_decline=True,
        dispatches=False,
        answer_by=MONDAY + timedelta(days=3),
        clocks=(TERMS,),
        co_handlers=("judicial-fengqiao",),
        rows=(ROW,),
    )


def said(speaker: str, *events: DomainEvent, first: int = 1) -> list[Recorded]:
    """What one speaker recorded of the dispute, in order."""
    return [
        Recorded(
            speaker=speaker,
            dispute=DISPUTE,
            version=version,
            occurred_at=MONDAY,
            recorded_at=MONDAY,
            actor=system(speaker),
            cause="test",
            event=event,
        )
        for version, event in enumerate(events, start=first)
    ]


def reactions(heard: Sequence[Recorded]) -> list[DomainEvent]:
    """Everything that notifications records when it hears this in this order."""
    state, found = Correspondence(), []
    for each in heard:
        events = list(policy.react(each, state, notice_table()))
        for event in events:
            state = state.evolve(event)
        found += events
    return found


def notices(events: Iterable[DomainEvent]) -> list[tuple[str, str]]:
    """Who is told, and with which text."""
    return [(e.to, e.template) for e in events if isinstance(e, NoticeQueued)]
