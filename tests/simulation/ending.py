"""When nothing goes wrong any more: everything arrives, and then it must all agree."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from services.audit.domain import Dispute
from services.compose import FOREIGN, HEARS
from services.escalation.domain import Custody
from services.notifications import policy
from services.notifications.domain import Correspondence
from services.notifications.table import notice_table
from services.routing.directory import Directory
from services.routing.domain import Decisions
from services.routing.policy import react as route
from shared.events.base import Recorded
from shared.events.escalation import RouteRequested
from shared.events.intake import DisputeRegistered
from shared.events.notifications import NoticeQueued
from shared.events.routing import Routed
from shared.events.wire import positions_of
from tests.simulation.actions import Actions
from tests.simulation.broker import PARTITIONS
from tests.simulation.house import DECIDER, REGION
from tests.simulation.promises import Promises
from tests.simulation.world import EMBEDDED, Broken, World

MOST_ROUNDS = 60
ALL = 500
LATER = (0, 2, 15)
"""Days after which it comes to rest again, so that clocks warn and end."""


def heal(world: World, actions: Actions, promises: Promises) -> None:
    """Everything starts anew and runs until nothing moves any more."""
    world.say("from here on nothing goes wrong")
    _memories_are_right(world, promises)
    for who in world.alive():
        world.kill(who)
    for days in LATER:
        world.database.time += timedelta(days=days)
        _come_to_rest(world, actions, promises)


def _come_to_rest(world: World, actions: Actions, promises: Promises) -> None:
    for _ in range(MOST_ROUNDS):
        before = _stored(world)
        actions.is_mended()
        promises.hold()
        _once_around(world, actions)
        promises.hold()
        if _stored(world) == before:
            return
    raise Broken("it comes to rest", f"not within {MOST_ROUNDS} rounds")


def _stored(world: World) -> list[int]:
    return [len(world.histories[name].rows) for name in HEARS]


def _once_around(world: World, actions: Actions) -> None:
    while actions.asking.unanswered:
        actions.asking.asks_again()
    for name in HEARS:
        world.histories[name].page = ALL
        if world.on_kafka and name != "audit":
            world.relay(name)
        for topics in actions.carrying.heard_by(name):
            actions.carrying.hear(name, topics, 0, ALL)
    actions.fire()
    while actions.send():
        pass


class Agreement:
    """What must agree at the end. Every method raises `Broken`."""

    def __init__(self, world: World, promises: Promises) -> None:
        self._world, self._promises = world, promises

    def holds(self) -> None:
        self._nothing_is_undelivered()
        self._foreign_messages_are_done()
        self._nothing_is_parked()
        self._answers_are_stored()
        self._audit_has_it_all()
        for dispute in self._registered():
            self._is_in_hand(dispute)
            self._is_told(dispute)
        self._no_clock_is_overdue()

    def _registered(self) -> list[UUID]:
        said = self._promises.public.items()
        return [
            dispute
            for (name, dispute), events in said
            if name == "intake"
            and any(isinstance(e.event, DisputeRegistered) for e in events)
        ]

    def _nothing_is_undelivered(self) -> None:
        for hearer, speakers in HEARS.items():
            positions = self._world.histories[hearer].positions
            for speaker in speakers:
                if missing := self._missing(positions, speaker):
                    found = f"{hearer} has not heard {missing} of {speaker}"
                    raise Broken("everything said is delivered", found)

    def _missing(self, positions: dict[str, int], speaker: str) -> list[int]:
        histories = self._world.histories[speaker]
        parts = PARTITIONS if self._world.on_kafka else 1
        public = {(e.dispute, e.version) for e in self._said_by(speaker)}
        return [
            row.position
            for row in histories.rows
            if (row.stored.originator_id, row.stored.originator_version) in public
            and row.position
            > positions.get(
                positions_of(speaker, histories.store_id, _part(row, parts)), 0
            )
        ]

    def _said_by(self, speaker: str) -> Iterable[Recorded]:
        said = self._promises.public.items()
        return chain.from_iterable(events for (n, _), events in said if n == speaker)

    def _foreign_messages_are_done(self) -> None:
        for topic, reader in FOREIGN.items():
            for partition in range(PARTITIONS):
                done = self._world.topics.committed[
                    f"{reader}-from-{topic}", topic, partition
                ]
                if done < len(self._world.topics.logs[topic, partition]):
                    raise Broken("every message from outside is dealt with", topic)

    def _nothing_is_parked(self) -> None:
        for name in HEARS:
            parked = self._world.database.tables[f"{name}.parked"].values()
            if any(not row.get("released_at") for row in parked):
                raise Broken("what was parked can be released", name)

    def _answers_are_stored(self) -> None:
        ids = {e.id for events in self._promises.history.values() for e in events}
        codes = {state.code for state in self._states("intake")}
        for (kind, _, what), answer in self._world.answers.items():
            if not set(answer.split()) <= (ids if kind == "command" else codes):
                raise Broken("what was acknowledged is stored", f"{what}: {answer}")

    def _states(self, name: str) -> list[Any]:
        found = self._promises.state.items()
        return [state for (speaker, _), state in found if speaker == name]

    def _audit_has_it_all(self) -> None:
        for (name, dispute), said in self._promises.public.items():
            heard = self._promises.heard[name, dispute]
            if name != "audit" and heard != len(said):
                found = f"{heard} of {len(said)} events of {name} on {dispute}"
                raise Broken("the ledger has all that was said", found)

    def _is_in_hand(self, dispute: UUID) -> None:
        custody: Custody = self._state("escalation", dispute)
        told = self._state("audit", dispute).custody
        if not custody.code or custody.asked:
            raise Broken("every registered dispute is routed", dispute)
        here = (
            custody.holder,
            str(custody.stage),
            {r.clock.name for r in custody.clocks},
        )
        there = told.holder, str(told.stage), {clock.name for clock in told.clocks}
        if here != there:
            found = f"{dispute}: {here}, at audit {there}"
            raise Broken("audit and escalation agree on who holds it", found)
        self._is_routed_as_undisturbed(dispute)

    def _state(self, name: str, dispute: UUID) -> Any:
        empty = {"escalation": Custody(), "audit": Dispute()}
        return self._promises.state.get((name, dispute), empty.get(name))

    def _is_routed_as_undisturbed(self, dispute: UUID) -> None:
        state, expected = Decisions(), []
        for asked in self._promises.public["escalation", dispute]:
            if isinstance(asked.event, RouteRequested):
                at, directory = asked.recorded_at, Directory(REGION)
                for event in route(asked.event, state, at, DECIDER, directory):
                    expected.append(event)
                    state = state.evolve(event)
        found = [e.event for e in self._promises.history["routing", dispute]]
        if [event for event in found if isinstance(event, Routed)] != expected:
            raise Broken("routing answers as if nothing had happened", dispute)

    def _is_told(self, dispute: UUID) -> None:
        """Notices are those of an undisturbed telling, in whatever order it came."""
        state, expected = Correspondence(), set()
        for name in HEARS["notifications"]:
            for heard in self._promises.public[name, dispute]:
                for event in policy.react(heard, state, notice_table()):
                    state = state.evolve(event)
                    if isinstance(event, NoticeQueued):
                        expected.add(event.notice)
        found = self._promises.state.get(("notifications", dispute), Correspondence())
        if set(found.notices) != expected:
            differ = set(found.notices) ^ expected
            raise Broken("everybody is told as if nothing had happened", differ)

    def _no_clock_is_overdue(self) -> None:
        now = self._world.database.now()
        for dispute, custody in self._promises.custody.items():
            for running in custody.counting:
                if running.clock.due < now:
                    found = f"{running.clock.name} of {dispute}"
                    raise Broken("every clock that came due has fired", found)


def _memories_are_right(world: World, promises: Promises) -> None:
    """What every process that is alive remembers, checked before they all end."""
    for (name, _), house in world.houses():
        for (speaker, dispute), state in promises.state.items():
            if name in (speaker, EMBEDDED):
                service = house.inbox(speaker).service
                if service.state(dispute) != state:
                    found = f"{speaker}:{dispute}"
                    raise Broken("what is remembered is what is stored", found)


def _part(row: Any, parts: int) -> int:
    return int(row.stored.originator_id.int % parts)
