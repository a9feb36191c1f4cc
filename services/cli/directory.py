"""`fengqiao directory`: bodies and places of a region, checked, imported, compared."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from services.cli.directory_shown import counts, show_difference, table, tell
from services.cli.options import Json, show, show_json
from services.cli.spreadsheets import grids_of
from services.cli.words import both
from services.routing.importing import versions as keeping
from services.routing.importing.checking import check, read
from services.routing.importing.comparing import differences
from services.routing.importing.exporting import exported
from services.routing.importing.proposal import propose
from services.settings import Settings
from shared.calendar import SHANGHAI
from shared.events.errors import RefusedError
from shared.region_files import Folder
from shared.region_lineage import HEAD, folder_of

app = typer.Typer(no_args_is_help=True)

Source = Annotated[str, typer.Argument(help=both("directory.source"))]
Region = Annotated[str | None, typer.Option("--region", help=both("directory.region"))]
At = Annotated[str | None, typer.Option("--at", help=both("directory.at"))]
Day = Annotated[datetime | None, typer.Option("--day", help=both("directory.day"))]
Into = Annotated[Path, typer.Option("--into", help=both("directory.into"))]
Try = Annotated[bool, typer.Option("--dry-run", help=both("dry_run"))]
FOLDER = both("directory.folder")


@app.command("check", help=both("directory.check"))
def check_directory(
    source: Source,
    region: Region = None,
    at: At = None,
    day: Day = None,
    as_json: Json = False,
) -> None:
    on = _day(day)
    if Path(source).is_file():
        base = _own(folder_of(region or Settings().region))
        found = propose(base, grids_of(Path(source)), on, at)
        tell(found.checked, found.faults, as_json, counts(found), found.left_out)
    else:
        checked = check(folder_of(source), on)
        tell(checked, checked.faults, as_json, {})


@app.command("import", help=both("directory.import"))
def import_directory(
    file: Annotated[Path, typer.Argument(help=both("directory.file"))],
    into: Into,
    at: At = None,
    day: Day = None,
    dry_run: Try = False,
    as_json: Json = False,
) -> None:
    if not (into / HEAD).is_file():
        raise RefusedError(
            "no-region-folder",
            f"{into} is no folder of a region yet: make it, with {HEAD} in it",
            folder=into,
        )
    folder = _own(folder_of(into))
    found = propose(folder, grids_of(file), _day(day), at)
    if not (found.faults or dry_run):
        keeping.publish(folder, found.files)
    tell(found.checked, found.faults, as_json, counts(found), found.left_out)


@app.command("export", help=both("directory.export"))
def export_directory(
    folder: Annotated[str, typer.Argument(help=FOLDER)],
    to: Annotated[Path, typer.Option("--to", help=both("directory.to"))],
) -> None:
    content = exported(folder_of(folder))
    try:
        with to.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise RefusedError(
            "directory-file-exists", f"{to} is there; name another file", file=to
        ) from None
    show(both("directory.exported", file=to))


@app.command("versions", help=both("directory.versions"))
def list_versions(
    folders: Annotated[list[str], typer.Argument(help=FOLDER)],
    as_json: Json = False,
) -> None:
    found = [
        {
            "version": version.digest,
            "in_force": version.in_force,
            "bodies": len(read(version.folder).bodies),
            "lies_in": str(version.folder),
        }
        for folder in folders
        for version in keeping.versions(_own(folder_of(folder)))
    ]
    if as_json:
        show_json(found)
    else:
        show(table(found))


@app.command("diff", help=both("directory.diff"))
def diff(
    before: Annotated[str, typer.Argument(help=FOLDER)],
    after: Annotated[str, typer.Argument(help=FOLDER)],
    as_json: Json = False,
) -> None:
    found = differences(*(read(folder_of(one)) for one in (before, after)))
    if as_json:
        changes = [change._asdict() for change in found.changed]
        show_json({**found._asdict(), "changed": changes})
    elif found.is_empty:
        show(both("directory.same"))
    else:
        show_difference(found)


def _day(day: datetime | None) -> date:
    return day.date() if day else datetime.now(SHANGHAI).date()


def _own(folder: Folder) -> Path:
    if isinstance(folder, Path):
        return folder
    raise RefusedError(
        "not-a-folder", f"{folder.name} is no folder of yours", folder=folder.name
    )
