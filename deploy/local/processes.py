"""What is running on this machine: which process is ours, and whether it still lives.

A process id alone proves nothing: it may be a zombie or belong to somebody else by now.
So every question also names words that must stand in the process's command line.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil


def is_alive(pid: int, *words: str) -> bool:
    """True for a living process, no zombie, with all the words on its command line."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return _says(process.cmdline(), words)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def find(*words: str) -> int | None:
    """The process that has all the words on its command line, if there is one."""
    for process in psutil.process_iter(["cmdline", "status"]):
        dead = process.info["status"] == psutil.STATUS_ZOMBIE
        if not dead and _says(process.info["cmdline"] or [], words):
            return int(process.pid)
    return None


def working_in(folder: Path) -> Iterator[int]:
    """Living processes whose working folder this is."""
    for process in psutil.process_iter(["cwd", "status"]):
        dead = process.info["status"] == psutil.STATUS_ZOMBIE
        if not dead and process.info["cwd"] == str(folder):
            yield process.pid


def end(pid: int, *steps: tuple[signal.Signals, float]) -> bool:
    """Send each signal in turn, wait its seconds, until the process is gone."""
    for number, seconds in steps:
        try:
            os.kill(pid, number)
            psutil.Process(pid).wait(seconds)
        except (ProcessLookupError, psutil.NoSuchProcess):
            return True
        except psutil.TimeoutExpired:
            continue
        return True
    return False


def _says(command: list[str], words: tuple[str, ...]) -> bool:
    return all(any(word in part for part in command) for word in words)
