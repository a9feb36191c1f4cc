"""The server's own ways back: from its log after a crash, and from a copy and the log.

T-04. What was acknowledged is there again, to the last event or to a named moment.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from deploy.local import pg_files, processes
from deploy.local.account import account_for
from deploy.local.postgres import EmbeddedPostgres
from services.embedded import Embedded
from tests.chaos.client import Client
from tests.chaos.ledger import Ledger
from tests.stories.embedded_world import EmbeddedWorld
from tests.stories.world import wait_until

MOMENT = "before-the-harm"


class Archiving(EmbeddedPostgres):
    """A server that keeps every finished piece of its log in a folder beside its data."""

    @property
    def archive(self) -> Path:
        return self.data / "archive"

    @property
    def base(self) -> Path:
        return self.data / "base"

    def _prepare(self) -> None:
        super()._prepare()
        self.archive.mkdir(exist_ok=True)
        account_for(self.data).give(self.archive, 0o700)

    def _command(self, socket_folder: Path) -> list[str]:
        keep = f"test ! -f {self.archive}/%f && cp %p {self.archive}/%f"
        told = ["--archive_mode=on", f"--archive_command={keep}"]
        return [*super()._command(socket_folder), *told]

    def run(self, program: str, *arguments: str) -> None:
        """One of the server's own programs."""
        self.run_any(str(pg_files.programs() / program), *arguments)

    def run_any(self, *command: str) -> None:
        """A program, as the server's own user."""
        subprocess.run(
            command,
            cwd="/",
            env=pg_files.ENVIRONMENT,
            check=True,
            capture_output=True,
            **account_for(self.data).run_as,
        )

    def stop_at_once(self) -> None:
        """As a crash: no last checkpoint, nothing tidied up."""
        self.run("pg_ctl", "stop", "--mode=immediate", f"--pgdata={self._cluster}")

    def copy_base(self) -> None:
        """Copy the cluster as it runs, without its log."""
        host = str(pg_files.socket_folder(self.data))
        from_here = [f"--host={host}", f"--username={pg_files.SUPERUSER}"]
        how = ["--wal-method=none", "--checkpoint=fast", f"--pgdata={self.base}"]
        self.run("pg_basebackup", *from_here, *how)

    def lose_the_cluster(self) -> None:
        """Kill the server and take its data away; only the end of the log is saved."""
        assert self.pid
        processes.end(self.pid, (signal.SIGKILL, 5.0))
        wait_until(lambda: not list(processes.working_in(self._cluster)), "all dead")
        account = account_for(self.data)
        for piece in (self._cluster / "pg_wal").iterdir():
            if piece.is_file():
                account.give(Path(shutil.copy(piece, self.archive)), 0o600)
        shutil.rmtree(self._cluster)

    def restore(self, moment: str | None = None) -> None:
        """Make the copy the cluster, and let the log run to its end or to a moment."""
        self.run_any("cp", "--archive", str(self.base), str(self._cluster))
        told = [f"restore_command = 'cp {self.archive}/%f %p'", "hot_standby = off"]
        if moment:
            told += [f"recovery_target_name = '{moment}'"]
            told += ["recovery_target_action = 'promote'"]
        with (self._cluster / "postgresql.auto.conf").open("a") as settings:
            settings.write("\n".join([*told, ""]))
        self.run_any("touch", str(self._cluster / "recovery.signal"))
        assert self.ensure()


class World(EmbeddedWorld):
    """A product in one process on a server that is not its own."""

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder)
        told = {"database_url": url}
        self.settings = self.settings.model_copy(update=told)
        self.product = Embedded(self.settings, failed=self.failures.append)


@pytest.fixture
def server() -> Iterator[Archiving]:
    """Not below pytest's own folder, which it closes to the user of the database."""
    with (
        TemporaryDirectory(prefix="fengqiao-", ignore_cleanup_errors=True) as folder,
        Archiving(Path(folder)) as found,
    ):
        yield found


@contextmanager
def running(server: Archiving, ledger: Ledger, name: str) -> Iterator[Client]:
    """A product on this server, and bodies that send; at its end all is as it should be.

    Also what they were told by the products before it.
    """
    with World(server.data / "product", server.url) as world:
        yield Client(world, ledger, prefix=name)
        world.settle()
        account = ledger.account(world)
        print(account.table())  # noqa: T201 shown when it fails
        account.must_be_clean()


def test_a_server_that_is_stopped_at_once_comes_back_with_everything(
    server: Archiving, ledger: Ledger
) -> None:
    server.watch()
    with running(server, ledger, "stopped") as client, client.load():
        before = server.pid
        server.stop_at_once()
        wait_until(lambda: server.pid not in (None, before), "another server")


def test_a_copy_and_the_log_bring_everything_back(
    server: Archiving, ledger: Ledger
) -> None:
    with running(server, ledger, "copied") as client:
        with client.load():
            server.copy_base()
        client.send(8)
    server.lose_the_cluster()

    server.restore()

    with running(server, ledger, "restored") as client:
        client.send(4)


def test_a_copy_and_the_log_bring_a_named_moment_back(
    server: Archiving, ledger: Ledger
) -> None:
    with running(server, ledger, "copied") as client:
        with client.load():
            server.copy_base()
        client.send(8)
    told(server, f"SELECT pg_create_restore_point('{MOMENT}')")
    told(server, "DROP SCHEMA escalation CASCADE")
    server.lose_the_cluster()

    server.restore(MOMENT)

    with running(server, ledger, "restored") as client:
        client.send(4)


def told(server: Archiving, sql: str) -> None:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(sql.encode())
