"""Only jars with the locked checksums are ever run."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from deploy.errors import CannotStart
from deploy.local import jars as module
from deploy.local.jars import Jar, jars, read_lock

GOOD = b"what was locked"
LOCKED = Jar("org.example:thing:1.0", hashlib.sha256(GOOD).hexdigest())


class Repository:
    """Stands for where jars come from: each fetch gives the next content."""

    def __init__(self, *contents: bytes) -> None:
        self.contents = list(contents)

    def resolve(self, jar: Jar, folder: Path) -> Path:
        path = folder / "repository" / jar.file_name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.contents.pop(0))
        return path


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Repository:
    repository = Repository()
    monkeypatch.setenv("FENGQIAO_CACHE", str(tmp_path))
    monkeypatch.setattr(module, "_resolve", repository.resolve)
    monkeypatch.setattr(module, "read_lock", lambda: (LOCKED,))
    return repository


def test_every_locked_jar_has_a_name_a_version_and_a_checksum() -> None:
    locked = read_lock()
    assert module.KAFKA in {jar.coordinates for jar in locked}
    assert all(len(jar.sha256) == 64 for jar in locked)
    assert len({jar.file_name for jar in locked}) == len(locked)


def test_a_jar_is_fetched_once_and_found_again(fetched: Repository) -> None:
    fetched.contents = [GOOD]
    assert [path.read_bytes() for path in jars().iterdir()] == [GOOD]
    assert [path.read_bytes() for path in jars().iterdir()] == [GOOD]


def test_a_half_written_jar_is_fetched_again(fetched: Repository) -> None:
    fetched.contents = [GOOD[:4], GOOD]
    assert [path.read_bytes() for path in jars().iterdir()] == [GOOD]


def test_a_jar_with_another_content_is_refused(fetched: Repository) -> None:
    fetched.contents = [b"somebody else's", b"somebody else's"]
    with pytest.raises(CannotStart, match=LOCKED.coordinates) as caught:
        jars()
    assert caught.value.reason == "jar_differs"


def test_a_jar_that_was_changed_in_the_cache_is_fetched_again(
    fetched: Repository,
) -> None:
    fetched.contents = [GOOD, GOOD]
    (path,) = jars().iterdir()
    path.write_bytes(b"changed since then")
    assert [path.read_bytes() for path in jars().iterdir()] == [GOOD]
