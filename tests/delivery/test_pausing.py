"""Clocks that stand still, on real PostgreSQL: once each, and never silent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from uuid import UUID

import pytest

from services.escalation import views
from services.escalation.commands import ExtendClock, PauseClock, ResumeClock
from services.watch import gauges
from shared.events.clocks import Pause
from shared.events.database import Database
from shared.events.errors import RefusedError
from shared.events.escalation import (
    ClockBreached,
    ClockExtended,
    ClockPaused,
    ClockResumed,
    ExtensionReason,
    SupervisionIssued,
)
from tests.delivery.test_escalation import World, at_once, fire_all
from tests.unit.custody_scenarios import VILLAGE
from tests.unit.test_escalation_extending import handling
from tests.unit.test_escalation_pausing import pausable

SILENT = "fengqiao_open_disputes_without_clock"


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    found = World(database)
    yield found
    found.service.close()


@pytest.fixture
def dispute(world: World) -> UUID:
    return world.accepts(world.offers(clocks=(pausable(),)))


def pausing(command_id: str = "pause-1", **more: object) -> PauseClock:
    told = {"clock": "mediation", "reason": Pause.APPRAISAL, **more}
    return PauseClock(command_id=command_id, by=VILLAGE, **told)


def resuming(command_id: str = "resume-1") -> ResumeClock:
    return ResumeClock(command_id=command_id, by=VILLAGE, clock="mediation")


def table(world: World) -> list:
    return world.database.read(
        "SELECT clock, next_at IS NULL, paused_at FROM escalation.clocks ORDER BY clock"
    )


def silent(world: World) -> float:
    found = gauges._custody(world.database)
    return next(sample.value for sample in found if sample.metric == SILENT)


def test_the_table_of_clocks_shows_what_stands_still(world, dispute):
    world.does(dispute, pausing())

    since = world.database.now()
    assert table(world) == [("mediation", True, since), ("pause_review", False, None)]
    assert views.next_due(world.database) > since

    world.does(dispute, resuming())
    assert table(world) == [("mediation", False, None)]


def test_what_stands_still_does_not_end_and_is_supervised(world, dispute):
    world.does(dispute, pausing())
    world.database.advance(timedelta(days=100))

    fire_all(world.service)

    assert {each.event.clock for each in world.said(ClockBreached)} == {"pause_review"}
    assert len(world.said(SupervisionIssued)) == 1
    assert silent(world) == 0


def test_a_dispute_of_which_everything_stands_still_would_be_seen(world, dispute):
    world.does(dispute, pausing())

    with world.database.transaction() as cursor:
        cursor.execute("DELETE FROM escalation.clocks WHERE clock = 'pause_review'")

    assert silent(world) == 1


def test_after_it_goes_on_it_ends_once(world, dispute):
    world.does(dispute, pausing())
    world.database.advance(timedelta(days=40))
    world.does(dispute, resuming())

    world.database.advance(timedelta(days=60))
    fire_all(world.service)

    ended = [each.event.clock for each in world.said(ClockBreached)]
    assert ended.count("mediation") == 1


def test_of_two_people_who_pause_at_once_one_is_refused(world, dispute):
    code = world.service.state(dispute).code
    with closing(world.elsewhere()) as elsewhere:
        answers = at_once(
            lambda: world.service.execute(code, pausing("a")),
            lambda: elsewhere.execute(code, pausing("b")),
        )

    (refused,) = [a for a in answers if isinstance(a, RefusedError)]
    assert refused.reason == "already-paused"
    assert len(world.said(ClockPaused)) == 1


def test_the_same_commands_sent_again_are_answered_as_the_first_time(world, dispute):
    first = world.does(dispute, pausing())
    world.database.advance(timedelta(days=2))
    assert world.does(dispute, pausing()) == first

    going_on = world.does(dispute, resuming())
    world.database.advance(timedelta(days=2))
    assert world.does(dispute, resuming()) == going_on
    assert len(world.said(ClockResumed)) == 1


def test_a_command_id_of_a_pause_is_not_used_for_another_reason(world, dispute):
    world.does(dispute, pausing())

    with pytest.raises(RefusedError):
        world.does(dispute, pausing(reason=Pause.HEARING))


def test_of_two_heads_who_extend_at_once_one_is_refused(world):
    dispute = world.accepts(world.offers(clocks=(handling("head+30"),)))
    code = world.service.state(dispute).code
    told = {"by": VILLAGE, "clock": "handling", "reason": ExtensionReason.COMPLEX}

    answers = at_once(
        *(
            lambda id=id: world.service.execute(
                code, ExtendClock(command_id=id, days=30, **told)
            )
            for id in ("a", "b")
        )
    )

    (refused,) = [a for a in answers if isinstance(a, RefusedError)]
    assert refused.reason == "extended-already"
    assert len(world.said(ClockExtended)) == 1
