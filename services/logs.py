"""Logs: one structured line an event, on standard error or in a file.

No personal data: see `log_words` for what a line may hold.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
import warnings
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog

from services.log_words import of_a_crash, of_a_library, on_one_line
from services.texts import LANGUAGES, text

log = structlog.get_logger()

QUIET = ("aiokafka", "faststream", "uvicorn", "httpx", "asyncio", "psycopg.pool")
"""Libraries whose everyday notes are not events of ours; errors still come through."""

SILENT = ("aiokafka.consumer.group_coordinator",)
"""Calls it an error that a new topic has no coordinator yet, and tries again by itself."""

REPEATS = "aiokafka"
"""Says a hundred times a second that the broker is away."""

SAID_AGAIN_AFTER = 10.0


class NotAgain(logging.Filter):
    """Lets a library that repeats itself say the same thing once in ten seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, object], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith(REPEATS):
            return True
        said, now = (record.name, record.msg), time.monotonic()
        if now < self._said.get(said, 0.0):
            return False
        self._said[said] = now + SAID_AGAIN_AFTER
        return True


def set_up(form: str, level: str, file: Path | None = None) -> None:
    """Send our events, the libraries' warnings and crashes through one chain.

    They go to standard error, or to `file`, which is kept small by starting anew.
    """
    handler = _into(file) if file else logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(form))
    handler.addFilter(NotAgain())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_stamps(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    _take_over_crashes()


def _stamps() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _formatter(form: str) -> logging.Formatter:
    last: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_stamps(), of_a_library],
        use_get_message=False,
        pass_foreign_args=True,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            on_one_line,
            last,
        ],
    )


def _into(file: Path) -> logging.Handler:
    file.parent.mkdir(parents=True, exist_ok=True)
    return RotatingFileHandler(
        file, maxBytes=20_000_000, backupCount=3, encoding="utf-8"
    )


def _take_over_crashes() -> None:
    """What Python would print with its text is told as an event, without it."""
    warnings.showwarning = _warned
    sys.excepthook = _ended
    sys.unraisablehook = lambda found: _crashed(found.exc_type, found.exc_traceback)
    threading.excepthook = lambda found: _crashed(found.exc_type, found.exc_traceback)


def _warned(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: Any = None,
    line: str | None = None,
) -> None:
    log.warning("python_warned", kind=category.__name__, where=f"{filename}:{lineno}")


def _crashed(kind: type[BaseException], trace: TracebackType | None) -> None:
    if not issubclass(kind, SystemExit):
        log.critical("crashed", **of_a_crash(kind, trace))


def _ended(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """The last words of a process, also for the person who started it."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    _crashed(kind, trace)
    for language in LANGUAGES:
        sys.stderr.write(text("error", language) + "\n")
