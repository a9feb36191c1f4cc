"""Folded states kept in memory, so that a history is not read again for every event."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock
from typing import Any, NamedTuple
from uuid import UUID

from shared.events.base import Recorded
from shared.events.histories import StoredEvent

LIMIT = 20_000


class Folded(NamedTuple):
    """A state, the version it stands at, and the causes that have been carried out."""

    state: Any
    version: int
    causes: frozenset[str]

    def extended(self, events: Sequence[Recorded]) -> Folded:
        state = self.state
        for recorded in events:
            state = state.evolve(recorded.event)
        causes = self.causes.union(recorded.cause for recorded in events)
        return Folded(state, self.version + len(events), causes)


def uuid_of(stored: StoredEvent) -> UUID:
    """The dispute; the driver gives it as it is, whatever the library's type says."""
    found = stored.originator_id
    return found if isinstance(found, UUID) else UUID(found)


class FoldedStates:
    """The newest folded states that this process knows; others may know newer ones."""

    def __init__(
        self, empty: Any, read: Callable[[StoredEvent], Recorded], limit: int = LIMIT
    ) -> None:
        self._nothing = Folded(empty, 0, frozenset())
        self._read, self._limit, self._lock = read, limit, Lock()
        self._kept: OrderedDict[UUID, Folded] = OrderedDict()

    def known(self, disputes: Iterable[UUID]) -> dict[UUID, Folded]:
        with self._lock:
            return {d: self._kept.get(d, self._nothing) for d in disputes}

    def catch_up(
        self, known: dict[UUID, Folded], newer: Iterable[StoredEvent]
    ) -> dict[UUID, Folded]:
        """The states with the newer events folded in; they are kept."""
        found: dict[UUID, list[Recorded]] = {}
        for stored in newer:
            dispute = uuid_of(stored)
            found.setdefault(dispute, []).append(self._read(stored))
        caught_up = {d: known[d].extended(events) for d, events in found.items()}
        self.keep(caught_up)
        return known | caught_up

    def keep(self, newest: Mapping[UUID, Folded]) -> None:
        """Remember states that are stored. An older one never replaces a newer one."""
        with self._lock:
            for dispute, folded in newest.items():
                older = self._kept.pop(dispute, self._nothing)
                self._kept[dispute] = max(older, folded, key=lambda f: f.version)
            while len(self._kept) > self._limit:
                self._kept.popitem(last=False)

    def forget(self, disputes: Iterable[UUID]) -> None:
        with self._lock:
            for dispute in disputes:
                self._kept.pop(dispute, None)
