"""Which keys have been destroyed (销毁), as copies remember it.

A list of ids and times, no content: it goes with every copy and may be kept for ever. A
key that was destroyed stays so in whatever is put back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

import psycopg

from services.backup.dumps import Snapshot
from services.backup.errors import BackupError
from services.backup.folders import write_safely
from shared.sealing import ALGORITHM

NAME = "destroyed.jsonl"

Destroyed = Mapping[UUID, datetime]

_FIND = "SELECT key, destroyed_at FROM keys.party_keys WHERE state = 'destroyed'"
_HAS_KEYS = "SELECT to_regclass('keys.party_keys') IS NOT NULL"
_DESTROY = """
    INSERT INTO keys.party_keys (key, algorithm, state, destroyed_at)
    VALUES (%s, %s, 'destroyed', %s)
    ON CONFLICT (key) DO UPDATE
    SET wrapped = NULL, state = 'destroyed', destroyed_at = excluded.destroyed_at
    WHERE party_keys.state <> 'destroyed'
"""


def in_store(url: str) -> dict[UUID, datetime]:
    """What a key store knows as destroyed; nothing if there is none yet."""
    with psycopg.connect(url, connect_timeout=10) as connection:
        row = connection.execute(_HAS_KEYS).fetchone()
        if not row or not row[0]:
            return {}
        return dict(connection.execute(_FIND).fetchall())


def in_snapshot(found: Snapshot) -> dict[UUID, datetime]:
    """The same, at the instant of a copy."""
    return dict(found.rows(_FIND))


def destroy_again(url: str, known: Destroyed) -> int:
    """Destroy keys in a store that has just been put back; how many were alive in it.

    The table is written anew, so that their wrapped bytes leave its file as well.
    """
    rows = [(key, ALGORITHM, at) for key, at in sorted(known.items())]
    before = in_store(url)
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        connection.cursor().executemany(_DESTROY, rows)
        connection.execute("VACUUM FULL keys.party_keys")
    return len(known.keys() - before.keys())


def write_list(folder: Path, known: Destroyed) -> None:
    lines = [
        json.dumps({"key": str(key), "destroyed_at": at.isoformat()}) + "\n"
        for key, at in sorted(known.items())
    ]
    write_safely(folder / NAME, "".join(lines).encode())


def read_lists(places: Iterable[Path]) -> dict[UUID, datetime]:
    """What files of this form, or copies that hold one, say. Raises `BackupError`."""
    found: dict[UUID, datetime] = {}
    for place in places:
        path = place / NAME if place.is_dir() else place
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
            told = [json.loads(line) for line in lines]
            each = {
                UUID(t["key"]): datetime.fromisoformat(t["destroyed_at"]) for t in told
            }
        except (OSError, ValueError, KeyError, TypeError):
            raise BackupError("no-list", path=path) from None
        found |= each
    return found
