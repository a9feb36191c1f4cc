"""Brings what a lock file names into the environment, and the `fengqiao` command.

Runs with the environment's bare Python, so it uses nothing but the standard library.
The project itself is found through a path file: no build, no network, and a moved
folder still works.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections import deque
from pathlib import Path

COMMAND = """\
#!/bin/sh
exec "$(dirname "$0")/python" -c '
import sys
sys.argv[0] = "fengqiao"
from services.cli import main
sys.exit(main())' "$@"
"""


def main(lock: Path) -> int:
    """Install exactly the lock's files; 0 when all is there."""
    os.umask(0o022)  # PostgreSQL's programs must be open to the user that runs them
    put_project_on_path(Path(__file__).resolve().parents[1])
    wanted = count(lock)
    label = f"安装依赖 installing {lock.stem}"
    last = deque[str](maxlen=20)
    announce(label)
    with subprocess.Popen(pip(lock), stdout=subprocess.PIPE, text=True) as process:
        seen = 0
        for line in process.stdout or ():
            last.append(line)
            seen += line.startswith(("Collecting", "Requirement already satisfied"))
            show(f"{label}: {min(seen, wanted)}/{wanted}")
    show("")
    return process.returncode if process.returncode == 0 else explain(label, last)


def pip(lock: Path) -> list[str]:
    """Only files whose checksum is in the lock, and never a build from source."""
    options = ["--require-hashes", "--only-binary=:all:", "--disable-pip-version-check"]
    return [sys.executable, "-m", "pip", "install", *options, "-r", str(lock)]


def count(lock: Path) -> int:
    """How many packages the lock names, some of them for other systems."""
    rows = lock.read_text(encoding="utf-8").splitlines()
    return sum(1 for row in rows if "==" in row and not row.startswith((" ", "#")))


def announce(text: str) -> None:
    """Where nobody watches, one line says what takes so long."""
    if not sys.stderr.isatty():
        sys.stderr.write(f"{text} …\n")


def show(text: str) -> None:
    """One line that is written over where somebody watches."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[2K{text}")
        sys.stderr.flush()


def explain(label: str, last: deque[str]) -> int:
    """What was tried, what pip said, what to do."""
    sys.stderr.write(f"{label}: 失败 failed\n{''.join(last)}")
    sys.stderr.write("请检查网络后再试一次。Check the network and try again.\n")
    return 1


def put_project_on_path(root: Path) -> None:
    """`import services` and `.venv/bin/fengqiao`, both relative to the environment."""
    packages = Path(sysconfig.get_path("purelib"))
    relative = os.path.relpath(root, packages)
    (packages / "fengqiao.pth").write_text(f"{relative}\n", encoding="utf-8")
    command = Path(sys.prefix) / "bin" / "fengqiao"
    command.write_text(COMMAND, encoding="utf-8")
    command.chmod(0o755)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
