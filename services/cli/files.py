"""Files of referrals, with a report row by row."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services.cli.options import NEEDS_A_PERSON, Json, a_house, show, show_json
from services.cli.words import both

app = typer.Typer()


@app.command("import", help=both("import"))
def import_file(
    file: Annotated[Path, typer.Argument(help=both("file"))],
    sender: Annotated[str, typer.Option("--as", help=both("as"))],
    good_rows: Annotated[
        bool, typer.Option("--good-rows", help=both("good_rows"))
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=both("dry_run"))] = False,
    as_json: Json = False,
) -> None:
    with a_house() as house:
        report = house.import_file(file, sender, good_rows=good_rows, dry_run=dry_run)
    if as_json:
        show_json(report.as_json())
    else:
        show(report.as_text())
    if report.needs_a_person:
        raise typer.Exit(NEEDS_A_PERSON)
