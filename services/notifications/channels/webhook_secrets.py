"""The secrets that sign webhooks: a file of its own, never part of a region's data."""

from __future__ import annotations

import base64
import binascii
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path

from shared.events.errors import FengqiaoError

PREFIX = "whsec_"
FEWEST_BYTES, MOST_BYTES = 24, 64


class WebhookSecretsError(FengqiaoError):
    """The file of webhook secrets cannot be used as it is. Never quotes a secret."""

    code = "webhook-secrets"


def read_secrets(path: Path) -> Mapping[str, tuple[bytes, ...]]:
    """The active secrets of each body, from lines such as `body-id = ["whsec_…"]`.

    Several at once let a secret be changed without a gap. No file means no secrets.
    Raises `WebhookSecretsError` if others may read the file or a secret is not one.
    """
    if not path.exists():
        return {}
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise WebhookSecretsError(f"{path} is open to others: run `chmod 600 {path}`")
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise WebhookSecretsError(f"{path} is not TOML: write it again") from None
    return {body: _secrets(body, texts, path) for body, texts in found.items()}


def _secrets(body: str, texts: object, path: Path) -> tuple[bytes, ...]:
    if not isinstance(texts, list) or not texts:
        raise WebhookSecretsError(f'{path}: write {body} = ["{PREFIX}…"]', body=body)
    return tuple(_secret(body, text, path) for text in texts)


def _secret(body: str, text: object, path: Path) -> bytes:
    try:
        raw = base64.b64decode(str(text).removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not FEWEST_BYTES <= len(raw) <= MOST_BYTES:
        raise WebhookSecretsError(
            f"{path}: a secret of {body} is not {PREFIX} and {FEWEST_BYTES} to "
            f"{MOST_BYTES} random bytes in base64",
            body=body,
        )
    return raw
