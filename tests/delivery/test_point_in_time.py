"""Recovery to a moment, done with the very settings that the document for servers names."""

from __future__ import annotations

import re
import shlex
import subprocess
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from typer.main import get_command

from deploy.local import pg_files, processes
from deploy.local.account import account_for
from deploy.local.postgres import EmbeddedPostgres
from services.cli import app

DEPLOY = Path(__file__).parents[2] / "deploy"
ARCHIVE = tomllib.loads((DEPLOY / "archive.toml").read_text(encoding="utf-8"))
DOCUMENT = (DEPLOY / "recovery.md").read_text(encoding="utf-8")


class Server(EmbeddedPostgres):
    """A server of the project with some settings more."""

    def __init__(self, folder: Path, more: dict[str, str]) -> None:
        super().__init__(folder)
        self._more = more

    def _command(self, socket_folder: Path) -> list[str]:
        more = [f"--{name}={value}" for name, value in self._more.items()]
        return [*super()._command(socket_folder), *more]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not below pytest's own folder, which it closes to the user of the database."""
    with TemporaryDirectory(prefix="fengqiao-", ignore_cleanup_errors=True) as found:
        path = Path(found)
        path.chmod(0o711)
        yield path


def test_the_data_comes_back_as_it_was_at_a_moment(folder: Path) -> None:
    with Server(folder / "lost", filled_in("settings", folder / "wal")) as server:
        account = account_for(server.data)
        for place in (folder / "wal", folder / "back"):
            place.mkdir()
            account.give(place, 0o700)
        write(server, "before the base copy")
        take_base_copy(server, folder / "back" / "cluster")
        write(server, "before the moment")
        moment = one(server, "SELECT clock_timestamp()::text")
        write(server, "after the moment")
        last = one(server, "SELECT pg_walfile_name(pg_switch_wal())")
        until((folder / "wal" / last).exists)
        assert server.pid
        processes.end(server.pid, (9, 5))  # type: ignore[arg-type]

    recovery = filled_in("recovery", folder / "wal") | {"recovery_target_time": moment}
    (folder / "back" / "cluster" / "recovery.signal").touch()
    with Server(folder / "back", recovery) as again:
        until(lambda: not one(again, "SELECT pg_is_in_recovery()"))
        assert one(again, "SELECT array_agg(what ORDER BY what) FROM happened") == [
            "before the base copy",
            "before the moment",
        ]


def test_the_document_names_the_settings_of_the_table() -> None:
    blocks = "".join(re.findall(r"```ini\n(.*?)```", DOCUMENT, re.DOTALL))
    told = dict(re.findall(r"^(\w+) = '(.*)'$", blocks, re.MULTILINE))

    place = Path(ARCHIVE["folder"])
    assert told == filled_in("settings", place) | filled_in("recovery", place)


def test_the_document_uses_commands_and_options_that_there_are() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    lines = re.findall(r"^\$ fengqiao (.*)$", DOCUMENT, re.MULTILINE)
    assert len(lines) == 6
    for line in lines:
        name, *arguments = shlex.split(line)
        known = {option for p in commands[name].params for option in p.opts}
        assert {a for a in arguments if a.startswith("--")} <= known


def filled_in(part: str, folder: Path) -> dict[str, str]:
    """Part of the table, with this folder as the archive."""
    return {n: v.replace("{folder}", str(folder)) for n, v in ARCHIVE[part].items()}


def take_base_copy(server: Server, into: Path) -> None:
    """As the document says, by the server's user."""
    (line,) = re.findall(r"^\$ (pg_basebackup .*)$", DOCUMENT, re.MULTILINE)
    program, _, *options = shlex.split(line)
    parts = conninfo_to_dict(server.url)
    where = [f"--host={parts['host']}", f"--username={parts['user']}"]
    subprocess.run(
        [str(pg_files.programs() / program), f"--pgdata={into}", *options, *where],
        cwd="/",
        env=pg_files.ENVIRONMENT,
        check=True,
        **account_for(server.data).run_as,
    )


def write(server: Server, what: str) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS happened (what text)")
        connection.execute("INSERT INTO happened VALUES (%s)", [what])


def one(server: Server, query: str) -> Any:
    with psycopg.connect(server.url, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


def until(holds: Any) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)
