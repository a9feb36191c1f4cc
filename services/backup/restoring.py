"""Puts a copy back into an empty place, checks it, and marks it as an older copy.

The place is empty until everything has been checked: the database is filled beside it
and takes it at the end. Keys that were destroyed since the copy are destroyed again
before anybody can use them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import psycopg

from deploy.local.postgres import EmbeddedPostgres
from services.backup import destroyed
from services.backup.dumps import count_rows, fill
from services.backup.errors import BackupError
from services.backup.making import DATA, KEYS
from services.backup.manifest import DataManifest, KeysManifest, read_manifest
from services.backup.marking import mark, opened
from services.backup.places import clear, moved_aside, must_be_free
from services.data_folder import DataFolder
from services.databases import KEYS as KEYS_DATABASE
from services.databases import beside
from services.settings import Settings
from shared.masterkey import MasterKey


class Wish(NamedTuple):
    """What is to be put back, and what is known of keys destroyed since.

    `nothing_later` is the word of the operator that none was. With `aside` data that is
    in the way is moved, never removed.
    """

    folder: Path
    keys_folder: Path | None
    destroyed: Sequence[Path] = ()
    nothing_later: bool = False
    aside: bool = False


class Source(NamedTuple):
    """A copy whose files have been read and found as they were written."""

    folder: Path
    data: DataManifest
    keys_folder: Path | None
    keys: KeysManifest | None


class PutBack(NamedTuple):
    """What has been put back. `destroyed_again` keys had been alive in the copy."""

    source: Source
    aside: Path | None
    destroyed_again: int


def examined(wish: Wish) -> Source:
    """Read the copy through. Raises `BackupError` for what does not fit."""
    data = read_manifest(wish.folder, DataManifest)
    if wish.keys_folder is None:
        return Source(wish.folder, data, None, None)
    keys = read_manifest(wish.keys_folder, KeysManifest)
    if keys.made_at < data.made_at:
        raise BackupError("keys-older", keys=wish.keys_folder, folder=wish.folder)
    return Source(wish.folder, data, wish.keys_folder, keys)


def try_out(source: Source) -> None:
    """Put the copy into a database of its own, count, and take that away again."""
    with (
        tempfile.TemporaryDirectory(prefix="fengqiao-") as folder,
        EmbeddedPostgres(Path(folder) / "postgres") as server,
    ):
        _fill(source, server.url, beside(server.url, KEYS_DATABASE))


def put_back(settings: Settings, wish: Wish) -> PutBack:
    """Put a copy back. Raises `BackupError`; what was there is as it was then."""
    source = examined(wish)
    if settings.keystore_url and _has_tables(settings.keystore_url, of_keys=True):
        source = source._replace(
            keys_folder=None, keys=None
        )  # it lives, and knows best
    _must_open(settings, source)
    if settings.database_url:
        return _into_server(settings, wish, source)
    place = settings.data / "postgres"
    must_be_free(place, wish.aside)
    with DataFolder(settings.data, "fengqiao restore").claimed():
        return _into_folder(settings, wish, source, place)


def _into_folder(
    settings: Settings, wish: Wish, source: Source, place: Path
) -> PutBack:
    """Into the embedded database of the data folder."""
    known = _destroyed_since(settings, wish, source, place)
    unfinished = place.with_name("postgres.unfinished")
    clear(unfinished)
    try:
        with EmbeddedPostgres(unfinished) as server:
            keys = settings.keystore_url or beside(server.url, KEYS_DATABASE)
            again = _filled(source, server.url, keys, known)
        aside = moved_aside(place)
        unfinished.rename(place)
    except BaseException:
        clear(unfinished)
        raise
    return PutBack(source, aside, again)


def _into_server(settings: Settings, wish: Wish, source: Source) -> PutBack:
    """Into an empty database of a server, and into an empty key store if one is given."""
    url = str(settings.database_url)
    if wish.aside:
        raise BackupError("no-aside")
    if _has_tables(url, of_keys=False):
        raise BackupError("database-not-empty")
    keys = settings.keystore_url or beside(url, KEYS_DATABASE)
    known = _destroyed_since(settings, wish, source, None)
    return PutBack(source, None, _filled(source, url, keys, known))


def _filled(source: Source, url: str, keys: str, known: Mapping[UUID, datetime]) -> int:
    """Fill, destroy again, mark; how many keys had to be destroyed again."""
    _fill(source, url, keys)
    again = destroyed.destroy_again(keys, known) if source.keys else 0
    with opened(url) as database:
        mark(database, source.data)
    return again


def _fill(source: Source, url: str, keys: str) -> None:
    fill(url, source.folder / DATA)
    _must_be_all(url, source.data.tables, of_keys=False)
    if source.keys and source.keys_folder:
        fill(keys, source.keys_folder / KEYS)
        _must_be_all(keys, source.keys.tables, of_keys=True)


def _must_open(settings: Settings, source: Source) -> None:
    """Without the right master key the data would be closed for good."""
    if source.keys is None:
        if settings.keystore_url is None:
            raise BackupError("no-keys", folder=source.folder)
        return
    path = settings.master_key
    if not path.is_file():
        raise BackupError("no-master-key", path=path)
    if MasterKey.load_or_create(path).id != source.keys.master:
        raise BackupError("other-master-key", path=path)


def _destroyed_since(
    settings: Settings, wish: Wish, source: Source, place: Path | None
) -> dict[UUID, datetime]:
    """Every key known as destroyed. Raises `BackupError` if nothing newer was asked."""
    if source.keys is None or source.keys_folder is None:
        return {}
    lists = [source.folder, source.keys_folder, *wish.destroyed]
    known = destroyed.read_lists(lists)
    if place and place.is_dir():
        return known | _destroyed_in(place)
    if not (wish.destroyed or wish.nothing_later):
        raise BackupError("maybe-destroyed", made_at=source.keys.made_at)
    return known


def _destroyed_in(place: Path) -> dict[UUID, datetime]:
    """What the key store knows that is about to be moved aside."""
    with EmbeddedPostgres(place) as server:
        return destroyed.in_store(beside(server.url, KEYS_DATABASE))


def _must_be_all(url: str, tables: Mapping[str, int], *, of_keys: bool) -> None:
    with psycopg.connect(url, connect_timeout=10) as connection:
        found = count_rows(connection, of_keys=of_keys)
    if differing := sorted(t for t in tables if found.get(t) != tables[t]):
        raise BackupError("count-differs", tables=differing)


def _has_tables(url: str, *, of_keys: bool) -> bool:
    with psycopg.connect(url, connect_timeout=10) as connection:
        return bool(count_rows(connection, of_keys=of_keys))
