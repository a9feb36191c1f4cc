"""Whether the database has been brought to where this release needs it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from importlib import resources

from services.compose import HEARS
from shared.events.database import Database
from shared.events.errors import FengqiaoError


class NotStartedError(FengqiaoError):
    """Scripts of this release have not run in this database (yet)."""

    code = "not-started"

    def __init__(self, missing: Collection[str]) -> None:
        scripts = ", ".join(sorted(missing))
        super().__init__(
            f"the database lacks {scripts}; start a process of this release, which "
            "brings it up to date, and look at its log if it ends",
            scripts=scripts,
        )


def must_have_started(database: Database) -> None:
    """Raises `NotStartedError` naming what has not run, or `DatabaseAwayError`."""
    if missing := set(_needed()) - _ran(database):
        raise NotStartedError(missing)


def _ran(database: Database) -> set[str]:
    ((table,),) = database.read("SELECT to_regclass('fengqiao.migration')")
    if table is None:
        return set()
    rows = database.read("SELECT schema_name, file FROM fengqiao.migration")
    return {f"{schema}/{file}" for schema, file in rows}


def _needed() -> Iterator[str]:
    for name in HEARS:
        yield f"{name}/delivery.sql"
        folder = resources.files(f"services.{name}") / "sql"
        if folder.is_dir():
            yield from (f"{name}/{script.name}" for script in folder.iterdir())
