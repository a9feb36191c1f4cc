"""Decision tables as files: Excel to DMN and back, exactly, and nothing overwritten.

An office without a modeller works in Excel. A file is turned into the other form whole
or refused with every fault: file, decision, row, column, and what to write instead.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from services.audit.render import line
from services.cli.options import Json, show, show_json
from services.cli.words import both
from services.routing import dmn
from services.routing.dmn.model import DecisionTable
from shared.events.errors import RefusedError

Workbook = Annotated[
    Path, typer.Argument(help=both("rules.workbook"), exists=True, dir_okay=False)
]
DmnFile = Annotated[
    Path, typer.Argument(help=both("rules.dmn"), exists=True, dir_okay=False)
]
To = Annotated[Path | None, typer.Option("--to", help=both("rules.to"))]
Force = Annotated[bool, typer.Option("--force", help=both("rules.force"))]
Part = Annotated[bool, typer.Option("--part", help=both("rules.part"))]

Write = Callable[[dmn.Model], bytes]


def import_table(
    file: Workbook,
    to: To = None,
    part: Part = False,
    force: Force = False,
    as_json: Json = False,
) -> None:
    _turn(file, to or file.with_suffix(".dmn"), dmn.write_xml, part, force, as_json)
    if not as_json:
        show(line(both("rules.form_only")))


def export_table(
    file: DmnFile,
    to: To = None,
    part: Part = False,
    force: Force = False,
    as_json: Json = False,
) -> None:
    _turn(file, to or file.with_suffix(".xlsx"), dmn.write_xlsx, part, force, as_json)


def turned(file: Path, to: Path, write: Write, *, part: bool, force: bool) -> dmn.Model:
    """Write the tables of a file in the other form. Raises why not; then nothing is.

    With `part` they need not stand on their own, as tables of a pack that inherits do
    not: then only their form is checked here, and the whole when the pack is checked.
    """
    model = dmn.read(file)
    if not part:
        dmn.compile_model(model)
    _put(to, write(model), force)
    return model


def _turn(
    file: Path, to: Path, write: Write, part: bool, force: bool, as_json: bool
) -> None:
    model = turned(file, to, write, part=part, force=force)
    rows = {
        decision.name: len(decision.logic.rules)
        for decision in model.decisions
        if isinstance(decision.logic, DecisionTable)
    }
    if as_json:
        notes = [note.told("zh") for note in model.notes]
        show_json({"file": str(to), "tables": rows, "notes": notes})
    else:
        _show(model, to, rows)


def _show(model: dmn.Model, to: Path, rows: dict[str, int]) -> None:
    table = Table(both("rules.table"), both("rules.rows"), box=None)
    for name, count in rows.items():
        table.add_row(line(name), str(count))
    show(table)
    for note in model.notes:
        show(line(f"{note.told('zh')} · {note.told('en')}"))
    show(line(both("rules.written", file=to)))


def _put(to: Path, content: bytes, force: bool) -> None:
    """The file as a whole or not at all. Raises `RefusedError` if one is there."""
    if to.exists() and not force:
        raise RefusedError(
            "rules-file-exists",
            f"{to} is there and is not overwritten; name another file with --to, or "
            "say --force",
            file=to,
        )
    part = to.with_name(f"{to.name}.part")
    try:
        part.write_bytes(content)
        part.replace(to)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise RefusedError(
            "rules-not-written",
            f"{to} cannot be written ({error.strerror}); choose another place with --to",
            file=to,
            kind=error.strerror,
        ) from None
