"""Disputes a second from the referral on its topic to the audit ledger."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from bench.load import send_all, send_paced
from bench.product import Product
from bench.referrals import Referral
from bench.stages import STAGES, Stages
from bench.usage import Usage

Progress = Callable[[float], None]
EVERY = 0.25
PATIENCE = 120.0

LONG_ENOUGH = 5.0
"""Seconds over which a steady rate can be told."""


class LostError(Exception):
    """Not every dispute came out at the other end."""

    def __init__(self, missing: dict[str, int]) -> None:
        self.missing = missing
        super().__init__(f"disputes that did not reach a stage: {missing}")


class Timeline:
    """How far how many disputes were at which moment after the first was sent."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.connections = 0
        self.rows: list[tuple[float, dict[str, int]]] = [
            (0.0, dict.fromkeys(STAGES, 0))
        ]

    def add(self, at: float, reached: dict[str, int]) -> None:
        self.rows.append((at, reached))

    @property
    def through(self) -> int:
        """How many have passed every stage."""
        return min(self.rows[-1][1].values())

    def moment(self, stage: str, share: float) -> float:
        """When this share of all had reached a stage, between two looks in proportion."""
        goal = share * self.wanted
        for (t0, before), (t1, after) in pairwise(self.rows):
            if after[stage] >= goal:
                step = after[stage] - before[stage]
                part = (goal - before[stage]) / step if step else 1.0
                return t0 + (t1 - t0) * part
        return self.rows[-1][0]

    def last(self, share: float) -> float:
        """When this share of all had passed every stage."""
        return max(self.moment(stage, share) for stage in STAGES)

    @property
    def seconds(self) -> float:
        return self.last(1.0)

    @property
    def steady(self) -> float:
        """Disputes a second through all stages, between a tenth and nine tenths.

        Over less than some seconds that says nothing: then it is that of the whole run.
        """
        between = self.last(0.9) - self.last(0.1)
        if between < LONG_ENOUGH:
            return self.wanted / self.seconds
        return 0.8 * self.wanted / between

    def lag(self) -> dict[str, float]:
        """Seconds for which each stage was behind the one before it, at half of all."""
        moments = [self.moment(stage, 0.5) for stage in STAGES]
        return {
            stage: round(here - before, 2)
            for stage, before, here in zip(
                STAGES, [0.0, *moments], moments, strict=False
            )
        }


def end_to_end(
    product: Product,
    sent: Sequence[Referral],
    rate: float | None = None,
    progress: Progress = lambda _: None,
) -> dict[str, Any]:
    """Send them (all at once, or so many a second) and follow all to the ledger.

    Raises `LostError` if one does not get there.
    """
    stages, usage = Stages(product.database_url), Usage(product.processes)
    put = partial(send_paced, rate=rate) if rate else send_all
    timeline = Timeline(len(sent))
    sending = threading.Thread(target=put, args=(product.bootstrap, sent))
    begun, written = time.monotonic(), stages.written()
    sending.start()
    try:
        _follow(stages, usage, timeline, begun, progress)
        sending.join()
        seconds = usage.seconds()
        written = stages.written() - written
        missing = stages.missing([each.dispute for each in sent])
    finally:
        stages.close()
    if any(missing.values()):
        raise LostError(missing)
    found = _result(timeline, seconds)
    return {
        **found,
        "log_kb": written / len(sent) / 1000,
        "connections": timeline.connections,
        "peak_mib": usage.most_memory(),
    }


def _follow(
    stages: Stages, usage: Usage, timeline: Timeline, begun: float, progress: Progress
) -> None:
    """Look again and again until all are through, or nothing moves any more."""
    moved = time.monotonic()
    while timeline.through < timeline.wanted:
        time.sleep(EVERY)
        reached = stages.look()
        now = time.monotonic()
        if sum(reached.values()) > sum(timeline.rows[-1][1].values()):
            moved = now
        elif now > moved + PATIENCE:
            raise LostError(reached)
        timeline.add(now - begun, reached)
        timeline.connections = max(timeline.connections, stages.connections())
        usage.look()
        progress(timeline.through / timeline.wanted)


def _result(timeline: Timeline, seconds: dict[str, float]) -> dict[str, Any]:
    thousands = timeline.wanted / 1000
    lag = timeline.lag()
    return {
        "disputes": timeline.wanted,
        "seconds": timeline.seconds,
        "per_second": timeline.wanted / timeline.seconds,
        "steady_per_second": timeline.steady,
        "ceiling_per_second": _ceiling(timeline.wanted, seconds),
        "slowest": max(lag, key=lambda stage: lag[stage]),
        "lag": lag,
        "finished": {stage: timeline.moment(stage, 1.0) for stage in STAGES},
        "cpu_per_1000": {name: s / thousands for name, s in seconds.items()},
    }


def _ceiling(disputes: int, seconds: dict[str, float]) -> float:
    """What all cores would do if they had nothing else to do and never waited."""
    product = sum(used for name, used in seconds.items() if name != "bench")
    return disputes * (os.cpu_count() or 1) / product
