"""Disputes on their way through escalation, named after where they stand.

Each is made from the one before by what really leads there: an event heard, a command
of a body, a clock that fires. No database, no broker; time stands still on a Monday.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid5

from services.escalation import policy
from services.escalation.clock import fired
from services.escalation.command import OfficeCommand
from services.escalation.commands import (
    Accept,
    ChooseLaw,
    Close,
    Decline,
    Designate,
    PassUp,
    Recall,
    RecordConsent,
    RecordOutcome,
    RecordReply,
    Reopen,
    StartMediation,
)
from services.escalation.domain import Custody
from services.escalation.offices import Offices
from shared.calendar import SHANGHAI, Period, Unit, load_calendar
from shared.events.clocks import Clock, ClockTerms, OnBreach
from shared.events.facts import Facts
from shared.events.intake import DisputeCorrected, DisputeRegistered, Party, Side
from shared.events.routing import Action, FiredRow, Routed, Severity
from shared.events.vocabulary import (
    DeclineReason,
    EndReason,
    Flag,
    HandoffKind,
    Result,
    RouteReason,
    Source,
    Tier,
    dispute_id,
)
from shared.region import Region
from shared.sealing import Sealed

CALENDAR = load_calendar()
MONDAY = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
TUESDAY_NIGHT = datetime(2026, 3, 3, 23, 59, 59, tzinfo=SHANGHAI)
THURSDAY_NIGHT = datetime(2026, 3, 5, 23, 59, 59, tzinfo=SHANGHAI)
SECOND = timedelta(seconds=1)

POLICE, COURT = "police-fengqiao", "court-zhuji"
VILLAGE, TOWN, COUNTY = "pmc-village-fengxi", "pmc-fengqiao", "pmc-zhuji"
CENTRE, JUSTICE, LAW_FIRM = "centre-zhuji", "justice-zhuji", "lawfirm-fengqiao"
GUIDANCE, ROOM = "guidance-manas", "room-court-manas"

OFFICES = Offices(Region.load("sample"), MONDAY.date())
DISPUTE = dispute_id(POLICE, "2026-0042")
CODE = "330681-7KQ2-9XWM-4T0A-7"
SEALED = Sealed(key=uuid5(DISPUTE, "key"), nonce="bm9uY2U=", text="dGV4dA==")
ROW = FiredRow(table="way", row="W66", legal_basis="人民调解法第8条")


def limit(
    name: str,
    amount: int,
    unit: Unit,
    on_breach: OnBreach = OnBreach.SUPERVISE,
    **rule: object,
) -> ClockTerms:
    told = {"legal_basis": "样例依据", **rule}
    period = Period(amount=amount, unit=unit)
    return ClockTerms(name=name, period=period, on_breach=on_breach, **told)


def default(name: str, amount: int, unit: Unit) -> ClockTerms:
    """A limit of escalation's own, which no law gives."""
    terms = limit(name, amount, unit)
    return terms.model_copy(
        update={"legal_basis": "design default", "provisional": True}
    )


def clock(terms: ClockTerms, due: datetime, started_at: datetime = MONDAY) -> Clock:
    return Clock(
        name=terms.name,
        terms=terms,
        started_at=started_at,
        due=due,
        provisional=terms.provisional,
        calendar=CALENDAR.version,
    )


FIRST_HANDLING = limit("first_handling", 24, Unit.HOURS)
ANSWER = limit("answer", 3, Unit.WORKING_DAYS, OnBreach.LAPSE)
DESIGNATION = limit("designation", 3, Unit.WORKING_DAYS)
MEDIATION = limit("mediation", 30, Unit.CALENDAR_DAYS, OnBreach.ESCALATE)
ROUTING = default("routing", 1, Unit.WORKING_DAYS)
CLOSE_OUT = default("close_out", 7, Unit.WORKING_DAYS)
SAFETY_REVIEW = default("safety_review", 24, Unit.HOURS)
HOLDER_DECIDES = default("holder_decides", 3, Unit.WORKING_DAYS)
HUMAN_DECISION = default("human_decision", 3, Unit.WORKING_DAYS)

FIRST_CLOCK = clock(FIRST_HANDLING, MONDAY + timedelta(hours=24))
ROUTING_CLOCK = clock(ROUTING, TUESDAY_NIGHT)
ANSWER_CLOCK = clock(ANSWER, THURSDAY_NIGHT)
HOLDER_CLOCK = clock(HOLDER_DECIDES, THURSDAY_NIGHT)
MEDIATION_CLOCK = clock(MEDIATION, datetime(2026, 4, 1, 23, 59, 59, tzinfo=SHANGHAI))
CLOSE_OUT_CLOCK = clock(CLOSE_OUT, datetime(2026, 3, 11, 23, 59, 59, tzinfo=SHANGHAI))

FACTS = Facts(
    source=Source.POLICE,
    sender=POLICE,
    kind="neighbour",
    place="330681109201",
    persons=2,
    side=1,
    asked=HandoffKind.REFERRAL,
)


def facts(*flags: Flag, persons: int = 2) -> Facts:
    side = max(1, persons - 1)
    return FACTS.model_copy(update={"flags": flags, "persons": persons, "side": side})


def parties(claimants: int = 1, respondents: int = 1) -> tuple[Party, ...]:
    sides = [Side.APPLICANT] * claimants + [Side.RESPONDENT] * respondents
    return tuple(
        Party(number=n, side=side, key=uuid5(DISPUTE, f"party-{n}"), name=SEALED)
        for n, side in enumerate(sides, start=1)
    )


REGISTERED = DisputeRegistered(
    code=CODE,
    reference="2026-0042",
    facts=FACTS,
    arose_at=MONDAY - timedelta(hours=1),
    first_contact=POLICE,
    first_clock=FIRST_CLOCK,
    parties=parties(),
    narrative=SEALED,
    fingerprint={"kind": "digest"},
    directory="sample@1",
)


def correction(*flags: Flag, among: tuple[Party, ...] | None = None):
    among = parties() if among is None else among
    return DisputeCorrected(
        changed=("flags",),
        facts=facts(*flags, persons=len(among)),
        parties=among,
        narrative=SEALED,
        fingerprint={"kind": "digest"},
    )


def routed(request: int, action: Action, **more: object) -> Routed:
    told: dict[str, object] = {
        "request": request,
        "reason": RouteReason.REGISTERED,
        "action": action,
        "severity": Severity.SIMPLE,
        "rows": (ROW,),
        "facts": FACTS,
        "versions": {"table": "sample-2026.1@1", "directory": "sample@1"},
    }
    return Routed.model_validate({**told, **more})


def offer(request: int = 1, lead: str = VILLAGE, **more: object) -> Routed:
    told: dict[str, object] = {
        "lead": lead,
        "tier": Tier.VILLAGE,
        "kind": HandoffKind.REFERRAL,
        "answer": ANSWER,
        "clocks": (MEDIATION,),
    }
    return routed(request, Action.OFFER, **{**told, **more})


def designation(request: int, **more: object) -> Routed:
    told: dict[str, object] = {
        "designator": JUSTICE,
        "lead": TOWN,
        "tier": Tier.TOWN,
        "answer": DESIGNATION,
        "clocks": (MEDIATION,),
    }
    return routed(request, Action.DESIGNATE, **{**told, **more})


def law(request: int) -> Routed:
    return routed(request, Action.LAW, routes=("court", "legal_aid"))


def stay(request: int) -> Routed:
    return routed(request, Action.STAY)


NOTHING = Custody()


@dataclass(frozen=True)
class Dispute:
    """A dispute somewhere on its way. `said` is what the last step recorded."""

    state: Custody = NOTHING
    history: tuple = ()
    said: tuple = ()
    now: datetime = MONDAY

    def hears(self, event) -> Dispute:
        return self._with(policy.react(event, self.state, self.now, CALENDAR))

    def does(self, command: type, by: str, **more: object) -> Dispute:
        asked = command(command_id="command-1", by=by, **more)
        if isinstance(asked, OfficeCommand):
            said = asked.among(self.state, self.now, CALENDAR, OFFICES)
        else:
            said = asked.on(self.state, self.now, CALENDAR)
        return self._with(said)

    def looks_at(self, name: str) -> Dispute:
        return self._with(fired(self.state, name, self.now, CALENDAR))

    def later(self, **by: float) -> Dispute:
        return replace(self, now=self.now + timedelta(**by), said=())

    def at(self, moment: datetime) -> Dispute:
        return replace(self, now=moment, said=())

    def after(self, name: str) -> Dispute:
        """Just after a clock has run out, and the clock process has seen it."""
        return self.at(self.clock(name).due + SECOND).looks_at(name)

    def clock(self, name: str) -> Clock:
        found = self.state.running(name)
        assert found, f"{name} does not run; {self.clocks} do"
        return found

    @property
    def clocks(self) -> set[str]:
        return {running.clock.name for running in self.state.clocks}

    @property
    def request(self) -> int:
        return self.state.requests

    def _with(self, events) -> Dispute:
        said, state = tuple(events), self.state
        for event in said:
            state = state.evolve(event)
        state.check()
        return replace(self, state=state, history=(*self.history, *said), said=said)


# Where a dispute can stand


def registered(*flags: Flag, among: tuple[Party, ...] | None = None) -> Dispute:
    among = parties() if among is None else among
    told = {"facts": facts(*flags, persons=len(among)), "parties": among}
    return Dispute().hears(REGISTERED.model_copy(update=told))


def group_registered(claimants: int = 12, respondents: int = 1) -> Dispute:
    return registered(Flag.GROUP, among=parties(claimants, respondents))


def offered(dispute: Dispute | None = None, **more: object) -> Dispute:
    dispute = dispute or registered()
    return dispute.hears(offer(dispute.request, **more))


def recalled() -> Dispute:
    return offered().does(Recall, POLICE, reason="crime_suspected")


def accepted(dispute: Dispute | None = None) -> Dispute:
    return (dispute or offered()).does(Accept, VILLAGE)


def dispatching() -> Dispute:
    """A guidance committee has taken it, and routing is asked where to dispatch it."""
    return offered(lead=GUIDANCE, dispatches=True, clocks=()).does(Accept, GUIDANCE)


def all_willing(dispute: Dispute | None = None) -> Dispute:
    return (dispute or accepted()).does(RecordConsent, VILLAGE, party=0, willing=True)


def mediating(dispute: Dispute | None = None) -> Dispute:
    return all_willing(dispute).does(StartMediation, VILLAGE, rights_notice=True)


def group_mediating(claimants: int = 12, respondents: int = 1) -> Dispute:
    return mediating(accepted(offered(group_registered(claimants, respondents))))


def passed_up() -> Dispute:
    return mediating().does(PassUp, VILLAGE)


def offered_to_town() -> Dispute:
    return offered(passed_up(), lead=TOWN, tier=Tier.TOWN, kind=HandoffKind.ESCALATE)


def declined_once() -> Dispute:
    return offered().does(Decline, VILLAGE, reason=DeclineReason.LACKS_CAPACITY)


def declined_twice() -> Dispute:
    again = offered(declined_once(), lead=TOWN, tier=Tier.TOWN)
    return again.does(Decline, TOWN, reason=DeclineReason.OUT_OF_SCOPE)


def designation_asked() -> Dispute:
    return declined_twice().hears(designation(3))


def designated() -> Dispute:
    return designation_asked().does(Designate, JUSTICE, to=TOWN)


def kept_for_safety() -> Dispute:
    return registered(Flag.DOMESTIC_VIOLENCE).hears(stay(1))


def refused_by_party() -> Dispute:
    return mediating().does(RecordConsent, VILLAGE, party=2, willing=False)


def party_chose_law() -> Dispute:
    return mediating().does(ChooseLaw, COURT, party=1)


def led_to_law() -> Dispute:
    return party_chose_law().hears(law(2))


def not_settled() -> Dispute:
    ended = {"result": Result.TERMINATED, "end_reason": EndReason.NO_AGREEMENT}
    return mediating().does(RecordOutcome, VILLAGE, next_tier=True, **ended)


def agreed(dispute: Dispute | None = None, **more: object) -> Dispute:
    told = {"result": Result.AGREED_WRITTEN, **more}
    return (dispute or mediating()).does(RecordOutcome, VILLAGE, **told)


def replied() -> Dispute:
    return agreed().does(RecordReply, VILLAGE, way="telephone")


def closed() -> Dispute:
    return replied().does(Close, VILLAGE)


def reopened() -> Dispute:
    return closed().does(Reopen, VILLAGE, reason="not_performed")
