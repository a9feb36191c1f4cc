"""What holds after every step, whatever happened: looked at event by event.

Reads only what is stored, with a fold of its own, and trusts no cache of the product.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import groupby
from typing import Any
from uuid import UUID

from pydantic_core import from_json

from services.audit.domain import Dispute
from services.compose import HEARS
from services.escalation.domain import Custody
from services.escalation.service import EscalationService
from services.intake.domain import Intake
from services.notifications.domain import Correspondence, Standing
from services.notifications.service import NotificationsService
from services.routing.domain import Decisions
from services.routing.service import RoutingService
from shared.events import wire
from shared.events.audit import EventHeard, EventsHeard
from shared.events.base import Recorded, State
from shared.events.errors import InvariantBrokenError
from shared.events.escalation import (
    ClockBreached,
    ClockExtended,
    ClockPaused,
    ClockResumed,
    ClockStopped,
    ClockWarned,
)
from shared.events.intake import DisputeRegistered
from shared.events.notifications import (
    NoticeFailed,
    NoticeQueued,
    NoticeRetried,
    NoticeSent,
)
from shared.events.routing import Routed
from tests.simulation.broker import PARTITIONS, Record
from tests.simulation.memory import Row
from tests.simulation.world import Broken, World

EMPTY: dict[str, State] = {
    "intake": Intake(),
    "routing": Decisions(),
    "escalation": Custody(),
    "notifications": Correspondence(),
    "audit": Dispute(),
}
REACTS = {
    kind.name: kind.hears or frozenset()
    for kind in (RoutingService, EscalationService, NotificationsService)
}
Stream = tuple[str, UUID]


class Promises:
    """Follows all five stores and raises `Broken` at the first event that breaks one."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen = dict.fromkeys(HEARS, 0)
        self._positions: dict[str, dict[str, int]] = {name: {} for name in HEARS}
        self._acknowledged: dict[tuple[str, str, int], int] = defaultdict(int)
        self._appends: dict[tuple[Stream, str], int] = {}
        self._places: dict[tuple[Stream, int], int] = {}
        self._caused: dict[tuple[Stream, str], int] = {}
        self.history: dict[Stream, list[Recorded]] = defaultdict(list)
        self.state: dict[Stream, Any] = {}
        self.custody: dict[UUID, Custody] = {}
        self.public: dict[Stream, list[Recorded]] = defaultdict(list)
        self.heard: dict[Stream, int] = defaultdict(int)
        self.said: dict[str, list[Recorded]] = {name: [] for name in HEARS}
        self._data: dict[str, Any] = {}
        self._looks: dict[str, Callable[[Recorded, Any], None]] = {
            "intake": self._registered_once,
            "routing": self._answered_once,
            "escalation": self._clocks_fire_once,
            "notifications": self._told_once,
            "audit": self._kept_in_order,
        }

    def hold(self) -> None:
        """Look at what is new. Raises `Broken`."""
        new = {n: self._world.histories[n].rows[self._seen[n] :] for n in HEARS}
        for name, rows in new.items():
            self._seen[name] += len(rows)
            for row in rows:
                stream = name, UUID(str(row.stored.originator_id))
                self._places[stream, row.stored.originator_version] = row.position
        for name, rows in new.items():
            for _, appended in groupby(rows, key=lambda row: row.append):
                changed = {self._look(name, row) for row in appended}
                for stream in changed:
                    self._stands_whole(stream)
            self._positions_only_grow(name)
            for dispute in {UUID(str(row.stored.originator_id)) for row in rows}:
                if name == "escalation" and dispute in self.custody:
                    self._rows_are_as_folded(dispute, self.custody[dispute])
        self._only_what_is_heard_is_acknowledged()

    def unheard(self, hearer: str, speaker: str) -> list[str]:
        """The events of a speaker that a hearer is still to react to."""
        heard = self._world.histories[hearer].positions
        return [
            said.id
            for said in self.said[speaker][-20:]
            if said.event.event_name in REACTS[hearer]
            and self._places[(speaker, said.dispute), said.version]
            > heard.get(self._source(speaker, said.dispute), 0)
        ]

    def _look(self, name: str, row: Row) -> Stream:
        recorded = _read(name, row)
        stream = name, recorded.dispute
        history = self.history[stream]
        if recorded.version != len(history) + 1:
            found = f"{recorded.id} after {len(history)} events"
            raise Broken("versions are contiguous from 1", found)
        self._once(stream, recorded.cause, row.append)
        before = self.state.get(stream, EMPTY[name])
        self._looks[name](recorded, before)
        history.append(recorded)
        if recorded.event.is_public:
            self.public[stream].append(recorded)
            self.said[name].append(recorded)
            self._data[recorded.id] = from_json(row.stored.state)["data"]
        self.state[stream] = before.evolve(recorded.event)
        if name == "escalation" and self.state[stream].code:
            self.custody[recorded.dispute] = self.state[stream]
        return stream

    def _once(self, stream: Stream, cause: str, append: int) -> None:
        """A cause is carried out in one append, and causes of a speaker in its order."""
        if self._appends.setdefault((stream, cause), append) != append:
            raise Broken("everything is carried out once", f"{stream}: {cause}")
        speaker, _, version = cause.rpartition(":")
        if speaker in HEARS and version.isdigit():
            last = self._caused.get((stream, speaker), 0)
            if int(version) < last:
                raise Broken("each speaker is heard in order", f"{stream}: {cause}")
            self._caused[stream, speaker] = int(version)
            self._in_one_append(stream, (speaker, stream[1]), int(version), append)

    def _in_one_append(
        self, stream: Stream, spoken: Stream, version: int, append: int
    ) -> None:
        """What follows from an event is stored with its position, or after it."""
        position = self._places[spoken, version]
        marks = self._world.histories[stream[0]].marks[append]
        if marks.get(self._source(*spoken), 0) < position:
            found = f"{stream}: what follows from {spoken[0]}:{version}"
            raise Broken("events and positions are stored at once", found)

    def _source(self, speaker: str, dispute: UUID) -> str:
        store = self._world.histories[speaker].store_id
        part = dispute.int % PARTITIONS if self._world.on_kafka else 0
        return wire.positions_of(speaker, store, part)

    def _stands_whole(self, stream: Stream) -> None:
        """What must hold at the end of every append."""
        try:
            self.state[stream].check()
        except InvariantBrokenError as error:
            raise Broken(
                "an open dispute has a holder and a next clock", error
            ) from None

    def _rows_are_as_folded(self, dispute: UUID, state: Custody) -> None:
        tables = self._world.database.tables
        row = tables["escalation.custody"].get(dispute, {})
        clocks = {
            (row["clock"], row["next_at"])
            for row in tables["escalation.clocks"].values()
            if row["dispute"] == dispute
        }
        folded = {(r.clock.name, None if r.paused else r.next_at) for r in state.clocks}
        if (row.get("holder"), clocks) != (state.holder, folded):
            raise Broken("rows of read models are as the history says", dispute)

    def _positions_only_grow(self, name: str) -> None:
        before, now = self._positions[name], self._world.histories[name].positions
        if any(now.get(source, 0) < position for source, position in before.items()):
            raise Broken("positions only grow", name)
        self._positions[name] = dict(now)

    def _only_what_is_heard_is_acknowledged(self) -> None:
        """An offset is committed when what lies before it is stored, also if parked."""
        topics = self._world.topics
        for (group, topic, partition), offset in topics.committed.items():
            place = group, topic, partition
            for record in topics.logs[topic, partition][
                self._acknowledged[place] : offset
            ]:
                if topic in HEARS and not self._is_heard(group, record):
                    found = f"{group}: {topic}/{partition}/{record.offset}"
                    raise Broken("only what is stored is acknowledged", found)
            self._acknowledged[place] = offset

    def _is_heard(self, group: str, record: Record) -> bool:
        store = self._world.histories[record.topic].store_id
        source = wire.positions_of(record.topic, store, record.partition)
        position = int(dict(record.headers)["ce_position"])
        positions = self._world.histories[group.removesuffix("-hears")].positions
        return positions.get(source, 0) >= position

    # By service

    def _registered_once(self, recorded: Recorded, before: Intake) -> None:
        if isinstance(recorded.event, DisputeRegistered) and before.code:
            raise Broken("a dispute is registered once", recorded.id)

    def _answered_once(self, recorded: Recorded, before: Decisions) -> None:
        event = recorded.event
        if isinstance(event, Routed) and event.request <= before.answered:
            raise Broken("a request is answered once", recorded.id)

    def _clocks_fire_once(self, recorded: Recorded, before: Custody) -> None:
        event = recorded.event
        match event:
            case ClockStopped(clock=name):
                fits = before.running(name) is not None
            case ClockBreached(clock=name):
                fits = any(r.clock.name == name for r in before.counting)
            case ClockWarned(clock=name):
                due = [r for r in before.counting if r.clock.name == name]
                fits = any(not running.warned for running in due)
            case ClockExtended(clock=clock):
                fits = before.running(clock.name) is not None
            case ClockPaused(clock=name):
                fits = any(r.clock.name == name and not r.paused for r in before.clocks)
            case ClockResumed(clock=clock):
                known = before.known(clock.name)
                fits = bool(known and known.paused and clock.due >= known.clock.due)
            case _:
                fits = True
        if not fits:
            found = f"{recorded.id} {event.event_name}"
            raise Broken("a clock ends once, and only when it runs", found)

    def _told_once(self, recorded: Recorded, before: Correspondence) -> None:
        event = recorded.event
        match event:
            case NoticeQueued(notice=id):
                again = id in before.notices
            case NoticeSent(notice=id) | NoticeRetried(notice=id):
                again = before.notices[id].standing is not Standing.QUEUED
            case NoticeFailed(notice=id):
                again = before.notices[id].standing is not Standing.QUEUED
            case _:
                again = False
        if again:
            raise Broken("a notice is queued once and settled once", recorded.id)
        if isinstance(event, NoticeSent) and not self._world.letters[event.notice]:
            raise Broken("only what went out is recorded as sent", recorded.id)

    def _kept_in_order(self, recorded: Recorded, before: Dispute) -> None:
        if not isinstance(recorded.event, EventsHeard):
            return
        for heard in recorded.event.heard:
            stream = heard.speaker, recorded.dispute
            public, place = self.public[stream], self.heard[stream]
            if place >= len(public) or not self._same(heard, public[place]):
                found = f"{heard.speaker}:{recorded.dispute}:{heard.version}"
                raise Broken("audit keeps what was said, in order, once", found)
            self.heard[stream] += 1

    def _same(self, heard: EventHeard, said: Recorded) -> bool:
        kept = heard.version, heard.name, heard.cause, heard.recorded_at, heard.actor
        told = said.version, said.event.stored_name, said.cause, said.recorded_at
        return kept == (*told, said.actor) and heard.data == self._data[said.id]


def _read(name: str, row: Row) -> Recorded:
    event = row.stored
    dispute = UUID(str(event.originator_id))
    version, topic = event.originator_version, event.topic
    store = UUID(int=0)
    return wire.read(
        wire.Told(name, store, row.position, dispute, version, topic, event.state)
    )
