"""Escalation on real PostgreSQL: every clock fires once, every command counts once."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from itertools import count
from uuid import UUID, uuid4

import pytest

from services.escalation import clock, views
from services.escalation.answers import Answers
from services.escalation.clock import fire_due
from services.escalation.commands import (
    Accept,
    Decline,
    Designate,
    Recall,
    RecordConsent,
)
from services.escalation.domain import Stage
from services.escalation.service import EscalationService
from shared.calendar import load_calendar
from shared.events import wire
from shared.events.base import Actor, Recorded
from shared.events.database import Database
from shared.events.errors import (
    NotAllowedNowError,
    NotHeardYetError,
    NotYoursError,
    RefusedError,
    UnknownDisputeError,
)
from shared.events.escalation import (
    ClockBreached,
    ClockStarted,
    ClockWarned,
    HandoffAccepted,
    HandoffDeclined,
    SupervisionIssued,
)
from shared.events.inbox import Inbox
from shared.events.kafka import Foreign
from shared.events.vocabulary import DeclineReason, dispute_code
from shared.region import Region
from tests.conftest import MONDAY
from tests.unit.custody_scenarios import (
    POLICE,
    REGISTERED,
    TOWN,
    VILLAGE,
    law,
    offer,
)

STORES = {"intake": uuid4(), "routing": uuid4()}
PLACE = REGISTERED.facts.place


class World:
    """Escalation, and others whose words it hears."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.service = EscalationService(
            database, Region.load("sample"), load_calendar()
        )
        self.service.migrate()
        self.inbox = Inbox(self.service)
        self._positions = count(1)

    def hears(self, dispute: UUID, event, speaker: str = "intake") -> None:
        now, position = self.database.now(), next(self._positions)
        recorded = Recorded(
            speaker=speaker,
            dispute=dispute,
            version=position,
            occurred_at=now,
            recorded_at=now,
            actor=Actor(body="fengqiao"),
            cause="test",
            event=event,
        )
        told = wire.Told(
            speaker,
            STORES[speaker],
            position,
            dispute,
            position,
            event.stored_name,
            wire.written(recorded),
        )
        self.inbox.receive({f"{speaker}/{STORES[speaker]}": [told]})

    def registers(self, dispute: UUID | None = None) -> UUID:
        """A dispute whose first clock runs for a day from now."""
        dispute, now = dispute or uuid4(), self.database.now()
        first = REGISTERED.first_clock.model_copy(
            update={"started_at": now, "due": now + timedelta(hours=24)}
        )
        code = dispute_code(dispute, PLACE)
        told = {"code": code, "first_clock": first}
        self.hears(dispute, REGISTERED.model_copy(update=told))
        return dispute

    def offers(self, dispute: UUID | None = None, **more: object) -> UUID:
        dispute = dispute or self.registers()
        request = self.service.state(dispute).requests
        self.hears(dispute, offer(request, **more), "routing")
        return dispute

    def accepts(self, dispute: UUID | None = None) -> UUID:
        dispute = dispute or self.offers()
        self.does(dispute, accepting())
        return dispute

    def does(self, dispute: UUID, command) -> list[Recorded]:
        return self.service.execute(self.service.state(dispute).code, command)

    def said(self, kind: type) -> list[Recorded]:
        """Every event of a kind, in the order in which it was stored."""
        told = self.service.tell(0, 10_000)
        found = [wire.read(each) for each in told if each.name == kind.stored_name]
        return [each for each in found if each.speaker == "escalation"]

    def elsewhere(self) -> EscalationService:
        """The same service in another process."""
        return EscalationService(
            self.database, self.service.region, self.service.calendar
        )


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    found = World(database)
    yield found
    found.service.close()


def accepting(by: str = VILLAGE, command_id: str = "sign-1", **more: object) -> Accept:
    return Accept(command_id=command_id, by=by, person="clerk-7", **more)


# Hearing


def test_registration_and_route_become_custody_and_an_offer(world):
    dispute = world.offers()

    state = world.service.state(dispute)
    assert (state.stage, state.holder, state.offer.to) == (
        Stage.OFFERED,
        POLICE,
        VILLAGE,
    )


def test_a_body_has_its_whole_time_to_answer_however_late_it_was_asked(world):
    """Routing decided on Monday; escalation was down and heard of it on Friday."""
    dispute = world.registers()
    monday = world.database.now()
    world.database.advance(timedelta(days=4))
    recorded = Recorded(
        speaker="routing",
        dispute=dispute,
        version=1,
        occurred_at=monday,
        recorded_at=monday,
        actor=Actor(body="fengqiao"),
        cause="escalation:3",
        event=offer(1),
    )
    world.service.decide(
        dispute,
        recorded.place,
        lambda state: world.service.react(recorded, state, world.database.now()),
        actor=recorded.actor,
    )

    answer = world.service.state(dispute).running("answer")
    assert answer.started_at == world.database.now()


# Commands


def test_a_command_by_code_is_carried_out_and_told_by_whom(world):
    dispute = world.offers()

    done = world.does(dispute, accepting(occurred_at=MONDAY - timedelta(hours=1)))

    accepted = done[0]
    assert isinstance(accepted.event, HandoffAccepted)
    assert accepted.actor == Actor(body=VILLAGE, person="clerk-7")
    assert accepted.occurred_at == MONDAY - timedelta(hours=1)
    assert accepted.recorded_at == world.database.now()


def test_a_code_is_read_in_small_letters_too(world):
    code = world.service.state(world.offers()).code

    assert world.service.execute(code.lower(), accepting())


@pytest.mark.parametrize(
    "code", ["330681-0000-0000-0000-0", "", "\x00", "枫桥", "'; --"]
)
def test_an_unknown_code_is_said_to_be_unknown(world, code):
    with pytest.raises(UnknownDisputeError, match="look it up"):
        world.service.execute(code, accepting())


def test_after_a_lost_reply_the_same_command_is_answered_as_the_first_time(world):
    dispute = world.offers()

    first = world.does(dispute, accepting())
    world.database.advance(timedelta(days=3))
    again = world.does(dispute, accepting())

    assert again == first
    assert len(world.said(HandoffAccepted)) == 1


def test_a_command_id_used_for_something_else_is_refused_and_does_nothing(world):
    dispute = world.offers()
    world.does(dispute, accepting())

    with pytest.raises(RefusedError) as refused:
        world.does(
            dispute,
            Decline(
                command_id=accepting().command_id,
                by=VILLAGE,
                reason=DeclineReason.OUT_OF_AREA,
            ),
        )

    assert refused.value.reason == "command-reused"
    assert world.said(HandoffDeclined) == []


def test_a_code_just_given_out_is_not_called_unknown(world):
    code = dispute_code(uuid4(), PLACE)

    with pytest.raises(NotHeardYetError, match="try again in a moment"):
        world.service.execute(code, accepting())


def test_two_bodies_may_use_the_same_command_id(world):
    dispute = world.offers()
    world.does(
        dispute, Decline(command_id="1", by=VILLAGE, reason=DeclineReason.OUT_OF_AREA)
    )
    world.offers(dispute, lead=TOWN)

    assert world.does(dispute, accepting(TOWN, "1"))[0].actor.body == TOWN


def test_a_refused_command_changes_nothing_and_may_come_again_later(world):
    dispute = world.registers()
    before = world.service.history(dispute)
    with pytest.raises(NotAllowedNowError):
        world.does(dispute, accepting())
    assert world.service.history(dispute) == before

    world.offers(dispute)

    assert world.does(dispute, accepting())


@pytest.mark.parametrize(
    "command",
    [
        accepting("nobody-knows-it"),
        Designate(command_id="1", by=VILLAGE, to="nobody-knows-it"),
    ],
)
def test_a_body_that_is_not_in_the_directory_is_refused(world, command):
    dispute = world.offers()

    with pytest.raises(RefusedError, match="no body of that name"):
        world.does(dispute, command)


def test_nothing_is_told_before_it_happened(world):
    dispute = world.offers()

    with pytest.raises(RefusedError, match="has not come yet"):
        world.does(dispute, accepting(occurred_at=MONDAY + timedelta(minutes=6)))

    assert world.does(dispute, accepting(occurred_at=MONDAY + timedelta(minutes=4)))


def test_an_act_told_late_does_not_shorten_the_time_of_others(world):
    """The village says it declined on Monday; we learn it on Wednesday."""
    dispute = world.offers()
    world.database.advance(timedelta(days=2))

    world.does(
        dispute,
        Decline(
            command_id="1",
            by=VILLAGE,
            reason=DeclineReason.OUT_OF_AREA,
            occurred_at=MONDAY,
        ),
    )

    routing = world.service.state(dispute).running("routing")
    assert routing.started_at == world.database.now()


def at_once(*deeds):
    """Do all of it in the same instant, each in a thread; answers or errors."""
    ready = threading.Barrier(len(deeds))

    def run(deed):
        ready.wait()
        try:
            return deed()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def test_one_command_from_eight_threads_is_carried_out_once(world):
    dispute = world.offers()
    with closing(world.elsewhere()) as elsewhere:
        code = world.service.state(dispute).code
        services = [world.service, elsewhere] * 4

        answers = at_once(*[lambda s=s: s.execute(code, accepting()) for s in services])

    assert answers[0][0].event.by == VILLAGE
    assert all(answer == answers[0] for answer in answers)
    assert len(world.said(HandoffAccepted)) == 1


def test_of_acceptance_decline_and_recall_at_once_only_one_counts(world):
    dispute = world.offers()
    code = world.service.state(dispute).code
    with closing(world.elsewhere()) as elsewhere:
        answers = at_once(
            lambda: world.service.execute(code, accepting()),
            lambda: elsewhere.execute(
                code,
                Decline(command_id="2", by=VILLAGE, reason=DeclineReason.UNSUITABLE),
            ),
            lambda: elsewhere.execute(
                code, Recall(command_id="3", by=POLICE, reason="crime_suspected")
            ),
        )

    refused = [a for a in answers if isinstance(a, NotAllowedNowError | NotYoursError)]
    assert len(refused) == 2


# Clocks


def fire_all(service: EscalationService) -> int:
    fired = 0
    while done := fire_due(service):
        fired += done
    return fired


def test_clock_processes_that_fire_at_once_fire_every_clock_once(world):
    for _ in range(12):
        world.registers()
    world.database.advance(timedelta(days=3))
    with closing(world.elsewhere()) as elsewhere:
        services = [world.service, elsewhere] * 2
        fired = at_once(*[lambda s=s: fire_all(s) for s in services])

    assert sum(fired) == 24
    assert len(world.said(ClockBreached)) == 24
    assert len(world.said(SupervisionIssued)) == 24
    assert fire_due(world.service) == 0


def test_after_a_long_stop_clocks_fire_in_the_order_in_which_they_were_due(world):
    disputes = sorted((uuid4() for _ in range(6)), reverse=True)
    for dispute in disputes:
        world.accepts(world.offers(world.registers(dispute)))
        world.database.advance(timedelta(days=1))
    world.database.advance(timedelta(days=60))

    assert fire_due(world.service) == 6

    breached = world.said(ClockBreached)
    assert [each.dispute for each in breached] == disputes
    assert [each.event.clock for each in breached] == ["mediation"] * 6
    due = [each.event.due for each in breached]
    assert due == sorted(due)
    now = world.database.now()
    assert {each.event.fired_at for each in breached} == {now}
    assert {each.recorded_at for each in breached} == {now}
    assert max(due) < now


def test_clocks_of_one_dispute_fire_in_the_order_in_which_they_were_due(world):
    dispute = world.registers()
    world.database.advance(timedelta(days=30))

    fire_due(world.service)

    breached = [e.event for e in world.service.history(dispute)]
    clocks = [e.clock for e in breached if isinstance(e, ClockBreached)]
    assert clocks == ["first_handling", "routing"]


def test_what_a_long_stop_missed_is_not_repeated_for_every_day_of_it(world):
    world.registers()
    world.database.advance(timedelta(days=100))

    assert fire_all(world.service) == 2
    assert world.said(ClockWarned) == []


def test_a_warning_and_then_the_breach_come_each_once(world):
    dispute = world.offers()
    for _ in range(8):
        world.database.advance(timedelta(hours=12))
        fire_all(world.service)

    said = [e.event for e in world.service.history(dispute)]
    answers = [
        type(e)
        for e in said
        if isinstance(e, ClockWarned | ClockBreached) and e.clock == "answer"
    ]
    assert answers == [ClockWarned, ClockBreached]


def test_a_body_that_answers_as_its_time_runs_out_loses_or_wins_but_not_both(world):
    dispute = world.offers()
    code = world.service.state(dispute).code
    world.database.advance(timedelta(days=4))
    with closing(world.elsewhere()) as elsewhere:
        answers = at_once(
            lambda: fire_all(world.service),
            lambda: elsewhere.execute(code, accepting()),
        )

    state = world.service.state(dispute)
    taken = not isinstance(answers[1], NotAllowedNowError)
    assert state.holder == (VILLAGE if taken else POLICE)
    assert len(world.said(HandoffAccepted)) == taken
    state.check()


def test_a_clock_that_cannot_fire_stops_no_other(world, monkeypatch):
    ill, well = world.registers(), world.registers()
    world.database.advance(timedelta(days=3))
    fired = clock.fired

    def failing(state, *rest):
        if state.code == dispute_code(ill, PLACE):
            raise ZeroDivisionError
        return fired(state, *rest)

    monkeypatch.setattr(clock, "fired", failing)

    assert fire_due(world.service) == 2
    assert {each.dispute for each in world.said(ClockBreached)} == {well}


# Rows beside the events


def rows(world: World) -> tuple[list, list]:
    custody = world.database.read(
        "SELECT dispute, code, holder, stage, offered_to, version"
        " FROM escalation.custody ORDER BY dispute"
    )
    clocks = world.database.read(
        "SELECT dispute, clock, started_at, next_at FROM escalation.clocks"
        " ORDER BY dispute, clock"
    )
    return custody, clocks


def expected_rows(world: World, disputes) -> tuple[list, list]:
    custody, clocks = [], []
    for dispute in sorted(disputes):
        history = world.service.history(dispute)
        state = world.service.empty
        for each in history:
            state = state.evolve(each.event)
        to = state.offer.to if state.offer else None
        custody.append(
            (dispute, state.code, state.holder, state.stage, to, len(history))
        )
        clocks += sorted(
            (dispute, r.clock.name, r.clock.started_at, r.next_at) for r in state.clocks
        )
    return custody, clocks


def test_rows_always_say_what_the_histories_say(world):
    registered, offered, accepted, at_law = (
        world.registers(),
        world.offers(),
        world.accepts(),
        world.accepts(),
    )
    refused = RecordConsent(command_id="no", by=VILLAGE, party=1, willing=False)
    world.does(at_law, refused)
    everything = [registered, offered, accepted, at_law]
    assert rows(world) == expected_rows(world, everything)

    world.hears(at_law, law(2), "routing")
    world.database.advance(timedelta(days=3))
    fire_all(world.service)

    assert rows(world) == expected_rows(world, everything)


def test_the_next_clock_is_known_without_reading_histories(world):
    assert views.next_due(world.database) is None

    world.registers()

    starts = [e.event.clock for e in world.said(ClockStarted)]
    first = min(c.due for c in starts)
    assert views.next_due(world.database) <= first


# Answers from outside


def foreign(offset: int, body: bytes | None) -> Foreign:
    return Foreign("answers.other", 0, offset, {}, body)


def answer(offset: int, code: str, **command: object) -> Foreign:
    told = {"command_id": "1", "by": VILLAGE, **command}
    return foreign(offset, json.dumps({"code": code, "command": told}).encode())


def test_an_answer_that_cannot_be_carried_out_is_parked_and_stops_nobody(world):
    dispute = world.offers()
    code = world.service.state(dispute).code

    Answers(world.service, world.inbox)(
        [
            answer(1, "330681-0000-0000-0000-0", command="accept"),
            foreign(2, None),
            foreign(3, b"\xff\xfe"),
            answer(4, "\x00", command="accept"),
            answer(5, code, command="close"),
            answer(6, code, command="accept"),
        ]
    )

    assert world.service.state(dispute).holder == VILLAGE
    places = [message.came_from for message in world.inbox.parked()]
    assert places == [f"answers.other/0/{n}" for n in (1, 2, 3, 4, 5)]


def test_a_surprise_in_one_answer_stops_nobody_and_tells_no_content(world, monkeypatch):
    dispute = world.offers()
    code = world.service.state(dispute).code
    answers = Answers(world.service, world.inbox)

    def fail(*_: object) -> None:
        raise ZeroDivisionError("赵小满")

    with monkeypatch.context() as patched:
        patched.setattr(world.service, "execute", fail)
        answers([answer(1, code, command="accept")])

    (message,) = world.inbox.parked()
    assert "赵小满" not in message.reason
    clerk = Actor(body=POLICE, person="clerk-7")
    world.inbox.release(
        message.message, by=clerk, why="mended", foreign=answers.intents
    )
    assert world.service.state(dispute).holder == VILLAGE


def test_declines_are_told_to_everybody_who_listens(world):
    dispute = world.offers()
    world.does(
        dispute, Decline(command_id="1", by=VILLAGE, reason=DeclineReason.OUT_OF_AREA)
    )

    (declined,) = world.said(HandoffDeclined)
    assert declined.event == HandoffDeclined(
        by=VILLAGE, reason=DeclineReason.OUT_OF_AREA
    )
