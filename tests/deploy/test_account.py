"""What another user may do is passing through, and a process is told from its id."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from deploy.local import processes
from deploy.local.account import account_for
from deploy.local.acl import let_pass

STRANGER = 12345


def others_may(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode) & stat.S_IRWXO


def test_letting_one_user_pass_opens_nothing_to_the_others(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    let_pass(tmp_path, STRANGER)
    let_pass(tmp_path, STRANGER)
    assert others_may(tmp_path) == 0
    assert "system.posix_acl_access" in os.listxattr(tmp_path)


def test_without_access_lists_others_may_pass_but_not_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no access lists on this disk")

    monkeypatch.setattr(os, "setxattr", refuse)
    tmp_path.chmod(0o700)
    let_pass(tmp_path, STRANGER)
    assert others_may(tmp_path) == stat.S_IXOTH


def test_postgresql_never_runs_as_root(tmp_path: Path) -> None:
    assert account_for(tmp_path).uid != 0


def test_a_process_id_alone_proves_nothing() -> None:
    assert processes.is_alive(os.getpid(), "python")
    assert not processes.is_alive(os.getpid(), "no such words on its command line")
