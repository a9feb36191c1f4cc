"""Rules held against the past: drafts tried, rows counted, decisions made again."""

from __future__ import annotations

from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.table import Table

from services.audit.render import line
from services.cli.options import FAILED, Json, fields, show, show_json
from services.cli.rules_backtest_shown import difference, no_shadow, report, table
from services.cli.rules_named import cell, head, names_of, short
from services.cli.rules_past import Archives, archives, the_past
from services.cli.rules_raised import outcomes
from services.cli.rules_suggest import counted, raised, suggested_for
from services.cli.words import both
from services.declined_rows import threshold_of
from services.routing.backtest import report as reports
from services.routing.backtest.draft import Draft
from services.routing.backtest.flips_file import write_flips
from services.routing.backtest.reproducing import Reproduction
from services.routing.backtest.suggesting import Threshold
from services.routing.packs import Pack
from shared.region import Region

MOST_TOLD = 1_000
"""So many differences are told; one would be enough to stop and look."""

Drafted = Annotated[str, typer.Argument(help=both("rules.pack"))]
MaybeDrafted = Annotated[str | None, typer.Argument(help=both("rules.pack"))]
Bodies = Annotated[str | None, typer.Option("--directory", help=both("rules.bodies"))]
Out = Annotated[Path | None, typer.Option("--out", help=both("rules.out"))]
Flips = Annotated[Path | None, typer.Option("--flips", help=both("rules.flips"))]
End = Annotated[bool, typer.Option("--end", help=both("rules.shadow_end"))]
Propose = Annotated[bool, typer.Option("--propose", help=both("rules.raise"))]
Percent = Annotated[
    int | None, typer.Option(min=1, max=100, help=both("rules.percent"))
]
Uses = Annotated[int | None, typer.Option(min=1, help=both("rules.uses"))]
Version = Annotated[str | None, typer.Option("--version", help=both("rules.version"))]


def backtest(
    pack: Drafted,
    directory: Bodies = None,
    out: Out = None,
    flips: Flips = None,
    as_json: Json = False,
) -> None:
    with archives() as kept, the_past(kept) as past:
        draft = _draft(kept, pack, directory)
        found = reports.backtest(past, draft)
        names = names_of(kept.desk.house.region, draft.region)
        if flips:
            in_words = partial(cell, names=names)
            write_flips(past, flips, head, in_words)
    if out:
        out.write_bytes(found.attached)
    if as_json:
        show_json({"digest": found.digest, **found.content})
    else:
        show(report(found, names))


def shadow(
    pack: MaybeDrafted = None,
    directory: Bodies = None,
    end: End = False,
    as_json: Json = False,
) -> None:
    with archives() as kept:
        running = kept.shadow
        ended = running.running() if end else None
        if end:
            running.end()
        elif pack:
            draft = _draft(kept, pack, directory)
            kept.keep(draft)
            running.begin(draft.pack.digest, draft.pack.version, draft.region.digest)
        now = running.running()
        pairs = running.differences(now.draft) if now else []
    rows = [{**pair._asdict(), "decisions": times} for pair, times in pairs]
    if as_json:
        show_json({"shadow": now._asdict() if now else None, "differences": rows})
    elif now:
        told = {**now._asdict(), "draft": short(now.draft)}
        show(Group(fields(told), *_tables(rows)))
    else:
        show(no_shadow(ended))


def statistics(
    version: Version = None,
    propose: Propose = False,
    percent: Percent = None,
    uses: Uses = None,
    as_json: Json = False,
) -> None:
    with archives() as kept:
        found = counted(kept)
        rows = [row._asdict() for row in found if version in (None, row.rules)]
        usual = threshold_of(kept.desk.house.settings)
        wanted = Threshold(percent or usual.decline_percent, uses or usual.least_uses)
        new = raised(kept, wanted) if propose else []
        done = [*outcomes(found, new, wanted, suggested_for(kept))] if propose else []
    if as_json:
        told = {"rows": rows, "suggested": new, "done": done}
        show_json(told if propose else rows)
    else:
        empty = [] if rows else [both("rules.no_rows")]
        show(Group(*_tables(rows, new), *map(line, [*empty, *done])))


def reproduce(as_json: Json = False) -> None:
    with archives() as kept:
        run = Reproduction(kept.histories, kept.library)
        told = [*islice(run.differences(), MOST_TOLD)]
    if as_json:
        show_json({**run.counted, "differing": [one._asdict() for one in told]})
    else:
        show(Group(*map(difference, told), fields(run.counted)))
    if told:
        raise typer.Exit(FAILED)


def _tables(*groups: list[dict[str, Any]]) -> list[Table]:
    """A table of each group that has rows."""
    return [table(rows) for rows in groups if rows]


def _draft(kept: Archives, pack: str, directory: str | None) -> Draft:
    """The draft, with the directory that holds unless another one is named."""
    region = Region.load(directory) if directory else kept.desk.house.region
    return Draft(Pack.load(pack), region)
