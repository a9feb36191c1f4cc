"""The one secret that opens the key store: a file only its owner may read.

It is kept and backed up apart from the database: whoever has both can read everything,
and without it every sealed value is lost. Knows no database.
"""

from __future__ import annotations

import base64
import contextlib
import os
import stat
import string
import tempfile
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.disk import sync_folder
from shared.events.errors import FengqiaoError
from shared.sealing import KEY_BYTES, NONCE_BYTES, Key, derive

_LONGEST_FILE = 1000
_FEWEST_DIFFERENT_BYTES = 16  # 32 random bytes have about 30
_TYPEABLE = frozenset(string.printable.encode())


class MasterKeyError(FengqiaoError):
    """The master key cannot be used as it is."""

    code = "master-key"


@dataclass(frozen=True)
class MasterKey:
    """Wraps the keys of parties. Printing it does not show its secret."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise MasterKeyError(f"a master key must have {KEY_BYTES} bytes")
        if _is_weak(self.secret):
            raise MasterKeyError(
                "the master key was not made at random: use "
                f"`head -c {KEY_BYTES} /dev/urandom | base64`"
            )

    @classmethod
    def load_or_create(cls, path: Path) -> MasterKey:
        """The key in this file; made at random, once, if there is no file.

        Any number of processes may ask at once: all get the same key.
        """
        if not path.exists():
            _create(path)
        return cls(_read(path))

    @cached_property
    def index_key(self) -> bytes:
        """For digests that must be comparable across parties."""
        return derive(self.secret, "fengqiao/index/v1")

    @cached_property
    def id(self) -> str:
        """Tells two master keys apart and says nothing about either."""
        return derive(self.secret, "fengqiao/master-id/v1").hex()

    def wrap(self, key: Key) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, key.secret, key.id.bytes)

    def unwrap(self, key: UUID, wrapped: bytes) -> Key:
        nonce, text = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            return Key(key, self._cipher.decrypt(nonce, text, key.bytes))
        except (InvalidTag, ValueError):
            raise MasterKeyError(
                f"key {key} does not open with this master key: its row was changed, "
                "or belongs to another key store; restore the key store from a backup",
                key=key,
            ) from None

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(derive(self.secret, "fengqiao/wrap/v1"))


def _is_weak(secret: bytes) -> bool:
    return len(set(secret)) < _FEWEST_DIFFERENT_BYTES or _TYPEABLE.issuperset(secret)


def _create(path: Path) -> None:
    """Write the whole file beside its place, then link it there unless one is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number, draft = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(number, "wb") as file:  # mkstemp made it new, mode 0600
            file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first
            os.link(draft, path)
        sync_folder(path.parent)
    finally:
        Path(draft).unlink()


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise MasterKeyError(
                f"master key {path} is open to others (mode {mode:04o}): "
                f"run `chmod 600 {path}`",
                path=str(path),
            )
        text = file.read(_LONGEST_FILE).strip()
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise MasterKeyError(
            f"master key {path} is not base64: restore the file from its backup",
            path=str(path),
        ) from None
