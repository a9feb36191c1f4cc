"""The bench runs, finds every dispute again, and says what it measured."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.backtest import backtest

ROOT = Path(__file__).parents[2]
PARTS = ("end-to-end", "bare", "disk", "latency", "lifecycle", "spike")
TINY = ("--disputes=20", "--seconds=1", "--lifecycles=4", "--history=40", "--reads=5")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a tiny run of everything but `two` has written."""
    path = tmp_path_factory.mktemp("bench") / "found.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench", *PARTS, *TINY, f"--json={path}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {**json.loads(path.read_text("utf-8")), "table": done.stdout}


def test_every_part_of_the_bench_measures_something(run):
    assert run["end-to-end"]["disputes"] == 20
    assert run["end-to-end"]["cpu_per_1000"].keys() >= {"intake", "postgres", "kafka"}
    assert run["bare"]["ratio"] > 0
    assert run["disk"]["database_kb"] > 0 and run["disk"]["topics"] > 0
    assert run["latency"]["http"]["lost"] == run["latency"]["topic"]["lost"] == 0
    assert run["lifecycle"]["per_second"] > 0
    assert (run["spike"]["errors"], run["spike"]["lost"]) == (0, 0)


def test_a_history_is_filled_in_and_answers(run):
    assert run["history"]["disputes"] == 40
    assert run["history"]["end-to-end"]["disputes"] == 20
    assert run["history"]["reads"].keys() >= {"list", "search", "story"}


def test_the_table_tells_the_aims_and_the_machine(run):
    assert "目标 · aims" in run["table"]
    assert "fsync on" in run["table"]
    assert run["machine"]["postgres"]["synchronous_commit"] == "on"


def test_a_drawn_past_is_tried_by_a_draft():
    found = backtest(disputes=500)

    assert found["disputes"] == 500 and found["flips"] > 0
