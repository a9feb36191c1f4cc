"""What a cell or key of a region's files holds and cannot hold, in words of our own.

A row or file that does not fit is told field by field: where, what stands there, and
what to write. Knows no files; `region_files.py` gives the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

MOST_SHOWN = 40
_QUOTED = re.compile("'([^']*)'")
_NAMES_OF_ENTRIES = ("code", "source")
_OF_TYPE = {
    "missing": "value-missing",
    "string_too_short": "value-missing",
    "extra_forbidden": "value-unknown",
    "enum": "value-choice",
    "literal_error": "value-choice",
    "string_type": "value-text",
    "string_too_long": "value-long",
    "greater_than": "value-number",
    "greater_than_equal": "value-number",
    "less_than": "value-number",
    "less_than_equal": "value-number",
}
_OF_START = {
    "date": "value-date",
    "bool": "value-yes-no",
    "int": "value-number",
    "tuple": "value-list",
    "dict": "value-keys",
    "mapping": "value-keys",
    "model": "value-keys",
}
_OF_PATTERN = {
    r"^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$": "value-code",
    r"^[A-Za-z0-9][A-Za-z0-9._-]*$": "value-code",
    r"^[^\s@/]+$": "value-name",
    r"^[a-z][a-z_]*$": "value-word",
}
_WORDS = {
    "value": ("{told}", "correct it and load the region again"),
    "value-missing": ("nothing is written there", "fill it in"),
    "value-unknown": ("there is no such key", "correct its name, or delete it"),
    "value-choice": ("{given} is not one of {known}", "write one of these"),
    "value-text": ("{given} is no text", "put it in quotes"),
    "value-long": ("it is longer than {limit} letters", "write it shorter"),
    "value-number": (
        "{given} is no whole number that can be used{range}",
        "write digits such as 30",
    ),
    "value-date": ("{given} is no date", "write it as 2026-01-31"),
    "value-yes-no": ("{given} is neither yes nor no", "write yes or no"),
    "value-list": ("{given} is no list", "write a list in square brackets"),
    "value-keys": ("{given} has no keys", "write its keys and values"),
    "value-code": ("it is no code", "use letters, digits and . _ - only"),
    "value-name": ("{given} is no name", "write it without spaces, @ and /"),
    "value-word": ("{given} is no such word", "use small letters and _ only"),
    "value-extension": ("{given} names no extension", "write one such as head+30"),
    "value-hours": ("{given} tells no hours", "write 24h, work or Mon-Fri 09:00-17:00"),
}
_RANGES = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
_OF_FIELD = {"hours": "value-hours", "extension": "value-extension"}


class Wrong(NamedTuple):
    """One thing that is wrong: in which field, by which code, and its facts."""

    column: str
    why: str
    facts: Mapping[str, object]

    @property
    def reason(self) -> str:
        told = _WORDS[self.why][0].format_map(self.facts)
        return f"{self.column}: {told}" if self.column else told

    @property
    def remedy(self) -> str:
        return _WORDS[self.why][1].format_map(self.facts)


def wrong_in(error: ValidationError, data: object) -> list[Wrong]:
    """Each field that does not fit, once; `data` is what was given."""
    found: dict[str, Wrong] = {}
    for one in error.errors(include_url=False):
        wrong = _wrong(one, data)
        before = found.get(wrong.column)
        found[wrong.column] = _both(before, wrong) if before else wrong
    return [*found.values()]


def _wrong(found: ErrorDetails, data: object) -> Wrong:
    path = _path(found, data)
    why = "value-missing" if found["input"] is None else _why(found, path)
    shown = str(found["input"])[:MOST_SHOWN]
    context = found.get("ctx", {})
    facts = {
        "given": shown,
        "known": ", ".join(_QUOTED.findall(str(context.get("expected", "")))),
        "limit": context.get("max_length", ""),
        "range": _range(context),
        "told": found["msg"].removeprefix("Value error, "),
    }
    return Wrong(".".join(path), why, facts)


def _why(found: ErrorDetails, path: list[str]) -> str:
    kind = found["type"]
    if kind in ("string_pattern_mismatch", "value_error"):
        pattern = str(found.get("ctx", {}).get("pattern", ""))
        last = path[-1] if path else ""
        return _OF_PATTERN.get(pattern) or _OF_FIELD.get(last, "value")
    start = kind.partition("_")[0]
    return _OF_TYPE.get(kind) or _OF_START.get(start, "value")


def _path(found: ErrorDetails, data: object) -> list[str]:
    """The keys on the way to a field; an entry of a list by its code, or its number."""
    return [*_steps(found["loc"], data)]


def _steps(location: tuple[int | str, ...], data: object) -> Iterator[str]:
    for step in location:
        if isinstance(data, Mapping):
            yield str(step)
            data = data.get(step)
        elif isinstance(data, (list, tuple)) and isinstance(step, int):
            data = data[step]
            yield _named(data, step)
        else:
            return  # inside a cell, or which of several types was tried


def _named(entry: object, number: int) -> str:
    names = entry if isinstance(entry, Mapping) else {}
    known = (names[key] for key in _NAMES_OF_ENTRIES if isinstance(names.get(key), str))
    return next(known, str(number + 1))


def _range(context: Mapping[str, Any]) -> str:
    told = [f"{sign} {context[key]}" for key, sign in _RANGES.items() if key in context]
    return f" ({', '.join(told)})" if told else ""


def _both(one: Wrong, other: Wrong) -> Wrong:
    """What may stand there may be of one type or of another."""
    known = ", ".join(
        filter(None, [str(one.facts["known"]), str(other.facts["known"])])
    )
    return one._replace(facts={**one.facts, "known": known})
