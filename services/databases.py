"""The databases a process works with: a server's, or those of the embedded product."""

from __future__ import annotations

import psycopg

from deploy.local.kafka import LocalKafka
from deploy.local.postgres import EmbeddedPostgres
from services.settings import Settings

KEYS = "fengqiao_keys"
"""The key store's database, beside the other, so that it is backed up by its own rule."""


class LocalDatabases:
    """The two databases a process works with: given by settings, or embedded."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._server: EmbeddedPostgres | None = None

    def start(self) -> tuple[str, str]:
        """Addresses of the database and of the key store's."""
        given = self._settings.database_url
        if given is None:
            self._server = EmbeddedPostgres(self._settings.data / "postgres")
            given = self._server.start()
            self._server.watch()
        keys = self._settings.keystore_url or beside(given, KEYS)
        return given, keys

    def stop(self) -> None:
        if self._server:
            self._server.stop()

    @property
    def server(self) -> EmbeddedPostgres | None:
        return self._server


def local_broker(settings: Settings) -> str | None:
    """The broker of the settings, or the one that last ran in the data folder."""
    if settings.kafka:
        return settings.kafka
    folder = settings.data / "kafka"
    return LocalKafka(folder).bootstrap if folder.is_dir() else None


def beside(url: str, name: str) -> str:
    """The address of another database on the same server; it is made if missing."""
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        known = connection.execute(
            "SELECT FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
        if known is None:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return psycopg.conninfo.make_conninfo(url, dbname=name)
