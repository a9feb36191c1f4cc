"""Every code that audit may have to tell has words in both languages.

Services do not import each other, so what others say is compared here.
"""

from __future__ import annotations

import pytest

# Every event class must exist before the completeness of the words is tried.
import shared.events.delivery
import shared.events.escalation
import shared.events.intake
import shared.events.notifications
import shared.events.routing  # noqa: F401
from services.audit.messages import messages
from services.escalation import domain as escalation
from services.notifications.messages import messages as letters
from services.routing.decider import Route
from services.routing.directory import Told
from services.routing.packs import Pack
from services.routing.packs.outcomes import outcome
from shared.bodies import ChannelKind
from shared.events import routing, vocabulary
from shared.events.base import event_classes
from shared.events.clocks import Pause
from shared.events.escalation import ExtensionReason, HandReason
from shared.region import Region

SPEAKERS = ("intake", "escalation", "routing", "notifications", "delivery")
CLOCKS = {
    *(escalation.ANSWER, escalation.FIRST_HANDLING, escalation.ROUTING),
    *(escalation.DESIGNATION, escalation.CLOSE_OUT),
    *(escalation.SAFETY_REVIEW, escalation.HOLDER_DECIDES, escalation.HUMAN),
    escalation.PAUSE_REVIEW,
}


@pytest.fixture(scope="module")
def region() -> Region:
    return Region.load("sample")


@pytest.fixture(scope="module")
def pack() -> Pack:
    return Pack.load("sample")


def test_every_public_event_has_a_sentence():
    ours = [
        kind
        for kind in event_classes()
        if kind.is_public and kind.__module__.removeprefix("shared.events.") in SPEAKERS
    ]

    assert {kind.event_name for kind in ours} == messages().sentences.keys()


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        ("source", vocabulary.Source),
        ("flag", vocabulary.Flag),
        ("handoff_kind", vocabulary.HandoffKind),
        ("tier", vocabulary.Tier),
        ("route_reason", vocabulary.RouteReason),
        ("decline_reason", vocabulary.DeclineReason),
        ("result", vocabulary.Result),
        ("end_reason", vocabulary.EndReason),
        ("hand_reason", HandReason),
        ("pause", Pause),
        ("extension_reason", ExtensionReason),
        ("action", routing.Action),
        ("severity", routing.Severity),
        ("routes", Route),
        ("channel", {*ChannelKind, "none", "withheld"}),
        ("template", letters().template),
    ],
)
def test_every_code_has_words(table, codes):
    assert messages().words[table].keys() == set(codes)


def test_every_step_of_a_search_has_words():
    assert messages().steps.keys() == set(Told)


def test_every_rule_table_of_the_region_has_a_name(pack):
    assert messages().words["table"].keys() == pack.tables.keys()


def test_every_lawful_channel_that_the_region_names_has_words(pack):
    entries = {table: answers(pack, table) for table in ("way", "nobody")}
    named = {r for rows in entries.values() for row in rows for r in row.routes}

    assert named
    assert named <= messages().words["routes"].keys()


def test_every_clock_has_words(region, pack):
    by_rules = {
        pack.clocks[id].name for row in answers(pack, "clocks") for id in row.clocks
    }
    by_source = {profile.first_clock.name for profile in region.profiles.values()}

    assert by_rules | by_source | CLOCKS == messages().words["clock"].keys()


def answers(pack, table):
    """What every row of a table answers."""
    names = [output.name for output in pack.tables[table].outputs]
    for row in pack.tables[table].rows:
        values = [entry.value for entry in row.entries]
        yield outcome(table, dict(zip(names, values, strict=True)))
