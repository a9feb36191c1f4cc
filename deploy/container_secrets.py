"""Makes what docker-compose.yml must not contain: a password, the master key, our user.

Leaves alone what is there. Back up `secrets/` apart from the databases: without the
master key every sealed value is lost.
"""

from __future__ import annotations

import base64
import os
import secrets
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UNPRIVILEGED = 10001


def main() -> None:
    """`.env` and `secrets/master.key`, for the user that containers will run as."""
    uid, gid = os.getuid() or UNPRIVILEGED, os.getgid() or UNPRIVILEGED
    password = secrets.token_urlsafe(24)
    lines = {
        "FENGQIAO_UID": uid,
        "FENGQIAO_GID": gid,
        "FENGQIAO_DATABASE_PASSWORD": password,
    }
    text = "".join(f"{name}={value}\n" for name, value in lines.items())
    write_once(ROOT / ".env", text)
    folder = ROOT / "secrets"
    folder.mkdir(mode=0o700, exist_ok=True)
    key = folder / "master.key"
    write_once(key, base64.b64encode(secrets.token_bytes(32)).decode() + "\n")
    if os.getuid() == 0:
        os.chown(key, uid, gid)


def write_once(path: Path, text: str) -> None:
    """Readable by its owner only; what exists stays."""
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        sys.stderr.write(f"已有，未改动 already there: {path.relative_to(ROOT)}\n")
        return
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(text)
    sys.stderr.write(f"已生成 made: {path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
