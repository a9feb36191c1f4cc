"""A database server that finds no more room on its disk, for anybody who runs the tests.

No file system is filled: that takes root. Instead the server's own processes get the
limit of file size that the system has for every process. What they may write is limited
then; what they may read is not.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import psycopg

from deploy.local.account import account_for
from deploy.local.postgres import EmbeddedPostgres

LOG_SEGMENT = 16 * 1024 * 1024
"""Size of the files of the server's log; they are written over, they do not grow."""
UNLIMITED = "unlimited"

_SWELL = """
INSERT INTO {0}.{0}_events (originator_id, originator_version, topic, state)
SELECT gen_random_uuid(), 1, 'never.was.v1', convert_to(repeat(md5(n::text), 60), 'UTF8')
FROM generate_series(1, 10000) AS n
"""
_NO_REUSE = "ALTER TABLE {} SET (autovacuum_enabled = false, fillfactor = 10)"


def swell(server: EmbeddedPostgres, service: str) -> int:
    """Make a service's table of events larger than a piece of the log; its size.

    By rows that are taken back: they fill the file and nobody ever sees them. From then
    on nearly every new row needs a new page.
    """
    name = f"{service}.{service}_events"
    with psycopg.connect(server.url, autocommit=True) as connection:
        with connection.transaction(force_rollback=True):
            connection.execute(_SWELL.format(service).encode())
        connection.execute(_NO_REUSE.format(name).encode())
        connection.execute("CHECKPOINT")
        (size,) = connection.execute("SELECT pg_relation_size(%s)", [name]).fetchone()  # type: ignore[misc]
        assert size > LOG_SEGMENT
        return int(size)


@contextmanager
def no_file_above(server: EmbeddedPostgres, size: int) -> Iterator[None]:
    """No file of the server can grow beyond this size, as if the disk were full."""
    _limit(server, str(size))
    try:
        yield
    finally:
        _limit(server, UNLIMITED)


def _limit(server: EmbeddedPostgres, size: str) -> None:
    """The server's first process hands it on to those that it starts later."""
    assert server.pid
    first = psutil.Process(server.pid)
    for process in (first, *first.children(recursive=True)):
        subprocess.run(
            ["prlimit", f"--pid={process.pid}", f"--fsize={size}:"],
            capture_output=True,
            check=process == first,  # others may end meanwhile
            cwd="/",
            **account_for(server.data).run_as,
        )
