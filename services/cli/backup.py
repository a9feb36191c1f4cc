"""Copies of the data: made, checked, put back, and what became of the time between."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from services.audit.render import line
from services.cli.options import (
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

app = typer.Typer()

Keys = Annotated[Path | None, typer.Option("--keys", help=both("backup_keys"))]

Destroyed = Annotated[list[Path] | None, typer.Option(help=both("restore_destroyed"))]


@app.command(help=both("backup"))
def backup(
    target: Annotated[Path, typer.Argument(help=both("backup_target"))],
    keys: Keys = None,
    as_json: Json = False,
) -> None:
    from services.backup.making import Databases, keys_beside, make_copy

    settings = Settings()
    with a_house() as house:
        places = Databases(
            house.database.conninfo, house.keystore_url, local_broker(settings)
        )
        made = make_copy(settings, places, target, keys or keys_beside(target))
    facts = {
        **_of_data(made.data),
        "folder": made.folder,
        "keys_folder": made.keys_folder,
        "keep_until": _local(made.keys.keep_until),
        "master_key": settings.master_key,
    }
    _show(facts, as_json, "backup_done", "backup_keys_warning")


@app.command(help=both("restore"))
def restore(
    source: Annotated[Path, typer.Argument(help=both("restore_source"))],
    keys: Keys = None,
    destroyed: Destroyed = None,
    no_later_destructions: Annotated[
        bool, typer.Option("--no-later-destructions", help=both("restore_vouch"))
    ] = False,
    aside: Annotated[bool, typer.Option("--aside", help=both("restore_aside"))] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=both("restore_dry_run"))
    ] = False,
    as_json: Json = False,
) -> None:
    from services.backup.making import keys_beside
    from services.backup.restoring import Wish, examined, put_back, try_out

    found = keys or (keys_beside(source) if keys_beside(source).is_dir() else None)
    wish = Wish(source, found, destroyed or [], no_later_destructions, aside)
    if dry_run:
        copy = examined(wish)
        try_out(copy)
        _show(_of_data(copy.data), as_json, "restore_tried")
        if copy.keys is None and Settings().keystore_url is None:
            show(both("restore_tried_no_keys"))
            raise typer.Exit(NEEDS_A_PERSON)
        return
    done = put_back(Settings(), wish)
    facts = {
        **_of_data(done.source.data),
        "destroyed_again": done.destroyed_again,
        "moved_aside": done.aside or "—",
    }
    _show(facts, as_json, "restore_done", "restore_next")


@app.command(help=both("restored"))
def restored(
    mark: Annotated[bool, typer.Option("--mark", help=both("restored_mark"))] = False,
    destroyed: Destroyed = None,
    as_json: Json = False,
) -> None:
    from services.backup.aftermath import look, mark_restored
    from services.backup.destroyed import destroy_again, read_lists

    with a_house() as house:
        if destroyed:
            destroy_again(house.keystore_url, read_lists(destroyed))
        if mark:
            mark_restored(house)
        found = look(house)
    if as_json:
        show_json(found.as_json())
    elif found.restoration is None:
        show(both("never_restored"))
    else:
        _show_aftermath(found)
    if found.needs_a_person:
        raise typer.Exit(NEEDS_A_PERSON)


def _show_aftermath(found: Any) -> None:
    show(fields(found.facts()))
    for code, rows in (("lost_disputes", found.disputes), ("lost_acts", found.acts)):
        if rows:
            show(both(code, count=len(rows)))
            show(_table(rows))
    if not found.needs_a_person:
        show(both("restored_well"))
    show(both("restored_next"))


def _table(rows: Iterable[Any]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(*(line(str(cell)) for cell in row.cells()))
    return table


def _of_data(data: Any) -> dict[str, Any]:
    return {
        "as_of": _local(data.made_at),
        "product": data.product,
        "region": data.region,
        "disputes": data.disputes,
        **{
            f"store_{name}": f"{store.events} @ {store.last_position}"
            for name, store in data.stores.items()
        },
    }


def _show(facts: dict[str, Any], as_json: bool, *codes: str) -> None:
    if as_json:
        show_json(facts)
    else:
        show(fields(facts))
        for code in codes:
            show(both(code, **facts))


def _local(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
