"""What codes of a backtest mean to officials: bodies, clocks, units, ways of handing on.

Bodies have their id beside their name; a code without words stands for itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.cli.words import both
from services.cli.words import text as words
from services.routing.explaining.words import word
from services.texts import Texts
from shared.region import Region

Names = Mapping[str, str]
DIGITS = 12
"""So many of a digest are shown to people; files and data have all."""

_CLOCKS = Texts("services.audit")
_HEADS = {"body": "acting_body"}


def names_of(*regions: Region) -> Names:
    """The bodies of these directories; the later one's word counts."""
    return {
        body.id: f"{body.name}（{body.id}）"
        for region in regions
        for body in region.bodies.values()
    }


def named(row: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """A row of a report as people read it."""
    return {
        _HEADS.get(name, name): cell(name, told, names) for name, told in row.items()
    }


def cell(column: str, told: Any, names: Names) -> Any:
    """One value of a column, before or after, in words."""
    if not isinstance(told, str):
        return told
    match column.removesuffix("_before").removesuffix("_after"):
        case "body":
            return names.get(told, told)
        case "action" | "handoff" as table:
            return word(table, told).zh
        case "clock":
            path = f"words.clock.{told}"
            return _CLOCKS(path, "zh") if path in _CLOCKS else told
        case "unit" | "changed" as table:
            path = f"flips.{table}.{told}"
            return words(path, "zh") if path in words else told
        case _:
            return told


def head(column: str) -> str:
    """What a column of the file of flips is called."""
    return both(f"flips.{column}")


def short(digest: str) -> str:
    """Enough of a digest to tell it from others."""
    return digest[:DIGITS]
