"""The aims, and whether a run reached them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

QUIET = 10.0
"""Per cent of the machine that others may take before rates and times say little."""


class Aim(NamedTuple):
    """A figure in the results, by its path, and the bound it is to keep."""

    code: str
    path: tuple[str, ...]
    at_least: float | None = None
    at_most: float | None = None
    unit: str = ""
    timed: bool = True

    @property
    def bound(self) -> str:
        found = f"≥ {self.at_least:g}" if self.at_least else f"≤ {self.at_most or 0:g}"
        return f"{found} {self.unit}".strip()

    def reached(self, value: float) -> bool:
        if self.at_least is not None:
            return value >= self.at_least
        return self.at_most is not None and value <= self.at_most


AIMS = (
    Aim("rate", ("end-to-end", "steady_per_second"), at_least=500, unit="/s"),
    Aim("ratio", ("bare", "ratio"), at_least=1 / 6),
    Aim(
        "latency_http", ("latency", "http", "offered_ms", "p99"), at_most=150, unit="ms"
    ),
    Aim(
        "latency_topic",
        ("latency", "topic", "offered_ms", "p99"),
        at_most=150,
        unit="ms",
    ),
    Aim("spike_errors", ("spike", "errors"), at_most=0, timed=False),
    Aim("spike_lost", ("spike", "lost"), at_most=0, timed=False),
    Aim("spike_drained", ("spike", "spike_drained_s"), at_most=10, unit="s"),
    Aim("disk", ("disk", "database_kb"), at_most=20, unit="kB", timed=False),
    Aim("slope", ("history", "slower_percent"), at_most=10, unit="%"),
    Aim("list", ("history", "reads", "list", "p99"), at_most=20, unit="ms"),
    Aim("holders", ("history", "reads", "holders", "p99"), at_most=20, unit="ms"),
    Aim("search", ("history", "reads", "search", "p99"), at_most=20, unit="ms"),
    Aim("story", ("history", "reads", "story", "p99"), at_most=20, unit="ms"),
    Aim("two", ("two", "gain"), at_least=1.01),
    Aim("backtest", ("backtest", "seconds"), at_most=10, unit="s"),
    Aim("analysis", ("analysis", "narrow", "1500", "seconds"), at_most=1, unit="s"),
)


class Judged(NamedTuple):
    """An aim and what was measured; None if that part did not run."""

    aim: Aim
    value: float | None
    others_percent: float = 0.0

    @property
    def disturbed(self) -> bool:
        """Whether others took so much of the machine that a time says little."""
        return self.aim.timed and self.others_percent > QUIET

    @property
    def reached(self) -> bool | None:
        return None if self.value is None else self.aim.reached(self.value)


def judged(results: Mapping[str, Any]) -> list[Judged]:
    others = results.get("others_percent", {})
    return [
        Judged(aim, _at(results, aim.path), others.get(aim.path[0], 0.0))
        for aim in AIMS
    ]


def _at(results: Any, path: tuple[str, ...]) -> float | None:
    for name in path:
        if not isinstance(results, Mapping) or name not in results:
            return None
        results = results[name]
    return float(results)
