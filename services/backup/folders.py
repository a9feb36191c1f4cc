"""Folders that are there as a whole or not at all, readable by their owner only."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.backup.errors import BackupError
from shared.disk import sync_folder


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A folder beside `target` to write into, which takes its place at the end.

    If anything is raised, nothing is left of it.
    """
    unfinished = target.with_name(target.name + ".partial")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    try:
        yield unfinished
        for file in unfinished.iterdir():
            file.chmod(0o600)
        sync_folder(unfinished)
        if target.exists():
            raise BackupError("exists", folder=target)
        unfinished.rename(target)
        sync_folder(target.parent)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def must_be_fit(target: Path, data: Path, needed: int) -> None:
    """Refuse a place that exists, lies in the data it is to protect, or is too small."""
    if target.exists():
        raise BackupError("exists", folder=target)
    if not target.parent.is_dir():
        raise BackupError("no-parent", folder=target.parent)
    if target.resolve().is_relative_to(data.resolve()):
        raise BackupError("inside-data", folder=target, data=data)
    free = shutil.disk_usage(target.parent).free
    if free < needed:
        sizes = {"free": _megabytes(free), "needed": _megabytes(needed)}
        raise BackupError("no-room", folder=target.parent, **sizes)


def write_safely(path: Path, content: bytes) -> None:
    """Write a file that is on the disk when this returns."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.0f} MB"
