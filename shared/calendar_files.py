"""Calendars from their folders: found by name, read with all that they inherit.

A folder of year files is a national calendar. One with a `calendar.toml` builds on
another and says only what differs: a file for each year with the local days off.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

from shared.calendar_days import Calendar
from shared.calendar_faults import CalendarRefusedError
from shared.calendar_local import Local, LocalHead, LocalYear
from shared.calendar_year import CalendarYear, Notice, checked, read_toml

Folder = Traversable | Path
Year = TypeVar("Year", bound=Notice)

NATIONAL = "china"
HEAD = "calendar.toml"
OWN = "FENGQIAO_CALENDARS"
"""The setting that names a folder with calendars of an installation's own."""
SHIPPED = resources.files("shared") / "calendars"


def load_calendar(named: str | Folder | None = None) -> Calendar:
    """A calendar by its name or its folder; the national one if none is named.

    A name is looked for in the folder of one's own first. Raises
    `CalendarRefusedError`.
    """
    if named is not None and not isinstance(named, str):
        return _read(named)
    folder = calendar_folder(named or NATIONAL)
    return _read(folder) if os.environ.get(OWN) else _shipped(folder.name)


def calendar_folder(name: str) -> Folder:
    """Where a calendar of that name lies. Raises `CalendarRefusedError`."""
    places = [*_own(), SHIPPED]
    is_name = name and not name.startswith(".") and not {*name} & {*"/\\"}
    for place in places if is_name else ():
        if (place / name).is_dir():
            return place / name
    known = sorted({folder.name for place in places for folder in _folders(place)})
    raise CalendarRefusedError(
        name,
        f"there is no such calendar; there are {', '.join(known)}",
        f"name one of them, or put its folder where {OWN} says",
        why="unknown",
        known=known,
        setting=OWN,
    )


def _own() -> Iterator[Path]:
    """The folder of one's own calendars, if one is set."""
    if own := os.environ.get(OWN):
        if not Path(own).is_dir():
            reason, remedy = "it is no folder", f"correct {OWN}, or make the folder"
            raise CalendarRefusedError(
                own, reason, remedy, why="no-folder", setting=OWN
            )
        yield Path(own)


@cache
def _shipped(name: str) -> Calendar:
    return _read(SHIPPED / name)


def _read(folder: Folder) -> Calendar:
    national, *regional = reversed(_lineage(folder))
    found = Calendar(years=tuple(_years(national, CalendarYear)))
    for one in regional:
        years = tuple(_years(one, LocalYear))
        _check(years, one, found)
        found = found.with_local(Local(name=one.name, years=years))
    return found


def _lineage(folder: Folder) -> list[Folder]:
    """The folder and all that it inherits from, its own first."""
    found = [folder]
    while (found[-1] / HEAD).is_file():
        here = found[-1]
        source = f"{here.name}/{HEAD}"
        name = checked(LocalHead, read_toml(here / HEAD), source).inherits
        above = calendar_folder(name)
        if str(above) in map(str, found):
            reason = f"inherits leads in a circle over {name}"
            raise CalendarRefusedError(
                source, reason, "name another", why="circle", name=name
            )
        found.append(above)
    return found


def _folders(place: Folder) -> Iterator[Folder]:
    if place.is_dir():
        yield from (one for one in place.iterdir() if one.is_dir())


def _years(folder: Folder, model: type[Year]) -> Iterator[Year]:
    """The years of a folder; it may have none only if it inherits."""
    known: dict[int, str] = {}
    for file in _year_files(folder):
        source = file.name if model is CalendarYear else f"{folder.name}/{file.name}"
        year = checked(model, read_toml(file), source)
        if other := known.get(year.year):
            raise _twice(source, year.year, other)
        known[year.year] = file.name
        yield year
    if not known and model is CalendarYear:
        reason = "no .toml file is in that folder"
        raise CalendarRefusedError(
            str(folder), reason, "put one there for each year", why="empty"
        )


def _year_files(folder: Folder) -> list[Folder]:
    files = folder.iterdir() if folder.is_dir() else ()
    found = [f for f in files if f.name.endswith(".toml") and f.name != HEAD]
    return sorted(found, key=lambda file: file.name)


def _twice(source: str, year: int, other: str) -> CalendarRefusedError:
    reason, remedy = f"year {year} already stands in {other}", "keep one of the two"
    return CalendarRefusedError(
        source, reason, remedy, why="year-twice", year=year, other=other
    )


def _check(years: Iterable[LocalYear], folder: Folder, above: Calendar) -> None:
    """A day is not worked by a local notice if it is a holiday above, or worked anyway."""
    for year in years:
        off = [day for day in year.workdays if above.named(day) is False]
        needless = [day for day in year.workdays if above.is_working_day(day)]
        source = f"{folder.name}/{year.year}"
        if off:
            _refuse(
                source, "a workday, but a holiday of what it inherits", "off-above", off
            )
        if needless:
            _refuse(source, "a workday, but worked anyway", "worked-above", needless)


def _refuse(source: str, what: str, why: str, days: list[date]) -> None:
    told = ", ".join(map(str, days))
    remedy = "take it out, or correct it after the local notice"
    raise CalendarRefusedError(source, f"{what}: {told}", remedy, why=why, days=told)
