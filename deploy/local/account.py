"""As which user PostgreSQL runs: it refuses to run as root.

An ordinary user runs it as himself. Root runs it as the owner of the data that is there
already, or else as a system user of its own, and lets that user pass through the
folders above the data and the programs. Passing through is all it is allowed there.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from deploy.errors import CannotStart
from deploy.local.acl import let_pass

SYSTEM_USER = "fengqiao"
NOBODY = "nobody"


class RunAs(TypedDict, total=False):
    """The arguments of `subprocess` that change the user."""

    user: int
    group: int
    extra_groups: Sequence[int]


@dataclass(frozen=True)
class Account:
    """A user of this machine, and whether we must become it."""

    uid: int
    gid: int
    other: bool

    @property
    def run_as(self) -> RunAs:
        """For `subprocess.Popen` and `subprocess.run`."""
        if not self.other:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path, mode: int) -> None:
        """Make the path this user's own."""
        path.chmod(mode)
        if self.other:
            os.chown(path, self.uid, self.gid)

    def can(self, *command: str) -> bool:
        """Whether the command succeeds as this user."""
        try:
            done = subprocess.run(command, cwd="/", capture_output=True, **self.run_as)
        except PermissionError as error:
            if self.other and not _can_become(self):
                raise CannotStart("cannot_change_user", uid=self.uid) from error
            return False
        return done.returncode == 0

    def must_reach(self, folder: Path) -> None:
        """Let this user pass through the folder and all above, where it cannot yet."""
        if not self.other or self._reaches(folder):
            return
        for step in [*reversed(folder.parents), folder]:
            if not self._reaches(step):
                let_pass(step, self.uid)
        if not self._reaches(folder):
            raise CannotStart("unreachable", folder=folder, uid=self.uid)

    def _reaches(self, folder: Path) -> bool:
        return self.can("/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder))


def account_for(data: Path) -> Account:
    """The user that a server with this data folder must run as."""
    if os.geteuid() != 0:
        return _ours(data)
    owner = data.stat() if data.exists() else None
    if owner is not None and owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid, other=True)
    entry = _system_user()
    return Account(entry.pw_uid, entry.pw_gid, other=True)


def _ours(data: Path) -> Account:
    if data.exists() and data.stat().st_uid != os.geteuid():
        raise CannotStart("not_our_data", folder=data, uid=data.stat().st_uid)
    return Account(os.geteuid(), os.getegid(), other=False)


def _system_user() -> pwd.struct_passwd:
    """The user of our own, made when it is missing and can be made; else `nobody`."""
    if found := _user(SYSTEM_USER):
        return found
    if useradd := shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin"):
        _try_to_make(useradd)
    if found := _user(SYSTEM_USER) or _user(NOBODY):
        return found
    raise CannotStart("no_user", user=SYSTEM_USER)


def _try_to_make(useradd: str) -> None:
    shell = ["--system", "--no-create-home", "--shell", "/bin/false", SYSTEM_USER]
    subprocess.run([useradd, *shell], capture_output=True, check=False)


def _user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _can_become(account: Account) -> bool:
    try:
        subprocess.run(["/bin/sh", "-c", ":"], cwd="/", check=True, **account.run_as)
    except (PermissionError, subprocess.CalledProcessError):
        return False
    return True
