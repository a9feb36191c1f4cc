"""Lays what a region says over what it inherits. Pure.

Categories, sources and legal texts are told apart by their code: those that are named
again are changed, others are added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shared.region_head_checks import refused

_KEYS = {"kinds": "code", "profiles": "source", "sources": "code"}
_OWN = ("code", "name", "name_en", "valid_from", "valid_to", "version", "inherits")
"""What only holds of the region that says it."""


def merged_heads(above: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that is said above and not of that region alone, with one's own."""
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
    name = entry.get(key) if isinstance(entry, dict) else None
    return name if isinstance(name, str) else id(entry)


def refuse_doubles(written: Mapping[str, Any], where: str) -> None:
    """Raises `RegionRefusedError` for an entry that one file has twice."""
    for table, key in _KEYS.items():
        entries = written.get(table)
        names = [_named(x, key) for x in entries] if isinstance(entries, list) else []
        if twice := [name for name in names if names.count(name) > 1]:
            reason = f"{twice[0]} stands there twice"
            remedy = "keep one of them"
            raise refused(where, table, reason, remedy, "key-twice", twice[0])
