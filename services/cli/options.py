"""Options that several commands share, and how answers are shown."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.table import Table

from services.audit import render
from services.cli.words import both
from services.compose import House
from services.databases import LocalDatabases
from services.settings import Settings
from shared.events.errors import RefusedError

Json = Annotated[bool, typer.Option("--json", help=both("json"))]
Code = Annotated[str, typer.Argument(help=both("code"))]
ReaderBody = Annotated[str | None, typer.Option("--reader", help=both("reader"))]
Person = Annotated[str | None, typer.Option(help=both("person"))]
Repaired = Annotated[
    Path | None,
    typer.Option("--body", help=both("repaired"), exists=True, dir_okay=False),
]

DONE, FAILED, NEEDS_A_PERSON = 0, 1, 3


@contextmanager
def a_house() -> Iterator[House]:
    """The services over the data, for one question; the database is started if needed."""
    settings = Settings()
    if settings.database_url is None and not (settings.data / "postgres").is_dir():
        raise RefusedError(
            "no-data",
            f"there is no data in {settings.data}; start with `fengqiao up`, or name "
            "the right folder in FENGQIAO_DATA",
            folder=settings.data,
        )
    databases = LocalDatabases(settings)
    url, keys = databases.start()
    house = House(settings, database_url=url, keystore_url=keys)
    try:
        house.migrate()
        yield house
    finally:
        house.close()
        databases.stop()


def show(what: RenderableType) -> None:
    """For people: tables and text."""
    render.show(what)


def show_json(what: object) -> None:
    """For programs: always UTF-8, whatever the terminal."""
    text = json.dumps(what, ensure_ascii=False, indent=2, default=str)
    sys.stdout.buffer.write(text.encode() + b"\n")


def fields(facts: Mapping[str, object]) -> Table:
    """Names and values, a line each."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, value in facts.items():
        table.add_row(both(f"field.{name}"), render.line(str(value)))
    return table
