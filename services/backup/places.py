"""The place of the embedded database: free, made free, or cleared after a failure."""

from __future__ import annotations

import shutil
import signal
from datetime import UTC, datetime
from pathlib import Path

from deploy.local import processes
from deploy.local.tenancy import Tenancy
from services.backup.errors import BackupError


def must_be_free(place: Path, aside: bool) -> None:
    """Refuse a database that somebody uses, or that is not to be moved aside."""
    if not place.is_dir():
        return
    tenancy = Tenancy(place)
    with tenancy.alone():
        tenancy.enter()
        if not tenancy.leave():
            raise BackupError("still-running", folder=place)
    if not aside:
        raise BackupError("not-empty", folder=place)


def moved_aside(place: Path) -> Path | None:
    """Data that is in the way keeps everything but its place; where it is now."""
    if not place.is_dir():
        return None
    return place.rename(f"{place}.before-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")


def clear(unfinished: Path) -> None:
    """Take away what an earlier attempt left, and the server that may still run on it."""
    for pid in processes.working_in(unfinished / "cluster"):
        processes.end(pid, (signal.SIGINT, 4), (signal.SIGKILL, 4))
    shutil.rmtree(unfinished, ignore_errors=True)
