"""What processes use: seconds of processor, and the most memory they ever had."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil

MIB = 1024 * 1024


class Usage:
    """Counts from when it is made. PostgreSQL is counted with all its children."""

    def __init__(self, processes: Mapping[str, int]) -> None:
        self._processes = {**processes, "bench": os.getpid()}
        self._before = self._seconds()
        self._most: dict[str, float] = {}

    def look(self) -> None:
        """Remember how much memory is used now, if it is more than ever."""
        for name, pid in self._processes.items():
            self._most[name] = max(self._most.get(name, 0.0), _memory(pid))

    def seconds(self) -> dict[str, float]:
        """Processor seconds of each since this was made."""
        now = self._seconds()
        return {name: now[name] - self._before.get(name, 0.0) for name in now}

    def most_memory(self) -> dict[str, float]:
        """The most memory of each, in MiB."""
        self.look()
        return dict(self._most)

    def _seconds(self) -> dict[str, float]:
        return {name: _processor(pid) for name, pid in self._processes.items()}


class Others:
    """How much of the machine was taken by programs that are none of ours.

    Ours are this process and all that it started, also those that have ended.
    """

    def __init__(self) -> None:
        self._begun, self._busy, self._ours = time.monotonic(), _busy(), _ours()

    def percent(self) -> float:
        """Of all cores, since this was made."""
        passed = (time.monotonic() - self._begun) * (os.cpu_count() or 1)
        others = (_busy() - self._busy) - (_ours() - self._ours)
        return max(0.0, 100 * others / passed)


def _busy() -> float:
    """Seconds in which the whole machine was not idle."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait - times.guest)


def _ours() -> float:
    found, main = 0.0, psutil.Process()
    for process in [main, *main.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            found += sum(times[:4])  # its own and those of its ended children
    return found


def _processor(pid: int) -> float:
    """Its own seconds, those of children that have ended, and of those that run."""
    found = 0.0
    with suppress(psutil.NoSuchProcess):
        main = psutil.Process(pid)
        times = main.cpu_times()
        found = times.user + times.system
        if main.name().startswith("postgres"):
            found += times.children_user + times.children_system
            found += sum(_processor_alone(child) for child in main.children())
    return found


def _processor_alone(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0.0


def _memory(pid: int) -> float:
    """Memory of a process and, what they share counted once, of its children."""
    with suppress(psutil.NoSuchProcess):
        main = psutil.Process(pid)
        if not main.name().startswith("postgres"):
            return _status(pid).get("VmHWM", 0.0)
        found = [_status(child.pid) for child in [main, *main.children()]]
        own = sum(each.get("RssAnon", 0.0) for each in found)
        return own + max(each.get("RssShmem", 0.0) for each in found)
    return 0.0


def _status(pid: int) -> dict[str, float]:
    """The lines of the kernel's account that are sizes, in MiB."""
    found: dict[str, float] = {}
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            name, _, told = line.partition(":")
            if told.endswith(" kB"):
                found[name] = int(told.split()[0]) * 1024 / MIB
    return found
