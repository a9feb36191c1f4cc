"""Logs: one structured line an event, on standard error, without personal data."""

from __future__ import annotations

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import structlog

QUIET = ("aiokafka", "faststream", "uvicorn", "httpx", "asyncio", "psycopg.pool")
"""Libraries whose everyday notes are not events of ours; errors still come through."""


SILENT = ("aiokafka.consumer.group_coordinator",)
"""Calls it an error that a new topic has no coordinator yet, and tries again by itself."""


def set_up(form: str, level: str, file: Path | None = None) -> None:
    """Send our events and the libraries' warnings through one chain.

    They go to standard error, or to `file`, which is kept small by starting anew.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = _into(file) if file else logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                last,
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _into(file: Path) -> logging.Handler:
    file.parent.mkdir(parents=True, exist_ok=True)
    return RotatingFileHandler(
        file, maxBytes=20_000_000, backupCount=3, encoding="utf-8"
    )
