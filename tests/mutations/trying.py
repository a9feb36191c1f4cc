"""Tries a mutation: a copy of the project, the change, and whatever has to notice it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.mutations.mutations import SIMULATION, Mutation
from tests.simulation.play import UNFORESEEN

PROJECT = Path(__file__).parents[2]
NEEDED = ("shared", "services", "deploy", "tests", "schemas", "pyproject.toml")
PLAYS = 300
PATIENCE = 240


class Tried(NamedTuple):
    """Whether it was noticed: by a promise or assertion of ours, not by chance."""

    noticed: bool
    output: str


def copied(to: Path) -> Path:
    """A copy of what is needed to run the product's tests."""
    to.mkdir(parents=True)
    for name in NEEDED:
        source, target = PROJECT / name, to / name
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy2(source, target)
    return to


def apply(mutation: Mutation, copy: Path) -> None:
    """Raises `AssertionError` if the code is not as the mutation thinks."""
    file = copy / mutation.file
    text = file.read_text(encoding="utf-8")
    found = text.count(mutation.old)
    assert found == 1, (
        f"{mutation.name!r}: its old text is {found} times in {mutation.file}; "
        "write the mutation anew for the code as it is now"
    )
    file.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")


def try_out(mutation: Mutation, copy: Path) -> Tried:
    apply(mutation, copied(copy))
    return run(mutation.noticed_by, copy)


def run(noticed_by: str, copy: Path, plays: int = PLAYS) -> Tried:
    """Run the simulation, or one test, on the copy."""
    done = subprocess.run(
        [sys.executable, *_arguments(noticed_by, copy, plays)],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    output = done.stdout + done.stderr
    if noticed_by == SIMULATION:
        noticed = "BROKEN" in output and UNFORESEEN not in output
    else:
        noticed = "AssertionError" in output
    return Tried(done.returncode == 1 and noticed, output)


def _arguments(noticed_by: str, copy: Path, plays: int) -> list[str]:
    if noticed_by == SIMULATION:
        return ["-m", SIMULATION, "--plays", str(plays), "--shrink", "0"]
    folder = f"--basetemp={copy.with_name(copy.name + '-pytest')}"
    return ["-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", folder, noticed_by]
