"""What a process notices about itself: counts, durations, who was last at work.

Plain numbers in memory, for the page of metrics to read. A call costs about a
microsecond and is made once a batch, not once an event. Labels are names of services,
consumers, events and kinds of errors, never text from outside. Knows no library of
metrics, and nothing of disputes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from threading import Lock
from time import monotonic

BOUNDS = (
    0.001,
    0.002,
    0.005,
    0.01,
    0.02,
    0.05,
    0.1,
    0.2,
    0.5,
    1.0,
    2.0,
    5.0,
    10.0,
    30.0,
)
"""Upper ends, in seconds, of the classes that durations are counted in."""

Which = tuple[str, tuple[str, ...]]
"""What is meant, and its labels."""


class Durations:
    """How often something took how long: a number per class of `BOUNDS`, and the sum."""

    def __init__(self) -> None:
        self.classes = [0] * (len(BOUNDS) + 1)
        self.total = 0.0

    def add(self, seconds: float) -> None:
        self.classes[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds


_lock = Lock()
_counts: Counter[Which] = Counter()
_durations: dict[Which, Durations] = {}
_polls: dict[str, float] = {}


def count(what: str, *labels: str, by: int = 1) -> None:
    """Something happened once more, or so many times."""
    with _lock:
        _counts[what, labels] += by


def took(what: str, seconds: float, *labels: str) -> None:
    """Something was done and took so long."""
    with _lock:
        _durations.setdefault((what, labels), Durations()).add(seconds)


def appended(service: str, seconds: float, events: Iterable[str]) -> None:
    """A transaction with these events is stored; so long it waited and wrote."""
    took("append", seconds, service)
    for name, number in Counter(events).items():
        count("events_recorded", service, name, by=number)


def database_error(error: BaseException) -> None:
    """The database did not do what was asked; only the kind of error is kept."""
    count("database_errors", type(error.__cause__ or error).__name__)


def broker_error(error: BaseException) -> None:
    """The broker did not do what was asked; only the kind of error is kept."""
    count("broker_errors", type(error).__name__)


def polled(consumer: str) -> None:
    """A consumer, relay, clock or sender has just looked whether there is work."""
    _polls[consumer] = monotonic()


def counts() -> dict[Which, int]:
    with _lock:
        return dict(_counts)


def durations() -> dict[Which, tuple[tuple[int, ...], float]]:
    """Of each, the number per class and the sum of seconds."""
    with _lock:
        return {w: (tuple(d.classes), d.total) for w, d in _durations.items()}


def poll_ages() -> dict[str, float]:
    """How many seconds ago each consumer last looked."""
    now = monotonic()
    return {consumer: now - at for consumer, at in _polls.copy().items()}
