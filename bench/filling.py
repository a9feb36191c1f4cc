"""Fills databases with copies of real disputes, in bulk, as if they had happened.

The services must not run meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from itertools import accumulate
from multiprocessing import get_context
from pathlib import Path
from shutil import disk_usage
from typing import Any

import psycopg
from psycopg.sql import SQL

from bench.indexes import tidy, without_indexes
from bench.pattern_rows import END, HEADER
from bench.patterns import Pattern, copy_of, filled, stamped
from bench.tables import Place, Table
from bench.words import both

CHUNK = 2_000

ROOM = 1.5
"""So many times the bytes of the rows are needed: indexes, log, and sorting them."""


class NoRoomError(Exception):
    """The copies would not fit on the disk."""

    def __init__(self, needed: float, free: float) -> None:
        gb = 1e9
        words = both("no_room", needed=f"{needed / gb:.0f}", free=f"{free / gb:.0f}")
        super().__init__(words)


def must_have_room(folder: Path, patterns: Sequence[Pattern], count: int) -> None:
    """Raise `NoRoomError` rather than fill the disk."""
    size = sum(
        len(piece)
        for pattern in patterns
        for rows in pattern.rows.values()
        for piece in rows.fixed
    )
    needed, free = ROOM * count * size / len(patterns), disk_usage(folder).free
    if needed > free:
        raise NoRoomError(needed, free)


def fill(
    found: Sequence[Place],
    patterns: Sequence[Pattern],
    count: int,
    progress: Callable[[float], None],
) -> None:
    """Store so many copies, of every pattern in turn."""
    with ExitStack() as dropped:
        for place in found:
            dropped.enter_context(without_indexes(place))
        _copy_all(found, patterns, count, progress)
    rounds = -(-count // len(patterns))
    added = {name: rounds * each[-1] for name, each in _counts(patterns).items()}
    for place in found:
        tidy(place, added)


_work: tuple[Sequence[Place], Sequence[Pattern]]


def _copy_all(
    found: Sequence[Place],
    patterns: Sequence[Pattern],
    count: int,
    progress: Callable[[float], None],
) -> None:
    chunks = [range(n, min(n + CHUNK, count)) for n in range(0, count, CHUNK)]
    if len(chunks) == 1:  # not worth a process
        _begin(found, patterns)
        _copy_chunk(chunks[0])
        return
    with ProcessPoolExecutor(
        os.cpu_count(),
        mp_context=get_context("spawn"),  # this process has threads and connections
        initializer=_begin,
        initargs=(found, patterns),
    ) as pool:
        for done, _ in enumerate(pool.map(_copy_chunk, chunks), start=1):
            progress(done / len(chunks))


def _begin(found: Sequence[Place], patterns: Sequence[Pattern]) -> None:
    global _work
    _work = found, patterns


def _copy_chunk(numbers: range) -> None:
    found, patterns = _work
    told: dict[str, list[bytes]] = {}
    counts, begin = _counts(patterns), _begins(found)
    for number in numbers:
        round_, which = divmod(number, len(patterns))
        pattern = patterns[which]
        words = filled(pattern, copy_of(pattern, number))
        for name, rows in pattern.rows.items():
            before, whole = counts[name][which], counts[name][-1]
            first = begin[name] + round_ * whole + before
            told.setdefault(name, []).append(stamped(rows, words, first))
    for place in found:
        with psycopg.connect(place.url) as database:
            for table in place.tables:
                _copy_in(database, table, told.get(table.dotted, []))


def _counts(patterns: Sequence[Pattern]) -> dict[str, list[int]]:
    """Of each table, how many rows the patterns before each have, and all of them."""
    return {
        name: [0, *accumulate(pattern.rows[name].how_many for pattern in patterns)]
        for name in patterns[0].rows
    }


def _begins(found: Sequence[Place]) -> dict[str, int]:
    return {
        table.dotted: place.first.get(table.sequence or "", 0)
        for place in found
        for table in place.tables
    }


def _copy_in(
    database: psycopg.Connection[Any], table: Table, rows: Sequence[bytes]
) -> None:
    query = SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(table.full_name)
    with database.cursor().copy(query) as copy:
        copy.write(b"".join([HEADER, *rows, END]))
