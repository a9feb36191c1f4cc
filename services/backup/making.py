"""Makes a copy of a running product: one instant of all services, the keys apart.

Nothing stops meanwhile. The keys are copied last, so that none is missing which the
data already needs.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

from deploy import offsets
from services.backup import destroyed
from services.backup.dumps import Snapshot, size_of, snapshot
from services.backup.errors import BackupError
from services.backup.folders import must_be_fit, whole_folder, write_safely
from services.backup.manifest import (
    AnyManifest,
    DataManifest,
    KeysManifest,
    Store,
    product_version,
    read_manifest,
    write_manifest,
    written,
)
from services.backup.words import text
from services.catching_up import group_of
from services.compose import FOREIGN, HEARS
from services.settings import Settings
from shared.calendar import SHANGHAI
from shared.region import Region

DATA, KEYS, NOTE = "database.dump", "keys.dump", "README.txt"


class Databases(NamedTuple):
    """Where the data and the key store are, and the broker if there is one."""

    data: str
    keys: str
    broker: str | None = None


class Copy(NamedTuple):
    """A finished copy: where its two parts lie and what they say."""

    folder: Path
    keys_folder: Path
    data: DataManifest
    keys: KeysManifest


def keys_beside(folder: Path) -> Path:
    """Where the keys are copied to if nothing else is said."""
    folder = folder.absolute()
    return folder.parent / f"{folder.name}.keys"


def make_copy(
    settings: Settings, databases: Databases, folder: Path, keys_folder: Path
) -> Copy:
    """Copy everything, then read it again. Raises `BackupError`; then nothing is left."""
    _must_be_apart(folder, keys_folder)
    needed = size_of(databases.data) + size_of(databases.keys)
    for target in (folder, keys_folder):
        must_be_fit(target, settings.data, needed)
    backup = uuid4()
    with whole_folder(folder) as data_into:
        data = _copy_data(settings, databases, data_into, backup)
        with whole_folder(keys_folder) as keys_into:
            keys = _copy_keys(databases, keys_into, backup)
            destroyed.write_list(data_into, destroyed.read_lists([keys_into]))
            data = _sealed(data_into, data, [DATA, NOTE, destroyed.NAME])
    return Copy(folder, keys_folder, data, keys)


def _copy_data(
    settings: Settings, databases: Databases, into: Path, backup: UUID
) -> DataManifest:
    read = _read_so_far(databases.broker)  # before the snapshot: never ahead of it
    region = Region.load(settings.region)
    with snapshot(databases.data) as found:
        made_at = found.one("SELECT clock_timestamp()")
        manifest = DataManifest(
            backup=backup,
            product=product_version(),
            made_at=made_at,
            server=found.one("SHOW server_version"),
            files={},
            tables=found.tables(of_keys=False),
            carrier=found.one("SELECT max(kind) FROM fengqiao.carrier"),
            region=region.code,
            directory=region.digest,
            disputes=found.one("SELECT count(*) FROM intake.receipts"),
            stores={name: _store(found, name) for name in HEARS},
            offsets=read,
        )
        found.dump(into / DATA, of_keys=False)
    _write_note(into, "note", made_at=_local(made_at), product=manifest.product)
    return manifest


def _copy_keys(databases: Databases, into: Path, backup: UUID) -> KeysManifest:
    with snapshot(databases.keys) as found:
        manifest = KeysManifest(
            backup=backup,
            product=product_version(),
            made_at=found.one("SELECT clock_timestamp()"),
            server=found.one("SHOW server_version"),
            files={},
            tables=found.tables(of_keys=True),
            master=found.one("SELECT id FROM keys.master"),
            keys=found.one("SELECT count(*) FROM keys.party_keys"),
            destroyed=found.one(
                "SELECT count(*) FROM keys.party_keys WHERE state = 'destroyed'"
            ),
        )
        gone = destroyed.in_snapshot(found)
        found.dump(into / KEYS, of_keys=True)
    destroyed.write_list(into, gone)
    times = {"made_at": manifest.made_at, "keep_until": manifest.keep_until}
    _write_note(into, "note_keys", **{n: _local(at) for n, at in times.items()})
    return _sealed(into, manifest, [KEYS, NOTE, destroyed.NAME])


def _sealed(into: Path, manifest: AnyManifest, names: list[str]) -> AnyManifest:
    """The manifest with the digests of its files, written beside them."""
    whole = manifest.model_copy(update={"files": written(into, names)})
    write_manifest(into, whole)
    return read_manifest(into, type(manifest))


def _store(found: Snapshot, name: str) -> Store:
    events = f"{name}.{name}_events"
    query = f"SELECT count(*), coalesce(max(notification_id), 0) FROM {events}"
    ((count, last),) = found.rows(query)
    store = found.one(f"SELECT id FROM {name}.store")
    return Store(id=store, events=count, last_position=last)


def _read_so_far(broker: str | None) -> dict[str, dict[str, int]] | None:
    if broker is None:
        return None
    groups = {group_of(topic): topic for topic in FOREIGN}
    return asyncio.run(offsets.committed(broker, groups))


def _must_be_apart(folder: Path, keys_folder: Path) -> None:
    one, other = folder.resolve(), keys_folder.resolve()
    if one.is_relative_to(other) or other.is_relative_to(one):
        raise BackupError("not-apart", folder=folder, keys=keys_folder)


def _write_note(into: Path, code: str, **facts: object) -> None:
    words = f"{text(code, 'zh', **facts)}\n{text(code, 'en', **facts)}"
    write_safely(into / NOTE, words.encode())


def _local(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
