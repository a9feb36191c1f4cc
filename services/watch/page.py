"""The page of metrics, in the text form that Prometheus reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.core import (
    Metric as Family,
)
from prometheus_client.registry import Collector

from services.watch.gauges import Sample, gauges
from services.watch.kept import Kept
from services.watch.metrics import METRICS, Metric
from shared.events import watch
from shared.events.database import Database
from shared.events.errors import DatabaseAwayError

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_UPPER_ENDS = [*map(str, watch.BOUNDS), "+Inf"]


class Page(Collector):
    """All metrics of one process. Asked of from several threads at once."""

    def __init__(self, database: Database, names: Collection[str]) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        self._asked = Kept(lambda: _asked(database, names))

    def text(self) -> bytes:
        return generate_latest(self._registry)

    def describe(self) -> Iterable[Family]:
        return []

    def collect(self) -> Iterator[Family]:
        samples = [*self._asked(), *_polls()]
        for metric in METRICS:
            match metric.kind:
                case "counter":
                    yield _counter(metric, watch.counts())
                case "histogram":
                    yield _histogram(metric, watch.durations())
                case "gauge":
                    yield _gauge(metric, samples)


def _asked(database: Database, names: Collection[str]) -> list[Sample]:
    """What the database says; while it is away, only that."""
    up = "fengqiao_database_up"
    try:
        return [Sample(up, (), 1), *gauges(database, names)]
    except DatabaseAwayError:
        return [Sample(up, (), 0)]


def _polls() -> list[Sample]:
    ages = watch.poll_ages().items()
    return [Sample("fengqiao_last_poll_age_seconds", (who,), age) for who, age in ages]


def _gauge(metric: Metric, samples: Iterable[Sample]) -> Family:
    family = GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)
    for sample in samples:
        if sample.metric == metric.name:
            family.add_metric(sample.labels, sample.value)
    return family


def _counter(metric: Metric, counts: Mapping[watch.Which, int]) -> Family:
    family = CounterMetricFamily(metric.name, metric.help, labels=metric.labels)
    for (what, labels), number in sorted(counts.items()):
        if what == metric.what:
            family.add_metric(labels, number)
    return family


def _histogram(metric: Metric, durations: Mapping[watch.Which, Any]) -> Family:
    family = HistogramMetricFamily(metric.name, metric.help, labels=metric.labels)
    for (what, labels), (classes, total) in sorted(durations.items()):
        if what == metric.what:
            buckets = list(zip(_UPPER_ENDS, accumulate(classes), strict=True))
            family.add_metric(labels, buckets, total)
    return family
