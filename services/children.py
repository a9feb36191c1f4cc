"""Child processes that are started, started again when they end, and stopped at the end."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import structlog

log = structlog.get_logger()

FIRST_PAUSE, LONGEST_PAUSE, LONG_ENOUGH = 0.3, 10.0, 30.0


class Child:
    """One `fengqiao serve NAME`, with its log in a file of its own."""

    def __init__(self, name: str, env: Mapping[str, str], folder: Path) -> None:
        self.name, self._env = name, env
        self.log_file = folder / f"{name}.log"
        self._pause, self._started = FIRST_PAUSE, 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        self._started = time.monotonic()
        with self.log_file.open("ab") as out:
            self.process = subprocess.Popen(
                _command(self.name),
                env=dict(self._env),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def revive(self, stopping: threading.Event) -> None:
        """Start it again if it has ended; slower each time it ends soon after."""
        if self.process is None or self.process.poll() is None:
            return
        log.warning("child_ended", child=self.name, status=self.process.returncode)
        lived = time.monotonic() - self._started
        self._pause = FIRST_PAUSE if lived > LONG_ENOUGH else self._pause
        if not stopping.wait(self._pause):
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
            self.start()

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def stop(self, until: float) -> None:
        """Wait for it to end; kill it when the time is over."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Children:
    """The processes of one product on one machine."""

    def __init__(self, children: list[Child]) -> None:
        self.children = {child.name: child for child in children}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        for child in self.children.values():
            child.start()
        self._thread.start()

    def stop(self, within: float = 8.0) -> None:
        self._stopping.set()
        self._thread.join(within)
        for child in self.children.values():
            child.ask_to_stop()
        until = time.monotonic() + within
        for child in self.children.values():
            child.stop(until)

    def _watch(self) -> None:
        while not self._stopping.wait(0.2):
            for child in self.children.values():
                child.revive(self._stopping)


def _command(name: str) -> list[str]:
    return [sys.executable, "-m", "services.cli", "serve", name]
