"""Personal data that opens only with the key of the party it belongs to.

A `Sealed` value may lie in events, views and exports; once its key is destroyed it is
noise, and digests over it still hold. Here are also the keyed digests by which sealed
values are found and compared. Keeps no key; knows no database and no clock; the only
randomness is the operating system's.
"""

from __future__ import annotations

import base64
import hmac
import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.events.base import Value
from shared.events.errors import FengqiaoError

ALGORITHM = "AES-256-GCM"
KEY_BYTES, NONCE_BYTES = 32, 12
IDENTITY_NUMBER = "identity_number"

_TEXT, _BYTES = b"fengqiao/sealed-text/v1", b"fengqiao/sealed-bytes/v1"


class SealError(FengqiaoError):
    """A value cannot be sealed or indexed as it is. Never quotes the value."""

    code = "cannot-seal"


class UnsealError(FengqiaoError):
    """A sealed value does not open: changed, moved, or sealed with another key."""

    code = "cannot-unseal"

    def __init__(self, place: str, key: UUID, reason: str) -> None:
        super().__init__(
            f"cannot unseal {place} with key {key}: {reason}; compare the record with "
            "a backup, and report it if they differ",
            place=place,
            key=key,
            reason=reason,
        )


class Sealed(Value):
    """A ciphertext and what is needed, besides the key, to open it."""

    algorithm: str = ALGORITHM
    key: UUID
    nonce: str
    text: str


@dataclass(frozen=True)
class Key:
    """The key of one party. Printing it shows its id and never the secret."""

    id: UUID
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise ValueError(f"key {self.id} must have {KEY_BYTES} bytes")

    @cached_property
    def index_key(self) -> bytes:
        """For digests that must lose their meaning when this key is destroyed."""
        return derive(self.secret, "fengqiao/party-index/v1")


def derive(secret: bytes, info: str) -> bytes:
    """Another key for one purpose, from which `secret` cannot be found."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=info.encode()).derive(secret)


def seal(key: Key, plain: str, place: str) -> Sealed:
    """Encrypt text for one place, a stable name such as "<dispute>/party-1/name"."""
    return _seal(key, _utf8(plain, place), _TEXT, place)


def unseal(key: Key, sealed: Sealed, place: str) -> str:
    return _unseal(key, sealed, _TEXT, place).decode()


def seal_bytes(key: Key, plain: bytes, place: str) -> Sealed:
    """Encrypt a raw message body. It does not open as text, nor text as a body."""
    return _seal(key, plain, _BYTES, place)


def unseal_bytes(key: Key, sealed: Sealed, place: str) -> bytes:
    return _unseal(key, sealed, _BYTES, place)


def blind_index(index_key: bytes, kind: str, value: str) -> str:
    """A digest by which a value of this kind is found again without being readable.

    Spellings of one value give one digest: full and half width, space around it; in
    identity numbers (身份证号) also case, inner space and punctuation.
    """
    normal = unicodedata.normalize("NFKC", value).strip()
    if kind == IDENTITY_NUMBER:
        normal = "".join(filter(str.isalnum, normal)).upper()
    if not normal:  # or all who left it blank would be one person
        words = f"cannot index an empty {kind}: leave the field out"
        raise SealError(words, place=kind)
    return _digest(index_key, "blind", kind, normal)


def fingerprint(index_key: bytes, fields: Mapping[str, str]) -> dict[str, str]:
    """A digest per field path, exact to the character, to compare content later."""
    return {path: _digest(index_key, "field", path, fields[path]) for path in fields}


def differing_fields(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """The field paths changed, added or dropped between two fingerprints."""
    return sorted(path for path in {*old, *new} if old.get(path) != new.get(path))


def _seal(key: Key, plain: bytes, use: bytes, place: str) -> Sealed:
    nonce = os.urandom(NONCE_BYTES)
    text = AESGCM(key.secret).encrypt(nonce, plain, _bound_to(use, key.id, place))
    return Sealed(key=key.id, nonce=_to_base64(nonce), text=_to_base64(text))


def _unseal(key: Key, sealed: Sealed, use: bytes, place: str) -> bytes:
    if sealed.algorithm != ALGORITHM:
        raise UnsealError(place, key.id, "its algorithm is not known here")
    if sealed.key != key.id:
        raise UnsealError(place, key.id, f"it was sealed with key {sealed.key}")
    try:
        nonce, text = _from_base64(sealed.nonce), _from_base64(sealed.text)
        bound_to = _bound_to(use, key.id, place)
        return AESGCM(key.secret).decrypt(nonce, text, bound_to)
    except (InvalidTag, ValueError):
        reason = "it was changed, or sealed for another place"
        raise UnsealError(place, key.id, reason) from None


def _bound_to(use: bytes, key: UUID, place: str) -> bytes:
    return b"\0".join((use, ALGORITHM.encode(), key.bytes, place.encode()))


def _digest(index_key: bytes, use: str, name: str, value: str) -> str:
    """HMAC under a key of this name's own, so no name can run over into a value."""
    if len(index_key) != KEY_BYTES:
        raise ValueError(f"an index key must have {KEY_BYTES} bytes")
    own = hmac.digest(index_key, f"fengqiao/{use}/v1/{name}".encode(), "sha256")
    return hmac.digest(own, _utf8(value, name), "sha256").hex()


def _utf8(text: str, place: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # which carries the text, so it is not passed on
        words = (
            f"cannot seal {place}: the text is not valid Unicode (half a surrogate "
            "pair); the sender must encode it again"
        )
        raise SealError(words, place=place) from None


def _to_base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _from_base64(text: str) -> bytes:
    """Exactly what `_to_base64` wrote; other spellings of the bytes are refused."""
    raw = base64.b64decode(text, validate=True)
    if _to_base64(raw) != text:
        raise ValueError("not base64 as written here")
    return raw
