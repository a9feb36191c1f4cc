"""Reads the TOML files of a region: whole, and no deeper than any of them is."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from shared.region_bytes import Folder, read_text
from shared.region_faults import RegionRefusedError

DEEPEST = 20
_PLACE = re.compile(r"at line (\d+), column (\d+)")


def read_toml(folder: Folder, name: str) -> dict[str, Any]:
    """Raises `RegionRefusedError` with the line and letter at which it breaks."""
    text = read_text(folder, name)
    try:
        found = tomllib.loads(text)
    except RecursionError:
        raise _too_deep(name) from None
    except ValueError as error:  # also numbers of thousands of digits
        line, letter = _breaks_at(str(error), text)
        raise RegionRefusedError(
            name,
            "the file",
            f"not TOML: {error}",
            "correct the place named",
            why="not-toml",
            line=line,
            letter=letter,
        ) from None
    _check_depth(found, name)
    return found


def _check_depth(found: dict[str, Any], name: str) -> None:
    level: list[Any] = [found]
    for _ in range(DEEPEST):
        inner = [one.values() if isinstance(one, dict) else one for one in level]
        level = [x for one in inner for x in one if isinstance(x, (dict, list))]
    if level:
        raise _too_deep(name)


def _too_deep(name: str) -> RegionRefusedError:
    return RegionRefusedError(
        name,
        "the file",
        "its tables or lists are nested too deeply",
        "write it as the regions that are shipped do",
        why="toml-deep",
    )


def _breaks_at(told: str, text: str) -> tuple[str, str]:
    """Line and letter, as the parser tells them; else the end of the text."""
    if found := _PLACE.search(told):
        return found[1], found[2]
    last = text.splitlines() or [""]
    return str(len(last)), str(len(last[-1]) + 1)
