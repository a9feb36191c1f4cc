"""Whole files that are on the disk once they are said to be, many for one wait."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import get_ident
from typing import NamedTuple

from shared.disk import sync_folder

MOST_OPEN = 128
"""So many files are on their way to the disk together."""

READABLE = 0o640
"""Those who deliver letters may read them."""


class File(NamedTuple):
    """A name in a folder, and what is to stand there."""

    folder: Path
    name: str
    content: bytes


def put_all(files: Sequence[File]) -> list[OSError | None]:
    """Whole files, on the disk; what is there already is left alone.

    Of each the error that kept it from being there. After a crash there may be drafts,
    but never half a file under its name.
    """
    found: dict[int, OSError | None] = {}
    for folder in {file.folder for file in files}:
        places = [n for n, file in enumerate(files) if file.folder == folder]
        errors = _put_in(folder, [files[n] for n in places])
        found.update(zip(places, errors, strict=True))
    return [found[place] for place in range(len(files))]


def _put_in(folder: Path, files: Sequence[File]) -> list[OSError | None]:
    try:
        number = _opened(folder)
    except OSError as error:
        return [error] * len(files)
    try:
        errors = [error for part in _parts(files) for error in _put(number, part)]
        os.fsync(number)
    except OSError as error:
        return [error] * len(files)
    else:
        return errors
    finally:
        os.close(number)


def _parts(files: Sequence[File]) -> Iterator[Sequence[File]]:
    for start in range(0, len(files), MOST_OPEN):
        yield files[start : start + MOST_OPEN]


def _opened(folder: Path) -> int:
    """The folder, made if there is none."""
    try:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        _make(folder)
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY)


def _make(folder: Path) -> None:
    """Make a folder whose name is on the disk, and those above it."""
    if not folder.parent.exists():
        _make(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def _put(folder: int, files: Sequence[File]) -> Iterator[OSError | None]:
    """Write all, then wait for the disk: the first wait brings most of it there."""
    drafts = [_drafted(folder, file.name, file.content) for file in files]
    for draft in drafts:
        yield draft.keep() if isinstance(draft, _Draft) else draft


def _drafted(folder: int, name: str, content: bytes) -> _Draft | OSError | None:
    """A draft of the file; None if it is there, by the same notice before a crash."""
    with suppress(FileNotFoundError):
        os.stat(name, dir_fd=folder)
        return None
    try:
        return _Draft(folder, name, content)
    except OSError as error:
        return error


class _Draft:
    """A file on its way: under a name of its own until it is whole and on the disk."""

    def __init__(self, folder: int, name: str, content: bytes) -> None:
        self._folder, self._name = folder, name
        self._draft = f".draft-{name}-{os.getpid()}-{get_ident()}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        self._file = os.open(self._draft, flags, READABLE, dir_fd=folder)
        try:
            if stat.S_IMODE(os.fstat(self._file).st_mode) != READABLE:
                os.fchmod(self._file, READABLE)
            while content:
                content = content[os.write(self._file, content) :]
        except OSError:
            self._drop()
            raise

    def keep(self) -> OSError | None:
        """Have it on the disk, under its name; the error if that cannot be."""
        try:
            os.fsync(self._file)
            os.rename(
                self._draft,
                self._name,
                src_dir_fd=self._folder,
                dst_dir_fd=self._folder,
            )
        except OSError as error:
            self._drop()
            return error
        os.close(self._file)
        return None

    def _drop(self) -> None:
        os.close(self._file)
        with suppress(OSError):
            os.unlink(self._draft, dir_fd=self._folder)
