"""A data folder is worked in by one product at a time.

The system itself keeps the lock and takes it back when the process ends, however it
ends. Commands that only ask a running product need none.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BufferedRandom
from pathlib import Path
from typing import NamedTuple

from pydantic import AwareDatetime, ValidationError

from shared.calendar import SHANGHAI
from shared.events.base import Value
from shared.events.errors import RefusedError

NAME = "running.lock"


class Holder(Value):
    """Who works in a folder, as it wrote into the lock file itself."""

    command: str
    pid: int
    since: AwareDatetime


class _Told(NamedTuple):
    command: str = "—"
    pid: str = "—"
    since: str = "—"


class DataFolder:
    """The folder of one product; `command` is what a second one is told of this one."""

    def __init__(self, folder: Path, command: str) -> None:
        self._folder, self._command = folder, command
        self._mine: BufferedRandom | None = None

    def claim(self) -> None:
        """Work in it alone. Raises `RefusedError` if another process does."""
        if self._mine is not None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        file = _opened(self._folder / NAME)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with file:
                raise self._taken(_told(file)) from None
        self._write(file)
        self._mine = file

    def release(self) -> None:
        """Let the next one in; a second time does nothing."""
        if self._mine is not None:
            self._mine.close()
            self._mine = None

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Work in it alone meanwhile."""
        self.claim()
        try:
            yield
        finally:
            self.release()

    def _write(self, file: BufferedRandom) -> None:
        now = datetime.now(UTC)
        holder = Holder(command=self._command, pid=os.getpid(), since=now)
        file.truncate(0)
        file.write(holder.model_dump_json().encode() + b"\n")
        file.flush()

    def _taken(self, holder: _Told) -> RefusedError:
        return RefusedError(
            "already-runs",
            f"cannot start {self._command} in {self._folder}: {holder.command} works "
            f"there (process {holder.pid}, since {holder.since}); use it with the other "
            "commands, stop it first, or name another folder in FENGQIAO_DATA",
            wanted=self._command,
            folder=self._folder.absolute(),
            **holder._asdict(),
        )


def _opened(path: Path) -> BufferedRandom:
    """The lock file; it belongs to the owner of its folder, also if root made it."""
    file = path.open("a+b")
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
    return file


def _told(file: BufferedRandom) -> _Told:
    """Nothing is known of a process that has only just come in."""
    file.seek(0)
    try:
        found = Holder.model_validate_json(file.read())
    except ValidationError:
        return _Told()
    since = found.since.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    return _Told(found.command, str(found.pid), since)
