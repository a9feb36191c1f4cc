"""What the local PostgreSQL and the local Kafka have in common.

A server is started once per data folder, shared by every process that asks for it, kept
alive by whoever watches it, and stopped by the last one that leaves.
"""

from __future__ import annotations

import logging
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from pathlib import Path
from typing import Self

from deploy.errors import CannotStart
from deploy.local.tenancy import Tenancy

left_running: list[subprocess.Popen[bytes]] = []
"""Servers that we started and left to others; reaped when this process ends."""

logger = logging.getLogger(__name__)


class LocalServer(ABC):
    """A server on this machine with its data in one folder."""

    def __init__(self, data: Path) -> None:
        self.data = data.expanduser().resolve()
        self._tenancy = Tenancy(self.data)
        self._child: subprocess.Popen[bytes] | None = None
        self._leaving = threading.Event()
        self._watcher: threading.Thread | None = None

    def start(self) -> str:
        """Start the server, or join the one that runs; returns its address."""
        self._leaving.clear()
        self._prepare()
        with self._tenancy.alone():
            self._tenancy.enter()
            try:
                self._bring_up()
            except BaseException:
                if self._tenancy.leave():
                    self._shut_down()
                raise
        return self.address

    def ensure(self) -> bool:
        """Start it again if it does not answer; True when that was needed."""
        with self._tenancy.alone():
            if not self._tenancy.entered or self._is_ready():
                return False
            self._bring_up()
        return True

    def watch(self, every: float = 0.5) -> None:
        """Keep it alive from a thread of our own until `stop`."""
        if self._watcher is None:
            self._watcher = threading.Thread(
                target=self._keep_alive, args=(every,), name=f"watch {self.data.name}"
            )
            self._watcher.daemon = True
            self._watcher.start()

    def stop(self) -> None:
        """Leave the server; it stops when no other process uses it."""
        self._leaving.set()
        if self._watcher is not None:
            self._watcher.join()
            self._watcher = None
        if self._tenancy.entered:
            with self._tenancy.alone():
                if self._tenancy.leave():
                    self._shut_down()
                else:
                    self._leave_running()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    @abstractmethod
    def address(self) -> str:
        """Where clients connect; known after `start`."""

    @property
    @abstractmethod
    def pid(self) -> int | None:
        """The server's process id; None when it does not run."""

    @property
    @abstractmethod
    def log(self) -> Path:
        """The file with what the server says."""

    @abstractmethod
    def _prepare(self) -> None:
        """Make the data folder; needs no turn."""

    @abstractmethod
    def _launch(self) -> None:
        """Start the process; the data folder may need repair after a kill."""

    @abstractmethod
    def _is_ready(self) -> bool:
        """One quick try whether it answers."""

    @abstractmethod
    def _shut_down(self) -> None:
        """End the process, politely first."""

    def _leave_running(self) -> None:
        if self._child is not None:
            left_running.append(self._child)
            self._child = None

    def _adopt(self, child: subprocess.Popen[bytes]) -> None:
        """Remember the new process; the one before it is dead and waits for us."""
        self._bury()
        self._child = child

    def _bury(self) -> None:
        if self._child is not None:
            self._child.wait(timeout=10)
            self._child = None

    def _bring_up(self) -> None:
        """What runs already may still be starting, or be dying of a signal."""
        if self.pid is None or not self._becomes_ready():
            self._launch()
            if not self._becomes_ready():
                raise self._failure("died_at_start")

    def _becomes_ready(self, seconds: float = 120) -> bool:
        """Wait until it answers; False when its process ends before that."""
        until = time.monotonic() + seconds
        while not self._is_ready():
            if self.pid is None:
                self._bury()
                return False
            if time.monotonic() > until:
                raise self._failure("not_ready", seconds=int(seconds))
            if self._leaving.wait(0.05):
                raise self._failure("left_meanwhile")
        return True

    def _keep_alive(self, every: float) -> None:
        pause = every
        while not self._leaving.wait(pause):
            pause = self._revive(every, pause)

    def _revive(self, every: float, pause: float) -> float:
        try:
            if self.pid is None and self.ensure():
                logger.warning("%s was gone and runs again", type(self).__name__)
        except (CannotStart, OSError) as error:
            if self._leaving.is_set():
                return every
            logger.error("%s does not come back: %s", type(self).__name__, error)
            return min(pause * 2, 30)
        return every

    def _last_words(self) -> str:
        return last_lines(self.log)

    def _failure(self, reason: str, **facts: object) -> CannotStart:
        return CannotStart(
            reason,
            log=self._last_words(),
            server=type(self).__name__,
            folder=self.data,
            path=self.log,
            **facts,
        )


def last_lines(path: Path, count: int = 15) -> str:
    """The end of a log file, indented; empty when there is none."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return "".join(f"    {line}" for line in deque(file, count)).rstrip()
    except OSError:
        return ""
