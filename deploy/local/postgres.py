"""A real PostgreSQL in a data folder, from the programs of a wheel.

It listens on a Unix socket in a folder that only its user and root can enter, and on no
network address. Every process that starts it on the same folder shares one server; the
last one out stops it. It does not migrate or fill the database.
"""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from deploy.local import pg_files, processes
from deploy.local.account import Account, account_for
from deploy.local.server import LocalServer

LOG_LIMIT = 20_000_000


class EmbeddedPostgres(LocalServer):
    """The database of one data folder: start it, watch it, leave it."""

    def __init__(self, data: Path, *, database: str = "fengqiao") -> None:
        super().__init__(data)
        self.database = database
        self._cluster = self.data / "cluster"

    @property
    def url(self) -> str:
        """A libpq address such as `postgresql://fengqiao@/fengqiao?host=/folder`."""
        return self._url(self.database)

    @property
    def address(self) -> str:
        return self.url

    @property
    def log(self) -> Path:
        return self.data / "postgres.log"

    @property
    def pid(self) -> int | None:
        if child := self._child:
            child.poll()
        found = pg_files.read_postmaster(self._cluster)
        if found and processes.is_alive(found.pid, "postgres", str(self._cluster)):
            return found.pid
        return self._child_pid()

    def _child_pid(self) -> int | None:
        """A child that has only just begun has not written its file yet."""
        child = self._child
        return child.pid if child and child.returncode is None else None

    def _prepare(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        account = account_for(self.data)
        account.give(self.data, 0o700)
        account.must_reach(self.data)

    def _launch(self) -> None:
        account = account_for(self.data)
        pg_files.make_programs_usable(account)
        if not self._cluster.exists():
            pg_files.make_cluster(self._cluster, account)
        pg_files.must_be_readable(self._cluster)
        self._clear_away_the_dead()
        self._spawn(account, pg_files.make_socket_folder(self.data, account))

    def _spawn(self, account: Account, socket_folder: Path) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            account.give(self.log, 0o600)
            child = subprocess.Popen(
                self._command(socket_folder),
                cwd="/",
                env=pg_files.ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **account.run_as,
            )
        self._adopt(child)

    def _command(self, socket_folder: Path) -> list[str]:
        settings = {
            **pg_files.description()["settings"],
            "listen_addresses": "",
            "unix_socket_directories": f'"{socket_folder}"',
            "unix_socket_permissions": "0700",
        }
        pairs = [f"--{name}={value}" for name, value in settings.items()]
        return [str(pg_files.programs() / "postgres"), "-D", str(self._cluster), *pairs]

    def _clear_away_the_dead(self) -> None:
        """After kill -9 the children of the dead server may still hold its memory.

        Only when none is left is it safe to remove the file that keeps a second server
        out: its process id may be a zombie's or another program's by now.
        """
        for pid in processes.working_in(self._cluster):
            processes.end(pid, (signal.SIGTERM, 2), (signal.SIGKILL, 5))
        (self._cluster / "postmaster.pid").unlink(missing_ok=True)

    def _is_ready(self) -> bool:
        found = pg_files.read_postmaster(self._cluster)
        if found is None or found.socket_folder is None:
            return False
        try:
            with psycopg.connect(
                self._url("postgres"), connect_timeout=3, autocommit=True
            ) as connection:
                self._make_database(connection)
        except psycopg.OperationalError:
            return False
        return True

    def _make_database(self, connection: psycopg.Connection) -> None:
        query = "SELECT FROM pg_database WHERE datname = %s"
        if connection.execute(query, [self.database]).fetchone() is None:
            name = sql.Identifier(self.database)
            connection.execute(sql.SQL("CREATE DATABASE {}").format(name))

    def _shut_down(self) -> None:
        if (pid := self.pid) is None:
            return
        polite, at_once = (signal.SIGINT, 4.0), (signal.SIGQUIT, 2.0)
        if not processes.end(pid, polite, at_once, (signal.SIGKILL, 2.0)):
            raise self._failure("does_not_stop", pid=pid)
        self._bury()

    def _url(self, database: str) -> str:
        found = pg_files.read_postmaster(self._cluster)
        told = found.socket_folder if found else None
        host = quote(str(told or pg_files.socket_folder(self.data)), safe="/")
        return f"postgresql://{pg_files.SUPERUSER}@/{quote(database)}?host={host}"
