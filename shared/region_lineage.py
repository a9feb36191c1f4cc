"""Reads `region.toml` with what a region has from the one it inherits from.

A region names its parent: a folder beside its own, or one that is shipped. What it does
not say it has from there. Categories and sources are told apart by their code: those it
names again it changes, others it adds. Rules and directory are read elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

from shared.events.vocabulary import Source
from shared.region_files import (
    Folder,
    RegionRefusedError,
    checked,
    digest_of,
    read_toml,
)
from shared.region_head import Head

HEAD = "region.toml"
_KEYS = {"kinds": "code", "profiles": "source", "sources": "code"}
_OWN = ("code", "name", "name_en", "valid_from", "valid_to", "version", "inherits")
"""What only holds of the region that says it."""


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
    if folder.is_dir():
        return folder
    names = sorted(found.name for found in shipped.iterdir() if found.is_dir())
    raise RegionRefusedError(
        str(name_or_path),
        "the folder",
        "there is none",
        f"name a folder by its path, or one of {', '.join(names)}",
    )


def lineage(folder: Folder) -> list[Folder]:
    """The folder and all it inherits from, its own first. Raises `RegionRefusedError`."""
    found, names = [folder], [str(folder)]
    while name := read_toml(found[-1], HEAD).get("inherits"):
        above = _parent(found[-1], name)
        if str(above) in names:
            raise _refused(
                "inherits", f"it leads in a circle over {name}", "correct it"
            )
        found.append(above)
        names.append(str(above))
    return found


def read_head(folder: Folder) -> Head:
    """The head with all that it inherits. Raises `RegionRefusedError`."""
    return head_of(lineage(folder))


def head_of(line: Sequence[Folder]) -> Head:
    """The head of the first of these folders, each inheriting from the next."""
    merged: dict[str, Any] = {}
    for one in reversed(line):
        where = HEAD if one is line[0] else f"{one.name}/{HEAD}"
        written = read_toml(one, HEAD)
        _refuse_doubles(written, where)
        merged = _merged(merged, written)
        head = checked(Head, merged, where, "the file")
        _check(head, where)
    return head


def digest_with_head(folder: Folder, *files: str) -> str:
    """Names the content of these files and of every head that this one builds on."""
    return digest_of_line(lineage(folder), *files)


def digest_of_line(line: Sequence[Folder], *files: str) -> str:
    """As `digest_with_head`, for a lineage that was read already."""
    own = digest_of(line[0], HEAD, *files)
    above = [digest_of(one, HEAD) for one in line[1:]]
    return sha256(" ".join([own, *above]).encode()).hexdigest()[:12] if above else own


def _parent(folder: Folder, name: object) -> Folder:
    if not isinstance(name, str) or not name or "/" in name or name.startswith("."):
        raise _refused(
            "inherits", f"{name!r} is no name of a region", "name one like baseline"
        )
    if isinstance(folder, Path) and (folder.parent / name).is_dir():
        return folder.parent / name
    return folder_of(name)


def _merged(above: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    merged = {key: value for key, value in above.items() if key not in _OWN}
    merged.pop("tables", None)
    for key, value in own.items():
        if key in _KEYS and isinstance(value, list):
            value = _joined(merged.get(key, []), value, _KEYS[key])
        merged[key] = value
    return merged


def _joined(above: Sequence[Any], own: Sequence[Any], key: str) -> list[Any]:
    """Entries with the same key are replaced where they stand; others follow."""
    mine = {_named(one, key): one for one in own}
    kept = [mine.pop(_named(one, key), one) for one in above]
    return [*kept, *mine.values()]


def _named(entry: Any, key: str) -> object:
    return entry.get(key, id(entry)) if isinstance(entry, dict) else id(entry)


def _refuse_doubles(written: Mapping[str, Any], where: str) -> None:
    for table, key in _KEYS.items():
        entries = written.get(table, [])
        names = [_named(one, key) for one in entries if isinstance(entries, list)]
        if twice := [name for name in names if names.count(name) > 1]:
            reason = f"{twice[0]} stands there twice"
            raise RegionRefusedError(where, table, reason, "keep one of them")


def _check(head: Head, where: str) -> None:
    for row, reason, remedy in _faults(head):
        raise RegionRefusedError(where, row, reason, remedy)


def _faults(head: Head) -> Iterator[tuple[str, str, str]]:
    if head.valid_to and head.valid_to < head.valid_from:
        reason, remedy = "it ends before it begins", "correct valid_from or valid_to"
        yield "valid_to", reason, remedy
    if "other" not in {kind.code for kind in head.kinds}:
        yield "kinds", "kind other is missing", "add it with row18 99"
    known = {profile.source for profile in head.profiles}
    for source in Source:
        if source not in known:
            yield (
                "profiles",
                f"source {source} has no profile",
                "add one with its clock",
            )
    for profile in head.profiles:
        if profile.handoff not in profile.may_ask:
            reason = f"{profile.handoff} is meant by default, but may not be asked for"
            yield f"profiles, {profile.source}", reason, "add it to may_ask"


def _refused(row: str, reason: str, remedy: str) -> RegionRefusedError:
    return RegionRefusedError(HEAD, row, reason, remedy)
