"""The stand-in for PostgreSQL gives the same answers as PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from uuid import UUID, uuid5

import pytest

from shared.events.database import Database
from shared.events.histories import Histories, StoredEvent
from tests.conftest import MONDAY
from tests.delivery.counting import Counting
from tests.simulation.memory import MemoryDatabase, MemoryHistories

NAMES = ["test.counted.v1", "test.doubled.v1"]
DISPUTES = [uuid5(UUID(int=0), str(number)) for number in range(4)]
SOURCES = ["intake/0", "intake/1"]


@pytest.fixture
def real(database: Database) -> Iterator[Histories]:
    service = Counting(database)
    service._scripts = list
    service.migrate()
    yield service.histories
    service.close()


class Appending:
    """Draws appends: mostly good ones, some taken before, some repeated in themselves."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self.versions = dict.fromkeys(DISPUTES, 0)
        self.positions = dict.fromkeys(SOURCES, 0)

    def events(self) -> list[StoredEvent]:
        drawn = self._random.choices(DISPUTES, k=self._random.randint(0, 3))
        ahead = {d: self.versions[d] for d in DISPUTES}
        return [self._event(dispute, ahead) for dispute in drawn]

    def _event(self, dispute: UUID, ahead: dict[UUID, int]) -> StoredEvent:
        ahead[dispute] += self._random.choice([1, 1, 1, 1, 1, 1, 0])
        name, body = self._random.choice(NAMES), self._random.randbytes(9)
        return StoredEvent(dispute, max(1, ahead[dispute]), name, body)

    def heard(self) -> dict[str, int]:
        drawn = self._random.sample(SOURCES, self._random.randint(0, 2))
        return {s: self.positions[s] + self._random.choice([1, 2, 3, 0]) for s in drawn}


@pytest.mark.parametrize("seed", range(3))
def test_the_stand_in_stores_refuses_and_finds_what_postgresql_does(real, seed):
    memory = MemoryHistories("counting", MemoryDatabase(MONDAY))
    draw, stored = Appending(seed), []

    for _ in range(60):
        events, heard = draw.events(), draw.heard()
        answers = [each.append(events, heard, []) for each in (real, memory)]
        assert answers[0] == answers[1], (events, heard)
        stored.append(answers[0])
        assert _all_there_is(real) == _all_there_is(memory)
        draw.versions = {d: len(_stream(memory, d)) for d in DISPUTES}
        draw.positions |= memory.positions

    assert set(stored) == {True, False}


def _all_there_is(histories: Histories | MemoryHistories) -> object:
    told = [(*row[1:4], bytes(row[4])) for row in histories.after(0, NAMES, 500)]
    positions = {source: histories.heard_to(source) for source in SOURCES}
    return told, positions, [_stream(histories, dispute) for dispute in DISPUTES]


def _stream(histories: Histories | MemoryHistories, dispute: UUID) -> list[object]:
    found = histories.newer({dispute: 0})
    return [(e.originator_version, e.topic, bytes(e.state)) for e in found]


def test_both_see_only_what_is_newer(real):
    memory = MemoryHistories("counting", MemoryDatabase(MONDAY))
    first, second, *_ = DISPUTES
    for histories in (real, memory):
        for version in (1, 2, 3):
            events = [StoredEvent(d, version, NAMES[0], b"1") for d in (first, second)]
            assert histories.append(events, {}, [])

        found = histories.newer({first: 2, second: 1})

        assert [(e.originator_id, e.originator_version) for e in found] == [
            (first, 3),
            (second, 2),
            (second, 3),
        ]
