"""Versions of a directory: made whole, kept by their digest, told apart.

A version is a folder of the region's files under `versions/`; any of them loads as a
region. Nothing that was a version is ever overwritten.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from services.routing.importing.checking import digest_of_directory
from shared.disk import sync_folder
from shared.region_lineage import lineage
from shared.region_rows import COLUMNS

KEPT = "versions"
_DIGEST = re.compile("[0-9a-f]{12}")


class Version(NamedTuple):
    """A version and where it lies."""

    digest: str
    folder: Path
    in_force: bool


def candidate(folder: Path, files: Mapping[str, str], beside: Path) -> Path:
    """A copy of a region's files with these in place of theirs; nothing else changes."""
    made = beside / folder.resolve().name
    made.mkdir()
    for file in _own_files(folder):
        shutil.copyfile(file, made / file.name)
    for name, text in files.items():
        _write(made / name, text.encode())
    sync_folder(made)
    _with_parents(folder, beside)
    return made


def publish(folder: Path, files: Mapping[str, str]) -> Version:
    """Make a checked candidate the directory in force, and keep what was.

    The new version is whole on the disk before the first file changes. If the way there
    is cut, importing the same again ends it. A folder that has no directory yet gets its
    first one.
    """
    kept = folder / KEPT
    kept.mkdir(exist_ok=True)
    _with_parents(folder, kept)
    if all((folder / name).is_file() for name in COLUMNS):
        _keep(folder, {}, kept)
    digest = _keep(folder, files, kept)
    for name in files:
        new = folder / f".{name}.new"
        _write(new, (kept / digest / name).read_bytes())
        new.replace(folder / name)
    sync_folder(folder)
    return Version(digest, folder, in_force=True)


def versions(folder: Path) -> Iterator[Version]:
    """The version in force and those that are kept, the newest first."""
    now = digest_of_directory(folder)
    yield Version(now, folder, in_force=True)
    kept = (folder / KEPT).iterdir() if (folder / KEPT).is_dir() else ()
    others = [one for one in kept if _DIGEST.fullmatch(one.name) and one.name != now]
    for one in sorted(others, key=lambda one: one.stat().st_mtime_ns, reverse=True):
        yield Version(one.name, one, in_force=False)


def _keep(folder: Path, files: Mapping[str, str], kept: Path) -> str:
    with TemporaryDirectory(dir=kept) as made:
        whole = candidate(folder, files, Path(made))
        digest = digest_of_directory(whole)
        if not (kept / digest).exists():
            whole.rename(kept / digest)
    sync_folder(kept)
    return digest


def _with_parents(folder: Path, beside: Path) -> None:
    """Copies of regions that it inherits from, if they are not shipped with this."""
    for above in lineage(folder)[1:]:
        if isinstance(above, Path) and above.parent.samefile(folder.parent):
            shutil.copytree(
                above,
                beside / above.name,
                ignore=shutil.ignore_patterns(KEPT),
                dirs_exist_ok=True,
            )


def _own_files(folder: Path) -> Iterator[Path]:
    return (one for one in folder.iterdir() if one.is_file() and one.name[0] != ".")


def _write(file: Path, content: bytes) -> None:
    with file.open("wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
