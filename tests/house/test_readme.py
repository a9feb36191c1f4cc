"""The README's blocks are run, and what it shows is what comes out.

A `console` block is a list of commands, each after `$ `, with their output; `…` stands
for anything. `make up` is started once and stays up for the blocks after it; `make
up-kafka` likewise. All blocks run in one folder, in order.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PATIENCE = 300
PORTS = range(8000, 8007)
READY = {"make up": "Running", "make up-kafka": "Running"}


class Command(NamedTuple):
    """A command of the README and the output that stands under it."""

    line: str
    shown: str

    def __repr__(self) -> str:
        return self.line[:60]


def commands() -> list[Command]:
    found = []
    for block in re.findall(r"```console\n(.*?)```", README.read_text("utf-8"), re.S):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            lines = part.split("\n")
            if lines[0].endswith("<<'END'"):
                end = lines.index("END") + 1
                lines[:end] = ["\n".join(lines[:end])]
            found.append(Command(lines[0], "\n".join(lines[1:]).strip()))
    return found


class Terminal:
    """A folder like a fresh clone's, in which `make` has done its set-up."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: subprocess.Popen[str] | None = None
        for name in ("samples", "deploy", "shared/regions"):
            shutil.copytree(ROOT / name, folder / name)
        bin_folder = folder / ".venv" / "bin"
        bin_folder.mkdir(parents=True)
        for name, words in (("python", ""), ("fengqiao", "-m services.cli")):
            script = bin_folder / name
            script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
            script.chmod(0o755)
        self._first_port = free_block(len(PORTS))
        self._env = {
            **os.environ,
            "FENGQIAO_HTTP_PORT": str(self._first_port),
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "200",
            "PATH": f"{bin_folder}:{os.environ['PATH']}",
        }

    def run(self, command: Command) -> str:
        """What comes out, as if the ports of the README had been free."""
        line = command.line
        for number, port in enumerate(PORTS):
            line = line.replace(f":{port}/", f":{self._first_port + number}/")
        came = self._start(line) if line in READY else self._ran(line)
        for number, port in enumerate(PORTS):
            came = came.replace(f":{self._first_port + number}", f":{port}")
        return came

    def _ran(self, line: str) -> str:
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=self._folder,
            env=self._env,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def stop(self) -> None:
        if self._running:
            self._running.send_signal(signal.SIGINT)
            self._running.wait(30)
            self._running = None

    def _start(self, line: str) -> str:
        self.stop()
        log = self._folder / "up.txt"
        more = ["--kafka"] if "kafka" in line else []
        data = {"FENGQIAO_DATA": "data-kafka"} if more else {}
        with log.open("w") as out:
            self._running = subprocess.Popen(
                [sys.executable, "-m", "services.cli", "up", *more],
                cwd=self._folder,
                env={**self._env, **data},
                stdout=out,
                stderr=out,
                text=True,
            )
        until = time.monotonic() + PATIENCE
        while READY[line] not in log.read_text("utf-8"):
            assert self._running.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < until, log.read_text("utf-8")
            time.sleep(0.2)
        return log.read_text("utf-8")


def free_block(size: int) -> int:
    """The first of so many free ports in a row."""
    for first in range(18000, 30000, size):
        with ExitStack() as taken:
            try:
                for port in range(first, first + size):
                    found = taken.enter_context(socket.socket())
                    found.bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
    raise AssertionError("no free ports")


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    found = Terminal(tmp_path_factory.mktemp("readme"))
    yield found
    found.stop()


@pytest.mark.parametrize("command", commands(), ids=repr)
def test_the_readme_shows_what_comes_out(terminal, command):
    until = time.monotonic() + (60 if command.line.startswith("sleep") else 0)
    came = terminal.run(command)
    while not _matches(command.shown, came) and time.monotonic() < until:
        came = terminal.run(command)  # what is said on a topic is heard in its time

    assert _matches(command.shown, came), came


def test_the_readme_has_both_commands_and_three_ways_in():
    lines = [command.line for command in commands()]

    assert {"make up", "make up-kafka"} <= set(lines)
    assert any(line.startswith("curl") for line in lines)
    assert any("import samples" in line for line in lines)
    assert any("referrals.police" in line for line in lines)


def test_every_link_of_the_readme_leads_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", README.read_text("utf-8")):
        assert (ROOT / target).exists(), target


def _matches(shown: str, came: str) -> bool:
    """Line by line but for white space; `…` is anything, also several lines."""
    parts = [_squeezed(part) for part in shown.split("…")]
    pattern = ".*".join(re.escape(part.strip()) for part in parts)
    return re.search(pattern, _squeezed(came), re.S) is not None


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)
