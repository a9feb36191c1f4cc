"""Starting and looking after the product."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from services import logs
from services.audit.render import line
from services.cli.options import (
    FAILED,
    NEEDS_A_PERSON,
    Json,
    a_house,
    fields,
    show,
    show_json,
)
from services.cli.words import both
from services.databases import local_broker
from services.settings import Settings
from shared.calendar import SHANGHAI
from shared.events.errors import RefusedError

app = typer.Typer()
topics = typer.Typer(no_args_is_help=True)
time = typer.Typer(no_args_is_help=True)
schemas = typer.Typer(no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help=both("folder"))]


@app.command(help=both("up"))
def up(
    once: Annotated[bool, typer.Option("--once", help=both("once"))] = False,
    samples: Annotated[bool, typer.Option(help=both("samples"))] = True,
    kafka: Annotated[bool, typer.Option("--kafka", help=both("kafka"))] = False,
    as_json: Json = False,
) -> None:
    from services.cli.up import Wish, up_embedded, up_on_kafka

    settings = Settings()
    logs.set_up("json", settings.log_level, settings.data / "logs" / "fengqiao.log")
    run = up_on_kafka if kafka else up_embedded
    run(settings, Wish(once, samples, as_json))


@app.command(help=both("serve"))
def serve(name: Annotated[str, typer.Argument(help=both("name"))]) -> None:
    from services.serve import serve as run

    run(name, Settings())


@app.command(help=both("doctor"))
def doctor(as_json: Json = False) -> None:
    from services.cli.doctor import examine

    findings = examine(Settings())
    if as_json:
        show_json([finding.as_json() for finding in findings])
    else:
        table = Table(box=None, show_header=False)
        for finding in findings:
            mark = "✓" if finding.well else "✗"
            table.add_row(mark, line(finding.words("zh")), line(finding.words("en")))
        show(table)
    if not all(finding.well for finding in findings):
        raise typer.Exit(NEEDS_A_PERSON)


@topics.command("apply", help=both("topics_apply"))
def topics_apply(as_json: Json = False) -> None:
    from deploy.topics import apply, read_topics

    done = asyncio.run(apply(_broker(), read_topics()))
    rows = [asdict(each) for each in done]
    if as_json:
        show_json(rows)
    else:
        table = Table(box=None, show_header=False)
        for row in rows:
            table.add_row(*row.values())
        show(table)


@topics.command("broker", help=both("topics_broker"))
def topics_broker(as_json: Json = False) -> None:
    found = _broker()
    if as_json:
        show_json({"broker": found})
    else:
        show(found)


@time.command("show", help=both("time_show"))
def time_show(as_json: Json = False) -> None:
    with a_house() as house:
        _show_time(house.database.now(), house.database.time_moved(), as_json)


@time.command("forward", help=both("time_forward"))
def time_forward(
    days: int = 0, hours: int = 0, minutes: int = 0, as_json: Json = False
) -> None:
    by = timedelta(days=days, hours=hours, minutes=minutes)
    with a_house() as house:
        _show_time(house.database.advance(by), True, as_json)


@schemas.command("write", help=both("schemas_write"))
def schemas_write(folder: Folder = Path("schemas"), as_json: Json = False) -> None:
    from services.schemas import write

    _show_names(write(folder), as_json)


@schemas.command("check", help=both("schemas_check"))
def schemas_check(folder: Folder = Path("schemas"), as_json: Json = False) -> None:
    from services.schemas import differences

    found = differences(folder)
    _show_names(found, as_json)
    if found:
        raise typer.Exit(FAILED)


def _broker() -> str:
    """Raises `RefusedError` if there is none to be found."""
    if found := local_broker(Settings()):
        return found
    raise RefusedError(
        "no-broker", "set FENGQIAO_KAFKA to the broker's address, as host:port"
    )


def _show_names(names: list[str], as_json: bool) -> None:
    if as_json:
        show_json(names)
    elif names:
        show("\n".join(names))


def _show_time(now: datetime, moved: bool, as_json: bool) -> None:
    facts = {"now": now.astimezone(SHANGHAI).isoformat(" ", "seconds"), "moved": moved}
    if as_json:
        show_json(facts)
    else:
        show(fields(facts))
