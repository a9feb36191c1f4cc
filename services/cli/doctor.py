"""`fengqiao doctor`: looks at what the product stands on, and says what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import psycopg

from deploy.local.kafka import knows_a_broker
from services.cli.words import text
from services.compose import HEARS, House
from services.databases import LocalDatabases, local_broker
from services.settings import Settings
from shared.calendar import SHANGHAI, load_calendar
from shared.events.errors import FengqiaoError
from shared.region import Region

MOST_SKEW = 2.0
LEAST_SPACE = 1_000_000_000


class Finding(NamedTuple):
    """One thing that was looked at. `facts` fill the text `doctor.<what>.<well|ill>`."""

    what: str
    well: bool
    facts: dict[str, Any]

    def words(self, language: str) -> str:
        state = "well" if self.well else "ill"
        code = f"doctor.{self.what}.{state}"
        return text(code, language, **self.facts)  # type: ignore[arg-type]

    def as_json(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "well": self.well,
            "zh": self.words("zh"),
            "en": self.words("en"),
            **self.facts,
        }


def examine(settings: Settings) -> list[Finding]:
    """Everything that can be looked at; a fault in one does not hide the others."""
    found = [*_files(settings)]
    try:
        databases = LocalDatabases(settings)
        url, keys = databases.start()
    except (FengqiaoError, psycopg.Error, OSError) as error:
        found.append(Finding("database", False, {"why": _first_line(error)}))
    else:
        try:
            found += _database(settings, url, keys)
        finally:
            databases.stop()
    return [*found, *_broker(settings)]


def _files(settings: Settings) -> Iterator[Finding]:
    yield _tried("region", lambda: {"digest": Region.load(settings.region).digest})
    yield _calendar(settings)
    folder = next(
        p for p in (settings.data, *settings.data.absolute().parents) if p.exists()
    )
    free = shutil.disk_usage(folder).free
    yield Finding("space", free > LEAST_SPACE, {"free": f"{free / 1e9:.1f} GB"})


def _calendar(settings: Settings) -> Finding:
    """Whether every notice of this year is known that holds in the region."""
    year = datetime.now(SHANGHAI).year
    try:
        name = Region.load(settings.region).head.calendar
        found = load_calendar(name)
    except (FengqiaoError, OSError) as error:
        return Finding("days_off", False, {"why": _first_line(error)})
    facts = {"year": year, "name": name, "version": found.version}
    return Finding("calendar", found.published(year), facts)


def _database(settings: Settings, url: str, keys: str) -> Iterator[Finding]:
    house = House(settings, database_url=url, keystore_url=keys)
    try:
        yield _tried("database", lambda: _version(house))
        yield _tried("migrations", lambda: {"ran": len(house.migrate())})
        yield _tried("keystore", lambda: {"id": _key_id(house)})
        skew = abs((_real_time(house) - datetime.now(UTC)).total_seconds())
        yield Finding("skew", skew < MOST_SKEW, {"seconds": f"{skew:.1f}"})
        moved = house.database.time_moved()
        yield Finding("sample" if moved else "time", True, {"now": _now(house)})
        waiting = sum(len(inbox.parked()) for inbox in house.inboxes().values())
        yield Finding("parked", not waiting, {"count": waiting, "services": len(HEARS)})
    except FengqiaoError as error:
        yield Finding("database", False, {"why": _first_line(error)})
    finally:
        house.close()


def _broker(settings: Settings) -> Iterator[Finding]:
    broker = local_broker(settings)
    if broker is None:
        yield Finding("embedded", True, {})
        return
    host, _, port = broker.split(",")[0].rpartition(":")
    try:
        answers = knows_a_broker(int(port), host)
    except (OSError, ValueError) as error:
        facts = {"broker": broker, "why": type(error).__name__}
        yield Finding("broker", False, facts)
    else:
        yield Finding("broker", answers, {"broker": broker, "why": "no broker"})


def _tried(what: str, look: Callable[[], dict[str, Any]]) -> Finding:
    try:
        return Finding(what, True, look())
    except (FengqiaoError, OSError, ValueError) as error:
        return Finding(what, False, {"why": _first_line(error)})


def _version(house: House) -> dict[str, Any]:
    return {"version": house.database.read("SHOW server_version")[0][0]}


def _real_time(house: House) -> datetime:
    found: datetime = house.database.read("SELECT clock_timestamp()")[0][0]
    return found


def _now(house: House) -> str:
    return house.database.now().astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def _key_id(house: House) -> str:
    house.keystore.migrate()
    return "ok"


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
