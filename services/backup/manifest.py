"""What a copy says of itself, and whether its files are still what was written.

Digests find damage, not forgery: whoever can write into the folder can write these too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, Field, ValidationError

from services.backup.errors import BackupError
from services.backup.folders import write_safely
from shared.events.base import Value

NAME, SEAL = "manifest.json", "manifest.sha256"
KEYS_ARE_KEPT = timedelta(days=30)
"""So long may a copy of the key store be kept: an older one would bring back too much."""


class Written(Value):
    """A file of a copy as it was written."""

    sha256: str
    size: int


class Store(Value):
    """How far one service had come when the copy was made."""

    id: UUID
    events: int
    last_position: int


class Manifest(Value):
    """What both kinds of copies say. `made_at` is the moment whose data they hold."""

    form: Literal[1] = 1
    backup: UUID
    product: str
    made_at: AwareDatetime
    server: str
    files: dict[str, Written]
    tables: dict[str, int]


class DataManifest(Manifest):
    """A copy of everything but keys.

    `offsets` is how far each group had read what comes from outside, no further than
    the copy knows; None if no broker answered.
    """

    kind: Literal["data"] = "data"
    carrier: str | None
    region: str
    directory: str
    disputes: int
    stores: dict[str, Store]
    offsets: dict[str, dict[str, int]] | None = None


class KeysManifest(Manifest):
    """A copy of the key store. `master` tells which master key opens it, nothing more."""

    kind: Literal["keys"] = "keys"
    master: str
    keys: int
    destroyed: int = Field(ge=0)

    @property
    def keep_until(self) -> datetime:
        return self.made_at + KEYS_ARE_KEPT


AnyManifest = TypeVar("AnyManifest", DataManifest, KeysManifest)


def product_version() -> str:
    try:
        return version("fengqiao")
    except PackageNotFoundError:  # run from its source without being installed
        return "source"


def write_manifest(folder: Path, manifest: Manifest) -> None:
    text = manifest.model_dump_json(indent=2).encode()
    write_safely(folder / NAME, text)
    write_safely(folder / SEAL, hashlib.sha256(text).hexdigest().encode() + b"\n")


def read_manifest(folder: Path, kind: type[AnyManifest]) -> AnyManifest:
    """The manifest of a copy, after every file was read and found as it was written.

    Raises `BackupError`.
    """
    if not (folder / NAME).is_file():
        raise BackupError("not-a-copy", folder=folder)
    text = (folder / NAME).read_bytes()
    seal = (folder / SEAL).read_text().strip() if (folder / SEAL).is_file() else ""
    if hashlib.sha256(text).hexdigest() != seal:
        raise BackupError("damaged", folder=folder, files=NAME)
    try:
        manifest = kind.model_validate_json(text)
    except ValidationError:
        raise BackupError("other-form", folder=folder) from None
    _must_be_as_written(folder, manifest.files)
    return manifest


def written(folder: Path, names: Iterable[str]) -> dict[str, Written]:
    """What these files are now."""
    return {name: _measured(folder / name) for name in names}


def _must_be_as_written(folder: Path, files: Mapping[str, Written]) -> None:
    missing = [name for name in files if not (folder / name).is_file()]
    there = written(folder, sorted(files.keys() - set(missing)))
    differing = [name for name in there if there[name] != files[name]]
    if bad := sorted([*missing, *differing]):
        raise BackupError("damaged", folder=folder, files=bad)


def _measured(path: Path) -> Written:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Written(sha256=digest, size=path.stat().st_size)
