"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
import psycopg

from deploy.local import kafka_files

LIBRARIES = ("aiokafka", "eventsourcing", "faststream", "psycopg", "pydantic")
SETTINGS = (
    "server_version",
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "data_checksums",
    "shared_buffers",
)


def machine(database_url: str) -> dict[str, Any]:
    """Cores, memory, versions, and whether commits reach the disk."""
    with psycopg.connect(database_url) as database:
        settings = {
            name: database.execute("SELECT current_setting(%s)", [name]).fetchall()[0][
                0
            ]
            for name in SETTINGS
        }
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gib": round(psutil.virtual_memory().total / 1024**3, 1),
        "free_disk_gib": round(psutil.disk_usage("/tmp").free / 1024**3, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "kafka": kafka_files.description()["version"],
        "postgres": settings,
        "libraries": {name: version(name) for name in LIBRARIES},
        "commit": _commit(),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _commit() -> str | None:
    """The commit of the sources, if they are a checkout."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or None
