"""What a process notices about itself is counted once, whoever counts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import OperationalError

from services.watch.kept import Kept
from shared.events import watch


@pytest.fixture
def name() -> str:
    """A name of its own, as counts live as long as the process."""
    return uuid4().hex


def test_what_many_threads_count_is_all_there(name):
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: watch.count(name, "a"), range(4000)))

    assert watch.counts()[name, ("a",)] == 4000


@pytest.mark.parametrize(
    ("seconds", "place"),
    [(0.0, 0), (0.001, 0), (0.0011, 1), (29.9, -2), (30.0, -2), (31.0, -1)],
)
def test_a_duration_counts_in_the_class_that_ends_at_or_above_it(name, seconds, place):
    watch.took(name, seconds)

    classes, total = watch.durations()[name, ()]
    assert classes[place] == sum(classes) == 1
    assert total == seconds


def test_an_append_tells_its_time_and_its_events(name):
    watch.appended(
        name, 0.003, iter(["clock.started", "clock.stopped", "clock.started"])
    )

    counts = watch.counts()
    assert counts["events_recorded", (name, "clock.started")] == 2
    assert counts["events_recorded", (name, "clock.stopped")] == 1
    assert watch.durations()["append", (name,)][1] == 0.003


def test_of_an_error_only_its_kind_is_kept():
    outer = OperationalError("样例甲")
    outer.__cause__ = psycopg.errors.LockNotAvailable("样例乙")
    before = watch.counts().get(("database_errors", ("LockNotAvailable",)), 0)

    watch.database_error(outer)

    assert watch.counts()["database_errors", ("LockNotAvailable",)] == before + 1
    assert "样例" not in str(watch.counts())


def test_the_age_of_a_poll_is_since_the_newest_one(name):
    watch.polled(name)
    first = watch.poll_ages()[name]
    watch.polled(name)

    assert watch.poll_ages()[name] >= 0
    assert first >= 0


def test_an_answer_is_found_once_for_all_who_ask():
    found = []
    kept = Kept(lambda: found.append(1) or len(found))

    with ThreadPoolExecutor(4) as threads:
        answers = set(threads.map(lambda _: kept(), range(20)))

    assert answers == {1}


@pytest.mark.parametrize(("took", "kept_for"), [(0.01, 5), (0.25, 5), (1, 20), (3, 60)])
def test_an_answer_is_kept_the_longer_the_dearer_it_is(took, kept_for):
    now = [1000.0]

    def find() -> float:
        now[0] += took
        return now[0]

    kept = Kept(find, clock=lambda: now[0])
    first = kept()

    now[0] = 1000 + kept_for - 0.01
    assert kept() == first
    now[0] = 1000 + kept_for
    assert kept() > first


def test_after_a_failure_the_next_one_asks_again():
    answers = iter([ZeroDivisionError, 7])

    def find() -> int:
        if isinstance(found := next(answers), int):
            return found
        raise found

    kept = Kept(find)
    with pytest.raises(ZeroDivisionError):
        kept()

    assert kept() == 7
