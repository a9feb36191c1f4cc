"""What can be wrong with a table that somebody sends, before it says anything."""

from __future__ import annotations

from services.routing.importing.titles import Form, forms
from shared.region_faults import RegionRefusedError


def no_table(name: str) -> RegionRefusedError:
    wanted = "; ".join(f"{form.sheet} ({_columns(form)})" for form in forms())
    return RegionRefusedError(
        name,
        "header",
        "it is no table of a directory",
        f"name the columns of one of {wanted}",
        why="no-sheet",
        wanted=wanted,
    )


def _columns(form: Form) -> str:
    return ", ".join(f"{name} {form.titles[name][0]}" for name in form.needed)


def unfit(table: str, number: int, column: str, fault: str) -> RegionRefusedError:
    return RegionRefusedError(
        table,
        f"row {number}",
        f"the cell cannot be taken: {fault}",
        "put the content itself there",
        why=fault,
        column=column,
    )


def too_wide(table: str, number: int) -> RegionRefusedError:
    return RegionRefusedError(
        table,
        f"row {number}",
        "it has more cells than the header",
        "quote cells that contain a comma, or name the column",
        why="too-wide",
    )


def unknown(table: str, number: int, title: str, form: Form) -> RegionRefusedError:
    wanted = ", ".join(f"{name} {said[0]}" for name, said in form.titles.items())
    return RegionRefusedError(
        table,
        f"row {number}",
        f"column {title[:40]!r} is unknown",
        f"there are {wanted}; delete it, or call it note",
        why="title",
        name=title[:40],
        wanted=wanted,
    )


def twice(table: str, number: int, title: str) -> RegionRefusedError:
    return RegionRefusedError(
        table,
        f"row {number}",
        f"column {title[:40]!r} is there twice",
        "keep one",
        why="title-twice",
        name=title[:40],
    )
