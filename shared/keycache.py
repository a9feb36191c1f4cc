"""Keys kept in memory for a short while, the least recently used dropped first.

The age limit is what makes a key that another process destroyed go away here too.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from uuid import UUID

from shared.sealing import Key


class KeyCache:
    """At most `size` keys, none older than `seconds`. Safe to share between threads."""

    def __init__(self, size: int, seconds: float, clock: Callable[[], float]) -> None:
        self._size, self._seconds, self._clock = size, seconds, clock
        self._kept: OrderedDict[UUID, tuple[Key, float]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, ids: Iterable[UUID]) -> dict[UUID, Key]:
        """Those of these keys that are here and young enough."""
        with self._lock:
            return {key: found for key in ids if (found := self._young(key))}

    def keep(self, keys: Collection[Key]) -> None:
        until = self._clock() + self._seconds
        with self._lock:
            for key in keys:
                self._kept[key.id] = key, until
                self._kept.move_to_end(key.id)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)

    def forget(self, key: UUID) -> None:
        with self._lock:
            self._kept.pop(key, None)

    def _young(self, key: UUID) -> Key | None:
        found, until = self._kept.get(key, (None, 0.0))
        if found is None:
            return None
        if self._clock() >= until:
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return found
