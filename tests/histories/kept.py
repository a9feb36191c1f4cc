"""A kept history: the archives of a pack, a directory and a calendar, and decisions as
stored. Histories of before calendars were recorded have none.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from services.routing import calendar_archive as calendars
from services.routing.backtest.past import Stored
from services.routing.directory_archive import archived, restored
from services.routing.packs import Pack
from shared.calendar import Calendar, load_calendar
from shared.events import wire
from shared.events.base import Recorded
from shared.events.wire import Told
from shared.region import Region

HERE = Path(__file__).parent
PACK, DIRECTORY, DECISIONS = "pack.json", "directory.zip", "decisions.jsonl"
CALENDAR = "calendar.json"


class Kept(NamedTuple):
    """The rules, the directory, what was decided, and the calendar if it was kept."""

    pack: Pack
    region: Region
    stored: list[Stored]
    calendar: Calendar | None = None

    @property
    def store_id(self) -> UUID:
        return UUID(int=0)

    def after(self, position: int, names: Iterable[str], limit: int) -> list[Stored]:
        return self.stored[position : position + limit]


def names() -> list[str]:
    """The histories that are kept here."""
    return sorted(file.parent.name for file in HERE.glob(f"*/{PACK}"))


def read(name: str) -> Kept:
    folder = HERE / name
    pack = Pack.restored((folder / PACK).read_bytes())
    region = restored((folder / DIRECTORY).read_bytes())
    days = folder / CALENDAR
    calendar = calendars.restored(days.read_bytes()) if days.exists() else None
    return Kept(pack, region, [*_decisions(folder / DECISIONS)], calendar)


def write(name: str, pack: Pack, region: Region, decided: Iterable[Recorded]) -> None:
    folder = HERE / name
    folder.mkdir()
    (folder / PACK).write_bytes(pack.archive())
    (folder / DIRECTORY).write_bytes(archived(region))
    days = calendars.archived(load_calendar(pack.calendar))
    (folder / CALENDAR).write_bytes(days)
    with (folder / DECISIONS).open("wb") as file:
        for one in decided:
            file.write(f"{one.dispute} {one.event.stored_name} ".encode())
            file.write(wire.written(one) + b"\n")


def _decisions(file: Path) -> Iterable[Stored]:
    for position, line in enumerate(file.read_bytes().splitlines(), 1):
        dispute, stored_name, body = line.split(b" ", 2)
        yield position, UUID(dispute.decode()), 1, stored_name.decode(), body


def read_event(stored: Stored) -> Recorded:
    position, dispute, version, name, body = stored
    told = Told("routing", UUID(int=0), position, dispute, version, name, body)
    return wire.read(told)
