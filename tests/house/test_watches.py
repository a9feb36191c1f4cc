"""Alert rules and dashboard are what Prometheus and Grafana read, and name what exists."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from jsonschema import Draft202012Validator

from services.watch.metrics import METRICS
from tests.house.test_deploy_compose import PROCESSES, ROOT

SCHEMAS = Path(__file__).with_name("watches")
PROMETHEUS = ROOT / "deploy" / "prometheus"
GRAFANA = ROOT / "deploy" / "grafana"
BY_NAME = {metric.name: metric for metric in METRICS}
ADDED = {"process", "job", "instance"}
"""Labels that Prometheus puts on everything it asks us."""


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


ALERTS = [
    rule for g in load(PROMETHEUS / "alerts.yaml")["groups"] for rule in g["rules"]
]
DASHBOARD = load(GRAFANA / "dashboards" / "fengqiao.json")
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def selectors(expr: str) -> Iterator[promql_parser.VectorSelector]:
    """What an expression asks of Prometheus. Fails if it is none."""
    found: list[promql_parser.VectorSelector] = []

    def visit(node: promql_parser.Expr) -> bool:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)
        return True

    promql_parser.walk(promql_parser.parse(expr), visit)
    yield from found


def expressions() -> list[str]:
    shown = [target["expr"] for panel in PANELS for target in panel["targets"]]
    return [*shown, *(rule["expr"] for rule in ALERTS)]


def metric_of(series: str) -> str:
    """The metric that a series belongs to: a histogram has three."""
    found = re.sub(r"_(bucket|count|sum)$", "", series)
    return found if found in BY_NAME else series


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        (PROMETHEUS / "alerts.yaml", "alerts"),
        (PROMETHEUS / "prometheus.yaml", "prometheus"),
        (GRAFANA / "datasources" / "prometheus.yaml", "datasources"),
        (GRAFANA / "dashboards" / "provider.yaml", "provider"),
        (GRAFANA / "dashboards" / "fengqiao.json", "dashboard"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_file_is_what_its_program_reads(path: Path, schema: str) -> None:
    shape = json.loads((SCHEMAS / f"{schema}.schema.json").read_text())
    Draft202012Validator.check_schema(shape)
    problems = Draft202012Validator(shape).iter_errors(load(path))
    assert [f"{list(p.path)}: {p.message}" for p in problems] == []


@pytest.mark.parametrize("expr", expressions())
def test_an_expression_asks_for_metrics_and_labels_that_exist(expr: str) -> None:
    for selector in selectors(expr):
        if selector.name == "up":  # Prometheus's own
            continue
        metric = BY_NAME[metric_of(selector.name)]
        asked = {matcher.name for matcher in selector.matchers.matchers}
        assert asked <= {*metric.labels, *ADDED}


@pytest.mark.parametrize("expr", expressions())
def test_a_grouping_is_by_labels_that_exist(expr: str) -> None:
    grouped = re.findall(r"\bby \(([^)]*)\)", expr)
    labels = {label.strip() for found in grouped for label in found.split(",")}
    named = {metric_of(s.name) for s in selectors(expr)} - {"up"}
    there = {label for name in named for label in BY_NAME[name].labels}
    assert labels <= {*there, *ADDED, "le"}


def test_every_metric_is_shown() -> None:
    shown = {
        metric_of(selector.name)
        for panel in PANELS
        for target in panel["targets"]
        for selector in selectors(target["expr"])
    }
    assert shown == set(BY_NAME)


def test_what_must_be_zero_wakes_somebody() -> None:
    paged = {
        selector.name
        for rule in ALERTS
        if rule["labels"]["severity"] == "page"
        for selector in selectors(rule["expr"])
    }
    assert {
        "fengqiao_open_disputes_without_holder",
        "fengqiao_open_disputes_without_clock",
        "fengqiao_overdue_clocks",
        "fengqiao_relay_age_seconds",
        "fengqiao_database_up",
    } <= paged


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_speaks_of_labels_that_its_expression_keeps(
    rule: dict[str, Any],
) -> None:
    told = " ".join(rule["annotations"].values())
    labels = set(re.findall(r"\$labels\.(\w+)", told))
    kept = re.search(r"\bby \(([^)]*)\)", rule["expr"])
    plain = rule["expr"].startswith("up{")
    assert labels <= (
        ADDED if plain else set(re.split(r", *", kept[1])) if kept else set()
    )


def test_an_alert_is_told_once() -> None:
    names = [rule["alert"] for rule in ALERTS]
    assert len(names) == len(set(names))


def test_panels_have_room_and_numbers_of_their_own() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    taken: set[tuple[int, int]] = set()
    for place in (panel["gridPos"] for panel in DASHBOARD["panels"]):
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= 24
        assert not cells & taken
        taken |= cells


def test_the_dashboard_looks_where_the_metrics_are() -> None:
    (source,) = load(GRAFANA / "datasources" / "prometheus.yaml")["datasources"]
    asked = {panel["datasource"]["uid"] for panel in PANELS}
    asked |= {t["datasource"]["uid"] for panel in PANELS for t in panel["targets"]}
    assert asked == {source["uid"]}


def test_every_process_is_asked() -> None:
    (job,) = load(PROMETHEUS / "prometheus.yaml")["scrape_configs"]
    asked = {
        row["labels"]["process"]: target
        for row in job["static_configs"]
        for target in row["targets"]
    }
    assert asked == {name: f"{name}:8000" for name in PROCESSES}


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_metric_is_named_as_prometheus_wants_and_explained(metric: Any) -> None:
    endings = {"counter": "_total", "histogram": "_seconds", "gauge": ""}
    assert re.fullmatch(r"fengqiao_[a-z]+(_[a-z]+)*", metric.name)
    assert metric.name.endswith(endings[metric.kind])
    assert metric.kind == "counter" or not metric.name.endswith("_total")
    assert metric.zh and metric.en
