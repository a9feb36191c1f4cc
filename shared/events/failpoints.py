"""Places where a test may end or hold a process, to prove that nothing is lost there.

Outside of tests nothing happens: without the environment variable `FENGQIAO_FAIL_AT`
a place costs one comparison. A test sets it to a folder and puts tokens there: a file
`kill.<place>.<who>.<anything>` lets the next one to reach that place take the token and
end itself by SIGKILL; while a file `hold.<place>.<who>` lies there, whoever reaches the
place waits, after leaving a file `held.<place>.<who>`.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

_FOLDER = os.environ.get("FENGQIAO_FAIL_AT")

PLACES = (
    "before-append",
    "before-commit",
    "after-commit",
    "before-acknowledge",
    "before-publish",
    "after-publish",
    "before-send",
    "after-send",
)
"""Every place there is, in the order in which a message passes them."""


def reach(place: str, who: str) -> None:
    """Tell that `who` (a service) is at a place."""
    if _FOLDER is not None:
        _reached(Path(_FOLDER), place, who)


def _reached(folder: Path, place: str, who: str) -> None:
    for token in sorted(folder.glob(f"kill.{place}.{who}.*")):
        try:
            token.unlink()
        except FileNotFoundError:
            continue  # somebody else took it
        os.kill(os.getpid(), signal.SIGKILL)
    if (hold := folder / f"hold.{place}.{who}").exists():
        (folder / f"held.{place}.{who}").touch()
        while hold.exists():
            time.sleep(0.02)
