"""Marks data as an older copy that was put back, with what the copy knows of offsets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from deploy.topics import partitions
from services.backup.manifest import DataManifest
from services.catching_up import group_of
from services.compose import FOREIGN, HEARS
from services.going_on import SPEAKERS
from shared.events import restored
from shared.events.database import Database
from shared.events.lines import begin_new_line
from shared.events.restored import Reread


def mark(database: Database, copy: DataManifest | None) -> int:
    """Let the data begin a new line of time; see `shared.events.lines`."""
    database.migrate("fengqiao", [restored.SCRIPT])
    (kind,) = database.read("SELECT max(kind) FROM fengqiao.carrier")[0]
    topics = {name: partitions(name) for name in SPEAKERS} if kind == "kafka" else {}
    return begin_new_line(
        database,
        HEARS,
        topics,
        as_of=copy.made_at if copy else None,
        how="backup" if copy else "other",
        offsets=_offsets(copy) if copy else (),
    )


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = Database(url)
    database.open()
    try:
        yield database
    finally:
        database.close()


def _offsets(copy: DataManifest) -> Iterator[Reread]:
    """From where each group reads again; nothing is known if no broker answered."""
    readers = {group_of(topic) for topic in FOREIGN}
    for reader, read in (copy.offsets or {}).items():
        for place, offset in read.items():
            topic, _, number = place.rpartition("/")
            if reader in readers:
                yield Reread(reader, topic, int(number), offset)
