"""The file of flips: every single decision that a draft would have made otherwise."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

from services.routing.backtest import comparing
from services.routing.backtest.past import Past
from shared.events.vocabulary import dispute_code

Head = Callable[[str], str]
Cell = Callable[[str, Any], Any]


def as_it_is(_: str, value: Any) -> Any:
    """A value of a column for whoever knows the codes."""
    return value


def write_flips(
    past: Past, path: Path, head: Head = str, cell: Cell = as_it_is
) -> None:
    """Every decision of the last backtest that would have been another one, as CSV.

    Disputes are named by their codes; `head` and `cell` put columns and values in words.
    """
    found = past.database.execute(comparing.NAMED_FLIPS)
    *names, _ = [column[0] for column in found.description or ()]
    where = names.index("dispute")
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(map(head, names))
        while page := found.fetchmany(10_000):
            for *told, place in page:
                told[where] = dispute_code(told[where], place)
                rows.writerow(map(_of(cell), names, told))


def _of(cell: Cell) -> Cell:
    """Each value of a list in words, and the list as one."""

    def said(column: str, value: Any) -> Any:
        if isinstance(value, list):
            return " + ".join(str(cell(column, one)) for one in value)
        return cell(column, value)

    return said
