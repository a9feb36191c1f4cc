"""Marked personal data, which may be nowhere but under seal; and where to look for it."""

from __future__ import annotations

import base64
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import psycopg
import structlog
from psycopg.sql import SQL, Identifier

CANARIES = {
    "applicant": "金丝雀甲",
    "respondent": "金丝雀乙",
    "telephone": "199-0088-7766",
    "digits": "19900887766",
    "identity": "330681197001019998",
    "narrative": "金丝雀乙夜间敲墙辱骂",
    "claim": "赔偿金丝雀甲医药费",
    "token": "canary-token-5f2c9b7e41d0",
}
"""Invented; no one of them is a part of anything that the product says by itself."""


def forms(secret: str) -> Iterator[bytes]:
    """The ways in which text may lie about: as bytes, as JSON, as base64 at any place."""
    raw = secret.encode()
    yield raw
    yield json.dumps(secret)[1:-1].encode()
    yield secret.encode("utf-16-le")
    yield raw.hex().encode()
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw)
        yield coded[(4 if shift else 0) : -4]


_FORMS = [(name, form) for name, told in CANARIES.items() for form in forms(told)]


def found_in(place: str, content: bytes | str) -> list[str]:
    """Which canaries are there, in whatever form, and what stands around the first."""
    raw = content.encode() if isinstance(content, str) else content
    first = {name: raw.find(form) for name, form in _FORMS if form in raw}
    return [f"{name} in {place}: …{_around(raw, at)}…" for name, at in first.items()]


def _around(raw: bytes, at: int) -> str:
    return repr(raw[max(0, at - 120) : at + 40].decode(errors="replace"))


def must_tell_of_nobody(places: Iterable[tuple[str, bytes | str]]) -> None:
    """Fails with a line for every place that tells of somebody."""
    leaks = [leak for place, told in places for leak in found_in(place, told)]
    if leaks:
        raise AssertionError("\n".join(dict.fromkeys(leaks)))


_COLUMNS = """
    SELECT table_schema, table_name, column_name FROM information_schema.columns
    WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
    AND data_type NOT IN ('boolean', 'integer', 'bigint', 'interval',
        'timestamp with time zone', 'uuid')
    ORDER BY 1, 2, 3
"""


def columns_of(url: str) -> Iterator[tuple[str, bytes]]:
    """Every column of every table that can hold text, whole, as bytes."""
    with psycopg.connect(url, autocommit=True) as connection:
        for schema, table, column in connection.execute(_COLUMNS).fetchall():
            name = Identifier(column)
            rows = connection.execute(
                SQL("SELECT {} FROM {} WHERE {} IS NOT NULL").format(
                    name, Identifier(schema, table), name
                )
            ).fetchall()
            cells = (_as_bytes(cell) for (cell,) in rows)
            yield f"{schema}.{table}.{column}", b"\n".join(cells)


def _as_bytes(cell: object) -> bytes:
    if isinstance(cell, bytes):
        return cell
    if isinstance(cell, str):
        return cell.encode()
    return json.dumps(cell, ensure_ascii=False, default=str).encode()


@contextmanager
def logs_put_back() -> Iterator[None]:
    """What setting up the logs changes in a process is undone at the end."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    hooks: Mapping[tuple[object, str], object] = {
        (owner, name): getattr(owner, name)
        for owner, name in (
            (sys, "excepthook"),
            (sys, "unraisablehook"),
            (threading, "excepthook"),
            (warnings, "showwarning"),
        )
    }
    try:
        yield
    finally:
        for handler in set(root.handlers) - set(handlers):
            handler.close()
        root.handlers[:], root.level = handlers, level
        for (owner, name), hook in hooks.items():
            setattr(owner, name, hook)
        structlog.configure(**before)
