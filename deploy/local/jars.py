"""Kafka's jars: named and checksummed in `kafka.lock`, fetched once, kept in a cache.

`python -m deploy.local.jars` writes the lock anew from the versions named here. Jars
are fetched by their Maven coordinates; neither Maven nor Java is needed for it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.errors import CannotStart

KAFKA = "org.apache.kafka:kafka_2.13:4.3.1"
LOG_BINDING = "org.apache.logging.log4j:log4j-slf4j-impl"
LOG_CORE = "org.apache.logging.log4j:log4j-core:"
LOCK = Path(__file__).with_name("kafka.lock")
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Jar:
    """One file: who made it, which version, and what must be in it."""

    coordinates: str
    sha256: str

    @property
    def file_name(self) -> str:
        _, name, version = self.coordinates.split(":")
        return f"{name}-{version}.jar"


def cache_folder() -> Path:
    """Where jars are kept between runs and projects; not in the data folder."""
    chosen = os.environ.get("FENGQIAO_CACHE")
    base = Path(chosen) if chosen else Path.home() / ".cache" / "fengqiao"
    return base.expanduser().absolute() / f"kafka-{KAFKA.rpartition(':')[2]}"


def read_lock() -> tuple[Jar, ...]:
    """The rows of `kafka.lock`."""
    rows = LOCK.read_text(encoding="utf-8").splitlines()
    return tuple(Jar(*row.split()) for row in rows if row and not row.startswith("#"))


def jars(progress: Progress = lambda done, total: None) -> Path:
    """The folder with exactly the locked jars, fetched and checked where needed.

    Checksums are computed when a jar arrives. Afterwards a stamp is compared: which
    lock it was, and each file's size and time.
    """
    folder = cache_folder()
    with _alone(folder):
        if not _is_stamped(folder):
            _fill(folder, progress)
    return folder / "jars"


def _fill(folder: Path, progress: Progress) -> None:
    wanted = read_lock()
    fresh = folder / "jars.unfinished"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    with ThreadPoolExecutor(8) as pool:
        for done, jar in enumerate(pool.map(lambda j: _fetch(j, folder), wanted)):
            shutil.copyfile(jar, fresh / jar.name)
            progress(done + 1, len(wanted))
    shutil.rmtree(folder / "jars", ignore_errors=True)
    fresh.rename(folder / "jars")
    (folder / "stamp.json").write_text(json.dumps(_stamp(folder)), encoding="utf-8")
    shutil.rmtree(folder / "repository")


def _fetch(jar: Jar, folder: Path) -> Path:
    """The checked file; a half-written one of an earlier try is fetched again."""
    path = _resolve(jar, folder)
    if _sha256(path) != jar.sha256:
        path.unlink()
        path = _resolve(jar, folder)
    if _sha256(path) != jar.sha256:
        raise CannotStart("jar_differs", coordinates=jar.coordinates)
    return path


def _resolve(jar: Jar, folder: Path) -> Path:
    try:
        from jgo.maven import MavenContext  # an extra: only local Kafka needs it
    except ImportError as error:
        raise CannotStart("no_java") from error
    group, name, version = jar.coordinates.split(":")
    mirror = os.environ.get("FENGQIAO_MAVEN")
    context = MavenContext(
        repo_cache=folder / "repository",
        remote_repos={"mirror": mirror} if mirror else None,
        timeout=60,
    )
    try:
        artifact = context.project(group, name).at_version(version).artifact()
        return Path(artifact.resolve())
    except (OSError, RuntimeError) as error:
        cause = type(error).__name__
        raise CannotStart(
            "jars_not_fetched", coordinates=jar.coordinates, cause=cause, folder=folder
        ) from error


def _is_stamped(folder: Path) -> bool:
    try:
        stamp = json.loads((folder / "stamp.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    return bool(stamp == _stamp(folder))


def _stamp(folder: Path) -> dict[str, object]:
    files = sorted((folder / "jars").glob("*"))
    seen = {file.name: [file.stat().st_size, file.stat().st_mtime_ns] for file in files}
    return {"lock": _sha256(LOCK), "files": seen}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "turn.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_lock() -> None:
    """Resolve Kafka's dependencies anew and write their names and checksums."""
    from jgo.maven import MavenContext

    with tempfile.TemporaryDirectory() as scratch:
        context = MavenContext(repo_cache=Path(scratch) / "repository", timeout=60)
        kafka = context.create_dependency(KAFKA)
        _, found = context.resolver.resolve([kafka])
        names = {str(dependency.artifact.component) for dependency in [kafka, *found]}
        core = next(name for name in names if name.startswith(LOG_CORE))
        # Added by name and not resolved: its parent would change others' versions.
        names.add(f"{LOG_BINDING}:{core.removeprefix(LOG_CORE)}")
        rows = [f"{name} {_checksum(name, Path(scratch))}" for name in sorted(names)]
    head = "# Kafka's jars: coordinates and SHA-256. Written by `make lock`."
    LOCK.write_text("\n".join([head, *rows, ""]), encoding="utf-8")


def _checksum(coordinates: str, scratch: Path) -> str:
    return _sha256(_resolve(Jar(coordinates, ""), scratch))


if __name__ == "__main__":
    write_lock()
