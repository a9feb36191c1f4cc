"""How directories, their faults and their differences are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import typer
from rich.table import Table

from services.audit.render import line
from services.cli.options import NEEDS_A_PERSON, fields, show, show_json
from services.cli.words import both
from services.region_faults import told
from services.routing.importing.checking import Checked
from services.routing.importing.comparing import Difference
from services.routing.importing.left_out import LeftOut
from services.routing.importing.proposal import Proposal
from shared.region_faults import RegionRefusedError

MOST_NAMED = 5
MOST_SHOWN = 200
_END = {True: "end_it", False: "take_it_out"}


def show_difference(found: Difference) -> None:
    for name in ("added", "ended", "gone"):
        if ids := getattr(found, name):
            show(f"{both(f'directory.{name}', count=len(ids))}: {', '.join(ids)}")
    if found.changed:
        show(both("directory.changed", count=len(found.changed)))
        show(table([change._asdict() for change in found.changed]))


def tell(
    checked: Checked,
    faults: Sequence[RegionRefusedError],
    as_json: bool,
    counted: Mapping[str, Any],
    left_out: Sequence[LeftOut] = (),
) -> None:
    """What was found, in full; exit status 3 if a person has to correct something."""
    errors = [each for fault in faults for each in told(fault)[:1]]
    facts = {**counted, **({} if faults else _facts(checked))}
    if as_json:
        kept = {one.file: list(one.rows) for one in left_out}
        show_json({**facts, "not_in_file": kept, "faults": errors})
    else:
        show(fields(facts))
        for each in errors[:MOST_SHOWN]:
            show(line(each["zh"]))
            show(line(f"  {each['en']}"))
        for one in left_out:
            show(line(both("directory.left_out", **_left_out(one))))
            show(line(f"  {both(f'directory.{_END[one.ends]}', file=one.file)}"))
        if more := len(errors[MOST_SHOWN:]):
            show(both("directory.more_faults", count=more))
        summary = "directory.unsound" if errors else "directory.sound"
        show(both(summary, count=len(errors)))
    if errors:
        raise typer.Exit(NEEDS_A_PERSON)


def _left_out(found: LeftOut) -> dict[str, object]:
    shown = ", ".join(found.rows[:MOST_NAMED])
    more = " …" if len(found.rows) > MOST_NAMED else ""
    return {"sheet": found.sheet, "count": len(found.rows), "rows": shown + more}


def _facts(checked: Checked) -> dict[str, Any]:
    contents = checked.contents
    limited = [body.id for body in contents.bodies.values() if body.capacity]
    return {
        "version": checked.digest,
        "divisions": len(list(contents.divisions)),
        "counties": len(contents.divisions.counties),
        "bodies": len(contents.bodies),
        "bodies_in_force": checked.in_force,
        "with_capacity": len(limited),
        "asleep": ", ".join(checked.asleep) or "—",
    }


def counts(found: Proposal) -> dict[str, Any]:
    return {
        "rows_added": sum(found.added.values()),
        "rows_changed": sum(found.changed.values()),
    }


def table(rows: Sequence[Mapping[str, Any]]) -> Table:
    found = Table(*[both(f"field.{name}") for name in rows[0]], box=None)
    for row in rows:
        found.add_row(*(line(_plain(cell)) for cell in row.values()))
    return found


def _plain(cell: object) -> str:
    if isinstance(cell, bool):
        return "✓" if cell else ""
    return str(cell)
