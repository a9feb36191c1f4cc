"""One product works in a data folder; its end, however it comes, lets the next one in."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.cli.words import in_words
from services.data_folder import DataFolder
from shared.events.errors import RefusedError

HOLD = """
import pathlib, subprocess, sys
from services.data_folder import DataFolder
held = DataFolder(pathlib.Path(sys.argv[1]), "fengqiao up")
held.claim()
child = subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL)
print(child.pid, flush=True)
sys.stdin.read()
"""


@contextmanager
def another_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the folder and has a child that outlives it."""
    pipe = subprocess.PIPE
    told = [sys.executable, "-c", HOLD, str(folder)]
    with subprocess.Popen(told, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout
        child = int(process.stdout.readline())
        try:
            yield process
        finally:
            os.kill(child, signal.SIGKILL)
            process.kill()
            process.communicate()


def test_a_second_one_is_told_who_works_there_and_what_to_do(tmp_path):
    folder = tmp_path / "data"
    with another_process(folder) as first:
        with pytest.raises(RefusedError) as refused:
            DataFolder(folder, "fengqiao up --kafka").claim()

        zh, en = in_words(refused.value).splitlines()
        for told in (zh, en):
            assert f"kill {first.pid}" in told and str(folder) in told
            assert "fengqiao up --kafka" in told and "FENGQIAO_DATA" in told
        assert "自 20" in zh and "since 20" in en


def test_a_killed_process_lets_the_next_one_in_though_its_children_live(tmp_path):
    with another_process(tmp_path) as first:
        first.kill()
        first.wait()

        with DataFolder(tmp_path, "fengqiao up").claimed():
            pass


def test_what_is_released_is_free_and_may_be_claimed_again(tmp_path):
    one, other = (DataFolder(tmp_path, "fengqiao up") for _ in range(2))
    with one.claimed(), pytest.raises(RefusedError):
        other.claim()
    with other.claimed():
        other.claim()
    one.claim()
    one.release()
    one.release()


def test_of_one_that_has_only_just_come_in_nothing_is_known_yet(tmp_path):
    with DataFolder(tmp_path, "fengqiao up").claimed():
        (tmp_path / "running.lock").write_bytes(b"")
        with pytest.raises(RefusedError, match="process —"):
            DataFolder(tmp_path, "fengqiao up").claim()
