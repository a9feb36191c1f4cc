"""Writes the lock files anew: packages with checksums, without addresses.

All three agree on versions: the smaller is a constraint for the larger.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from deploy.local.jars import write_lock

ROOT = Path(__file__).resolve().parents[1]
LOCKS = {"runtime": [], "local-kafka": ["local-kafka"], "dev": ["dev", "local-kafka"]}
OPTIONS = [
    "--quiet",
    "--universal",
    "--upgrade",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-header",
    "--no-annotate",
    "--python-version=3.11",
]


def main() -> None:
    """Packages first, then Kafka's jars."""
    for name, extras in LOCKS.items():
        chosen = [f"--extra={extra}" for extra in extras]
        base = [] if name == "runtime" else ["--constraint=requirements/runtime.lock"]
        target = f"--output-file=requirements/{name}.lock"
        command = [sys.executable, "-m", "uv", "pip", "compile", *OPTIONS, *chosen]
        subprocess.run(
            [*command, *base, target, "pyproject.toml"], cwd=ROOT, check=True
        )
    write_lock()


if __name__ == "__main__":
    main()
