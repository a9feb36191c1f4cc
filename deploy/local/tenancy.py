"""Several processes may use one local server: the last one out stops it.

Each user holds a shared lock on one file for as long as it lives. The system takes the
lock back from a killed process, so nobody is ever counted who is no longer there, and a
server whose starter was killed is simply taken over by the next user.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path


class Tenancy:
    """Who uses the server of one data folder."""

    def __init__(self, folder: Path) -> None:
        self._turn = folder / "turn.lock"
        self._users = folder / "users.lock"
        self._mine: BufferedRandom | None = None

    @property
    def entered(self) -> bool:
        """True between `enter` and `leave`."""
        return self._mine is not None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else starts, restarts or stops the server meanwhile."""
        with _opened(self._turn) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def enter(self) -> None:
        """Be counted as a user; call it inside `alone`."""
        if self._mine is None:
            self._mine = _opened(self._users)
            fcntl.flock(self._mine, fcntl.LOCK_SH)

    def leave(self) -> bool:
        """No longer be counted; True when nobody is left. Call it inside `alone`."""
        if self._mine is None:
            return False
        self._mine.close()
        self._mine = None
        return self._nobody_left()

    def _nobody_left(self) -> bool:
        with _opened(self._users) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True


def _opened(path: Path) -> BufferedRandom:
    """The lock file, which belongs to the owner of its folder even if root made it."""
    file = path.open("a+b")
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
    return file
