"""Logs: one structured line an event, on standard error, without personal data."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

QUIET = ("aiokafka", "faststream", "uvicorn", "httpx", "asyncio", "psycopg.pool")
"""Libraries whose everyday notes are not events of ours; errors still come through."""


SILENT = ("aiokafka.consumer.group_coordinator",)
"""Calls it an error that a new topic has no coordinator yet, and tries again by itself."""


def set_up(form: str, level: str) -> None:
    """Send our events and the libraries' warnings through one chain."""
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
    handler = logging.StreamHandler(sys.stderr)
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
