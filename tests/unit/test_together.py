"""Callers who are served at once by one of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from shared.events.errors import RefusedError
from shared.events.together import Together, _Call


def test_those_who_come_while_one_is_at_work_are_served_at_once():
    begun, go_on, batches = Event(), Event(), []

    def work(items):
        batches.append(sorted(items))
        begun.set()
        go_on.wait(10)
        return [item * 10 for item in items]

    together = Together(work)
    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(together, 0)
        assert begun.wait(10)
        others = [pool.submit(together, n) for n in range(1, 9)]
        while len(together._waiting) < 8:
            pass
        go_on.set()
        outcomes = [f.result(10) for f in [first, *others]]
    assert outcomes == [n * 10 for n in range(9)]
    assert batches == [[0], list(range(1, 9))]


def test_a_failure_nobody_foresaw_concerns_only_the_item_that_caused_it():
    def work(items):
        return [100 // item for item in items]

    together = Together(work)
    calls = [_Call(item) for item in (5, 0, 20)]
    together._serve(calls)
    assert [call.outcomes for call in calls] == [[20], [], [5]]
    assert isinstance(calls[1].error, ZeroDivisionError)


def test_a_refusal_of_the_whole_is_everybodys_and_is_not_tried_again():
    tried = []

    def work(items):
        tried.append(len(items))
        raise RefusedError("busy", "come again")

    together = Together(work)
    calls = [_Call(item) for item in (1, 2)]
    together._serve(calls)
    assert tried == [2]
    assert all(isinstance(call.error, RefusedError) for call in calls)
    with pytest.raises(RefusedError):
        together(3)
