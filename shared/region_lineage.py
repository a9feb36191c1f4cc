"""Reads `region.toml` with what a region has from the one it inherits from.

A region names its parent: a folder beside its own, or one that is shipped. What it does
not say it has from there. Categories and sources are told apart by their code: those it
names again it changes, others it adds. Rules and directory are read elsewhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

from shared.calendar import calendar_folder
from shared.calendar_faults import CalendarRefusedError
from shared.region_files import (
    Folder,
    RegionRefusedError,
    checked,
    digest_of,
    read_toml,
)
from shared.region_head import Head
from shared.region_head_checks import check_head, refused
from shared.region_head_merging import merged_heads, refuse_doubles

HEAD = "region.toml"
OF_DIRECTORY = ("code", "name", "name_en", "kinds", "profiles", "calendar")
"""What a directory takes from its heads; all else there is of the rules."""

MOST_SHOWN = 60
_NAME = re.compile(r"[\w-][\w.-]{0,63}")


def folder_of(name_or_path: str | Folder) -> Folder:
    """A region's folder: one shipped here by its name, or one of yours by its path.

    Raises `RegionRefusedError`, naming those that are shipped.
    """
    shipped = resources.files("shared") / "regions"
    folder: Folder
    if not isinstance(name_or_path, str):
        folder = name_or_path
    elif "/" in name_or_path:
        folder = Path(name_or_path)
    else:
        folder = shipped / name_or_path
    if _is_there(folder):
        return folder
    names = sorted(found.name for found in shipped.iterdir() if found.is_dir())
    raise RegionRefusedError(
        str(name_or_path)[:MOST_SHOWN],
        "the folder",
        "there is none",
        f"name a folder by its path, or one of {', '.join(names)}",
        why="no-region",
        known=", ".join(names),
    )


def _is_there(folder: Folder) -> bool:
    try:
        return folder.is_dir()
    except (OSError, ValueError):  # a name that no folder can have
        return False


def lineage(folder: Folder) -> list[Folder]:
    """The folder and all it inherits from, its own first. Raises `RegionRefusedError`."""
    found, names = [folder], [str(folder)]
    while (name := read_toml(found[-1], HEAD).get("inherits")) is not None:
        above = _parent(found[-1], name)
        if str(above) in names:
            raise refused(
                _where(found[-1], folder),
                "inherits",
                f"it leads in a circle over {name}",
                "correct it",
                "inherits-circle",
                name,
            )
        found.append(above)
        names.append(str(above))
    return found


def read_head(folder: Folder) -> Head:
    """The head with all that it inherits. Raises `RegionRefusedError`.

    The calendar that it names must be there. Of a head that was kept it need not be:
    what was decided with that names the days itself.
    """
    head = head_of(lineage(folder))
    _must_have(head.calendar)
    return head


def head_of(line: Sequence[Folder]) -> Head:
    """The head of the first of these folders, each inheriting from the next."""
    merged: dict[str, Any] = {}
    for one in reversed(line):
        where = _where(one, line[0])
        written = read_toml(one, HEAD)
        refuse_doubles(written, where)
        merged = merged_heads(merged, written)
        head = checked(Head, merged, where, "the file")
        check_head(head, where)
    return head


def digest_with_head(folder: Folder, *files: str) -> str:
    """Names the content of these files, and what a directory takes from its heads.

    What the heads say of rules, their version and days too, has a digest of its own.
    """
    return digest_of_line(lineage(folder), *files)


def digest_of_line(line: Sequence[Folder], *files: str) -> str:
    """As `digest_with_head`, for a lineage that was read already.

    It goes by what is written there and not by what this release makes of it: what was
    kept has the same digest in every later one.
    """
    written = (read_toml(one, HEAD) for one in line)
    taken = [{key: one[key] for key in OF_DIRECTORY if key in one} for one in written]
    told = json.dumps(taken, ensure_ascii=False, sort_keys=True, default=str)
    own = digest_of(line[0], *files)
    return sha256(f"{own} {told}".encode()).hexdigest()[:12]


def former_digest_of_line(line: Sequence[Folder], *files: str) -> str:
    """The digest that a directory had when it still took in its heads byte for byte."""
    own = digest_of(line[0], HEAD, *files)
    above = [digest_of(one, HEAD) for one in line[1:]]
    return sha256(" ".join([own, *above]).encode()).hexdigest()[:12] if above else own


def _must_have(calendar: str) -> None:
    try:
        calendar_folder(calendar)
    except CalendarRefusedError as error:
        raise RegionRefusedError(
            HEAD,
            "calendar",
            error.reason,
            error.remedy,
            why="no-calendar",
            name=calendar,
            known=error.facts["known"],
            setting=error.facts["setting"],
        ) from None


def _parent(folder: Folder, name: object) -> Folder:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        shown = str(name)[:MOST_SHOWN]
        reason = f"{shown!r} is no name of a region"
        remedy = "name one like baseline"
        raise refused(HEAD, "inherits", reason, remedy, "inherits", shown)
    if isinstance(folder, Path) and (folder.parent / name).is_dir():
        return folder.parent / name
    return folder_of(name)


def _where(one: Folder, first: Folder) -> str:
    return HEAD if one is first else f"{one.name}/{HEAD}"
