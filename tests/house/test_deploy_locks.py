"""Lock files name every package with checksums, without addresses, and agree."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("runtime", "local-kafka", "dev")
ROW = re.compile(r"^([a-z0-9][a-z0-9.-]*)==(\S+)")


def text(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")


def versions(name: str) -> dict[str, str]:
    rows = (ROW.match(row) for row in text(name).splitlines())
    return {row[1]: row[2] for row in rows if row}


def project() -> dict[str, list[str]]:
    """What pyproject.toml asks for, per lock."""
    found = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = found["optional-dependencies"]
    base = found["dependencies"]
    kafka = [*base, *extras["local-kafka"]]
    return {"runtime": base, "local-kafka": kafka, "dev": [*kafka, *extras["dev"]]}


def package(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower().replace("_", "-")


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_has_a_checksum(name: str) -> None:
    blocks = re.split(r"\n(?=[a-z0-9])", text(name).strip())
    assert len(blocks) == len(versions(name)) > 0
    assert [block[:40] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("name", LOCKS)
def test_everything_the_project_asks_for_is_locked(name: str) -> None:
    wanted = {package(requirement) for requirement in project()[name]}
    assert wanted - versions(name).keys() == set()


@pytest.mark.parametrize("name", ["local-kafka", "dev"])
def test_a_larger_lock_agrees_with_what_runs_in_earnest(name: str) -> None:
    assert versions("runtime").items() <= versions(name).items()


@pytest.mark.parametrize(
    "path",
    [*(f"requirements/{name}.lock" for name in LOCKS), "deploy/local/kafka.lock"],
)
def test_no_lock_holds_an_address(path: str) -> None:
    assert "://" not in (ROOT / path).read_text(encoding="utf-8")
