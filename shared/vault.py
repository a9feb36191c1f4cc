"""Keeps messages from outside sealed while they wait for repair."""

from __future__ import annotations

from uuid import UUID

from shared.keystore import KeyStore
from shared.sealing import Sealed, seal_bytes, unseal_bytes


class Vault:
    """Seals each message under a key of its own, which can be destroyed alone."""

    def __init__(self, keystore: KeyStore) -> None:
        self._keystore = keystore

    def close(self, message: UUID, body: bytes) -> bytes:
        key = self._keystore.keys_for([message])[message]
        return seal_bytes(key, body, _place(message)).model_dump_json().encode()

    def open(self, message: UUID, kept: bytes) -> bytes:
        sealed = Sealed.model_validate_json(kept)
        return unseal_bytes(self._keystore.get(message), sealed, _place(message))


def _place(message: UUID) -> str:
    return f"{message}/body"
