"""What routing says when nobody answers at a body that it would have asked."""

from __future__ import annotations

from datetime import date, datetime

from services.notifications.messages import messages
from services.notifications.table import notice_table
from services.routing.directory import Directory, Told
from services.routing.domain import Decisions
from services.routing.packs import PackDecider
from services.routing.packs.pack import Pack
from services.routing.policy import react
from shared.calendar import SHANGHAI
from shared.events.escalation import RouteRequested
from shared.events.facts import Facts
from shared.events.routing import Action, BodyAsleep
from shared.events.vocabulary import HandoffKind, RouteReason, Source
from shared.region import Region
from tests.unit.directory_given import add, sample_in

HEADER = "body,acceptor,deputy_of,channel,valid_from,valid_to,away_from,away_to,note"
AT = datetime(2026, 3, 2, 10, tzinfo=SHANGHAI)
DAY = date(2026, 3, 2)
FACTS = Facts(
    source=Source.POLICE,
    sender="police-fengqiao",
    kind="neighbour",
    place="330681109201",
    persons=2,
    side=1,
    asked=HandoffKind.REFERRAL,
)
ASKED = RouteRequested(
    request=1, reason=RouteReason.REGISTERED, holder="police-fengqiao", facts=FACTS
)
DECIDER = PackDecider(Pack.load("sample"))


def answers(tmp_path, *silent):
    """What routing says while nobody answers at these bodies."""
    rows = [f"{body},desk,,,2024-01-01,,2026-01-01,," for body in silent]
    region = Region.load(add(sample_in(tmp_path), "acceptors.csv", HEADER, *rows))
    return list(react(ASKED, Decisions(), AT, DECIDER, Directory(region)))


def test_while_everybody_answers_nobody_is_alarmed(tmp_path):
    assert len(answers(tmp_path)) == 1


def test_a_silent_body_is_passed_over_and_who_looks_after_it_is_alarmed(tmp_path):
    routed, alarm = answers(tmp_path, "pmc-village-fengxi")
    assert routed.lead == "room-police-fengqiao"
    assert (Told.NOT_AWAKE, "pmc-village-fengxi", "2026-03-02") in routed.steps
    to = "judicial-fengqiao"
    assert alarm == BodyAsleep(request=1, body="pmc-village-fengxi", day=DAY, to=to)


def test_a_dispute_never_goes_to_law_because_offices_are_closed(tmp_path):
    everybody = Region.load("sample").bodies
    routed, *alarms = answers(tmp_path, *everybody)
    assert routed.action is Action.DESIGNATE
    assert alarms and all(alarm.to is None for alarm in alarms)


def test_the_alarm_has_words():
    assert "body_asleep" in messages().template
    rows = notice_table().rows_for("body.asleep")
    assert [row.to for row in rows] == ["event.to"]
