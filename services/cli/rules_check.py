"""`fengqiao rules check`: the proof of a pack with a directory, as a certificate.

Exit status 1 if anything is not proved; then every failure is told with the smallest
dispute that shows it and what would mend it.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from services.audit.render import line
from services.cli.options import FAILED, Json, show, show_json
from services.cli.progress import progress
from services.cli.words import both
from services.routing import proof
from services.routing.packs import Pack, check_places
from services.routing.proof import Certificate, Failure, Limit
from shared.region import Region
from shared.region_lineage import folder_of
from shared.region_rows import BODIES

Proved = Annotated[str, typer.Argument(help=both("rules.pack"))]
Directory = Annotated[
    str | None, typer.Option("--directory", help=both("rules.directory"))
]
On = Annotated[
    datetime | None, typer.Option("--on", help=both("rules.on"), formats=["%Y-%m-%d"])
]
Out = Annotated[Path | None, typer.Option("--out", help=both("rules.certificate_out"))]


def check(
    pack: Proved,
    directory: Directory = None,
    on: On = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    drafted, region = Pack.load(pack), _region(pack, directory)
    if region:
        check_places(drafted, region)
    with progress("rules.proving") as told:
        found = proof.check(drafted, region, on.date() if on else None, told)
    if out:
        out.write_bytes(found.attached)
    if as_json:
        show_json(as_data(found))
    else:
        tell(found)
    if not found.passed:
        raise typer.Exit(FAILED)


def _region(pack: str, directory: str | None) -> Region | None:
    """The directory that is named, else the pack's own, if it has one."""
    if directory:
        return Region.load(directory)
    return Region.load(pack) if (folder_of(pack) / BODIES).is_file() else None


def as_data(found: Certificate) -> dict[str, object]:
    return {
        "passed": found.passed,
        "digest": found.digest,
        "pack": found.pack,
        "version": found.version,
        "directory": found.directory or None,
        "summary": found.summary,
        "failures": [vars(failure) for failure in found.failures],
        "notes": [vars(note) for note in found.notes],
        "not_covered": [vars(limit) for limit in found.not_covered],
    }


def tell(found: Certificate) -> None:
    """The verdict first, then failures, what is worth knowing, and what is not said."""
    verdict = "passed" if found.passed else "failed"
    show(both(f"rules.verdict.{verdict}", version=found.version, day=found.day))
    told: dict[str, tuple[Failure | Limit, ...]] = {
        "failure": found.failures,
        "note": found.notes,
        "limit": found.not_covered,
    }
    for code, some in told.items():
        for one in some:
            _tell(code, one)
    if not found.directory:
        show(both("rules.verdict.no_directory"))
    show(_counts(found))


def _tell(code: str, one: Failure | Limit) -> None:
    show(line(both(f"rules.verdict.{code}", zh=one.zh, en=one.en)))


def _counts(found: Certificate) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, count in found.proved.items():
        table.add_row(both(f"rules.proved.{name}"), f"{count:,}")
    table.add_row(both("rules.proved.digest"), found.digest)
    return table
