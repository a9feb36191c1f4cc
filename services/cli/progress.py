"""One line on a terminal that says how far something has come; nothing in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from services.cli.words import both
from services.routing.proof.progress import Progress, unseen

_START_OF_EMPTY_LINE = "\r\x1b[K"


@contextmanager
def progress(code: str) -> Iterator[Progress]:
    """Shown beside the answer, so that a file with the answer has nothing of it."""
    shown = sys.stderr
    if not shown.isatty():
        yield unseen
        return

    def tell(done: int, of: int) -> None:
        shown.write(f"{_START_OF_EMPTY_LINE}{both(code, done=done, of=of)}")
        shown.flush()

    try:
        yield tell
    finally:
        shown.write(_START_OF_EMPTY_LINE)
        shown.flush()
