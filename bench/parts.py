"""The parts of the bench, in the order in which they run, and what each is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from bench.analysis import analysis
from bench.backtest import backtest
from bench.bare import bare
from bench.disk import disk
from bench.end_to_end import Progress, end_to_end
from bench.history import history
from bench.latency import latency
from bench.lifecycle import lifecycles
from bench.product import Product
from bench.referrals import referrals
from bench.spike import spike
from bench.two import two


@dataclass(frozen=True)
class Wish:
    """How much of everything. `rate` sends end to end at a pace and not all at once."""

    disputes: int = 5000
    rate: float | None = None
    per_second: float = 50.0
    seconds: float = 60.0
    lifecycles: int = 500
    history: int = 0
    reads: int = 200
    run: str = field(default_factory=lambda: uuid4().hex[:8])

    @property
    def warm(self) -> int:
        """How many go through before anything is measured."""
        return min(300, self.disputes)


Results = dict[str, Any]
Part = Callable[[Product, Wish, Results, Progress], Any]


def _end_to_end(
    product: Product, wish: Wish, results: Results, progress: Progress
) -> Any:
    warm = list(referrals(f"{wish.run}-warm", wish.warm))
    end_to_end(product, warm)
    sent = list(referrals(wish.run, wish.disputes))
    return end_to_end(product, sent, wish.rate, progress)


def _bare(product: Product, wish: Wish, results: Results, progress: Progress) -> Any:
    found = bare(product, list(referrals(wish.run, wish.disputes)), wish.warm)
    if measured := results.get("end-to-end"):
        found["ratio"] = measured["steady_per_second"] / found["per_second"]
        found["cpu_ratio"] = used(measured) / sum(found["cpu_per_1000"].values())
    return found


def _latency(product: Product, wish: Wish, results: Results, progress: Progress) -> Any:
    return latency(product, wish.run, wish.per_second, wish.seconds)


def _lifecycle(
    product: Product, wish: Wish, results: Results, progress: Progress
) -> Any:
    return lifecycles(product, wish.run, wish.lifecycles)


def _spike(product: Product, wish: Wish, results: Results, progress: Progress) -> Any:
    return spike(product, wish.run, wish.seconds)


def _disk(product: Product, wish: Wish, results: Results, progress: Progress) -> Any:
    return disk(product)


def _history(product: Product, wish: Wish, results: Results, progress: Progress) -> Any:
    found = history(
        product, wish.run, wish.history, wish.disputes, wish.reads, progress
    )
    if empty := results.get("end-to-end"):
        now, before = found["end-to-end"], empty
        slower = before["steady_per_second"] / now["steady_per_second"] - 1
        found["slower_percent"] = 100 * slower
        found["more_cpu_percent"] = 100 * (used(now) / used(before) - 1)
    return found


def used(measured: Results) -> float:
    """Processor seconds of the product per 1,000 disputes."""
    found = measured["cpu_per_1000"]
    return float(sum(s for name, s in found.items() if name != "bench"))


def _two(product: Product, wish: Wish, results: Results, progress: Progress) -> Any:
    return two(product, wish.run, wish.disputes)


def _analysis(
    product: Product, wish: Wish, results: Results, progress: Progress
) -> Any:
    return analysis()


def _backtest(
    product: Product, wish: Wish, results: Results, progress: Progress
) -> Any:
    return backtest()


PARTS: dict[str, Part] = {
    "end-to-end": _end_to_end,
    "bare": _bare,
    "disk": _disk,
    "latency": _latency,
    "lifecycle": _lifecycle,
    "spike": _spike,
    "history": _history,
    "two": _two,
    "analysis": _analysis,
    "backtest": _backtest,
}
