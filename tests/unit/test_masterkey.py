"""The master key file is made once, read only when it is safe, and never shown."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest

from shared.masterkey import MasterKey, MasterKeyError
from shared.sealing import Key

PARTY = Key(UUID(int=1), bytes(range(32)))
ASK = "import sys, pathlib; from shared.masterkey import MasterKey as M; \
sys.stdin.read(1); print(M.load_or_create(pathlib.Path(sys.argv[1])).id)"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "secrets" / "master.key"


def write(path, text, mode=0o600):
    path.parent.mkdir()
    path.write_text(text)
    path.chmod(mode)


def test_the_first_start_makes_a_file_that_only_its_owner_may_read(path):
    made = MasterKey.load_or_create(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == base64.b64encode(made.secret).decode() + "\n"
    assert list(path.parent.iterdir()) == [path]


def test_the_next_start_finds_the_same_key(path):
    assert MasterKey.load_or_create(path) == MasterKey.load_or_create(path)


def test_a_process_that_comes_second_takes_the_key_of_the_first(path, monkeypatch):
    first = MasterKey.load_or_create(path)
    monkeypatch.setattr(Path, "exists", lambda _: False)  # as it was when it looked

    assert MasterKey.load_or_create(path) == first


def test_threads_that_start_at_once_end_with_one_key(path):
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(MasterKey.load_or_create, [path] * 64))

    assert found == {MasterKey.load_or_create(path)}
    assert list(path.parent.iterdir()) == [path]


def test_processes_that_start_at_once_end_with_one_key(path):
    command = [sys.executable, "-c", ASK, str(path)]
    pipe = subprocess.PIPE
    asking = [subprocess.Popen(command, stdin=pipe, stdout=pipe) for _ in range(3)]

    answers = {process.communicate(b"!")[0] for process in asking}

    assert answers == {f"{MasterKey.load_or_create(path).id}\n".encode()}


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o622])
def test_a_file_open_to_others_is_refused_with_the_remedy(path, mode):
    MasterKey.load_or_create(path)
    path.chmod(mode)

    with pytest.raises(MasterKeyError, match=f"run `chmod 600 {path}`"):
        MasterKey.load_or_create(path)


UNUSABLE = {
    "empty": ("", "must have 32 bytes"),
    "short": (base64.b64encode(os.urandom(16)).decode(), "must have 32 bytes"),
    "long": (base64.b64encode(os.urandom(33)).decode(), "must have 32 bytes"),
    "not base64": ("枫桥" * 16, "not base64"),
    "zeros": (base64.b64encode(bytes(32)).decode(), "not made at random"),
    "repeated": (base64.b64encode(bytes(range(8)) * 4).decode(), "not made at random"),
    "typed": (
        base64.b64encode(b"The quick brown fox jumps over 1").decode(),
        "not made at random",
    ),
}


@pytest.mark.parametrize(("text", "words"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_key_that_is_not_32_random_bytes_is_refused(path, text, words):
    write(path, text)

    with pytest.raises(MasterKeyError, match=words) as refused:
        MasterKey.load_or_create(path)

    assert not text or text not in str(refused.value)


def test_an_unusable_file_is_left_as_it_is(path):
    write(path, "half a ke")

    with pytest.raises(MasterKeyError):
        MasterKey.load_or_create(path)

    assert path.read_text() == "half a ke"


def test_a_printed_master_key_does_not_show_its_secret(path):
    master = MasterKey.load_or_create(path)

    assert f"{master} {master!r}" == "MasterKey() MasterKey()"


def test_a_wrapped_key_opens_only_for_its_own_party():
    master = MasterKey(os.urandom(32))
    wrapped = master.wrap(PARTY)

    assert master.unwrap(PARTY.id, wrapped) == PARTY
    assert PARTY.secret not in wrapped
    with pytest.raises(MasterKeyError, match="does not open with this master key"):
        master.unwrap(UUID(int=2), wrapped)


def test_a_wrapped_key_does_not_open_with_another_master_key_or_changed():
    master = MasterKey(os.urandom(32))
    wrapped = master.wrap(PARTY)
    forgeries = [wrapped[:end] for end in range(len(wrapped))]
    forgeries += [bytes([*wrapped[:-1], wrapped[-1] ^ 1]), wrapped + b"\0"]

    for forged in forgeries:
        with pytest.raises(MasterKeyError):
            master.unwrap(PARTY.id, forged)
    with pytest.raises(MasterKeyError):
        MasterKey(os.urandom(32)).unwrap(PARTY.id, wrapped)


def test_derived_keys_differ_by_purpose_and_by_master_key():
    one, two = MasterKey(os.urandom(32)), MasterKey(os.urandom(32))
    seen = {one.secret, one.index_key, bytes.fromhex(one.id), two.index_key}

    assert len(seen) == 4
    assert MasterKey(one.secret).index_key == one.index_key
