"""The embedded PostgreSQL keeps its data and comes back, whoever kills what."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from deploy.errors import CannotStart
from deploy.local.postgres import EmbeddedPostgres
from tests.deploy.waiting import wait_until

START_AND_DIE = """
import os, sys
from pathlib import Path
from deploy.local.postgres import EmbeddedPostgres
EmbeddedPostgres(Path(sys.argv[1])).start()
os._exit(9)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("数据 folder") / "postgres"


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(folder) as server:
        yield server


def write_down(server: EmbeddedPostgres, word: str) -> None:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS words (word text)")
        connection.execute("INSERT INTO words VALUES (%s)", [word])


def words(server: EmbeddedPostgres) -> set[str]:
    with psycopg.connect(server.url) as connection:
        return {row[0] for row in connection.execute("SELECT word FROM words")}


def answers(server: EmbeddedPostgres) -> bool:
    try:
        words(server)
    except psycopg.OperationalError:
        return False
    return True


def kill(server: EmbeddedPostgres) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)


def test_a_killed_database_is_started_again_with_all_data(
    server: EmbeddedPostgres,
) -> None:
    write_down(server, "before the kill")
    kill(server)
    assert server.ensure()
    assert "before the kill" in words(server)
    assert not server.ensure()


def test_a_watched_database_comes_back_without_a_person(
    server: EmbeddedPostgres,
) -> None:
    write_down(server, "watched")
    server.watch(every=0.05)
    first = server.pid
    kill(server)
    wait_until(lambda: server.pid not in (first, None) and answers(server))
    assert "watched" in words(server)


def test_the_process_id_of_a_dead_server_may_belong_to_somebody_else(
    server: EmbeddedPostgres, folder: Path
) -> None:
    write_down(server, "still here")
    kill(server)
    wait_until(lambda: server.pid is None)
    file = folder / "cluster" / "postmaster.pid"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    assert server.ensure()
    assert "still here" in words(server)


def test_two_users_share_one_server_and_the_last_one_out_stops_it(
    folder: Path,
) -> None:
    first, second = EmbeddedPostgres(folder), EmbeddedPostgres(folder)
    assert first.start() == second.start()
    assert first.pid == second.pid
    first.stop()
    assert second.pid is not None
    second.stop()
    assert second.pid is None


def test_a_server_whose_starter_was_killed_is_taken_over(folder: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", START_AND_DIE, str(folder)],
        cwd=Path(__file__).parents[2],
        check=False,
    )
    heir = EmbeddedPostgres(folder)
    left_behind = heir.pid
    assert left_behind is not None
    with heir:
        assert heir.pid == left_behind
    assert heir.pid is None


def test_what_was_answered_survives_a_power_cut_by_the_settings(
    server: EmbeddedPostgres,
) -> None:
    wanted = {
        "fsync": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "listen_addresses": "",
        "shared_buffers": "256MB",
        "server_encoding": "UTF8",
    }
    with psycopg.connect(server.url) as connection:
        query = "SELECT name, current_setting(name) FROM pg_settings"
        rows = connection.execute(query).fetchall()
    found: dict[str, str] = dict(rows)
    assert {name: found[name] for name in wanted} == wanted


def test_only_the_servers_user_can_enter_the_folder_of_its_socket(
    server: EmbeddedPostgres, folder: Path
) -> None:
    assert (folder / "run" / ".s.PGSQL.5432").exists()
    assert (folder / "run").stat().st_mode & 0o077 == 0


def test_a_path_too_long_for_a_socket_gets_a_short_one(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / ("long" * 30) / "postgres")
    with server:
        assert str(tmp_path) not in server.url
        write_down(server, "reached")
    Path(server.url.partition("host=")[2]).rmdir()


def test_data_of_another_major_version_is_refused_and_says_what_to_do(
    tmp_path: Path,
) -> None:
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster" / "PG_VERSION").write_text("16\n")
    with pytest.raises(CannotStart, match="PostgreSQL 16") as caught:
        EmbeddedPostgres(tmp_path).start()
    assert caught.value.reason == "other_version"
    assert "restore it" in str(caught.value)


def test_a_server_that_dies_at_start_shows_its_last_words(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path) as server:
        configuration = tmp_path / "cluster" / "postgresql.conf"
    with configuration.open("a") as file:
        file.write("no_such_setting = 1\n")
    with pytest.raises(CannotStart, match="no_such_setting"):
        server.start()
