"""What is wrong with what a row answers, cell by cell, with the words that would do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from services.routing.dmn import Place, Table
from services.routing.packs.faults import PackFault, Wrong
from services.routing.packs.outcomes import APART, MISPLACED, OUTCOMES

MOST_NEAR = 3
_UNKNOWN = ("enum", "literal_error")
_EMPTY = ("missing", "too_short")
_QUOTED = re.compile(r"'([^']+)'")

Told = Mapping[str, Any]
"""One error as pydantic tells it."""


def wrong_answers(
    error: ValidationError, table: Table, place: Place
) -> Iterator[PackFault]:
    """One fault for every cell, or for every word of a cell that is a list."""
    known = _known_words(error)
    told: set[tuple[object, ...]] = set()
    for one in error.errors(include_url=False):
        word = _cell(one)
        if word not in told:
            told.add(word)
            yield _fault(one, known.get(word, []), table, place)


def nearest(word: str, known: list[str]) -> list[str]:
    """The words that are most like it, whatever their case; at most three."""
    plain = {one.casefold(): one for one in known}
    found = get_close_matches(word.casefold(), plain, n=MOST_NEAR, cutoff=0)
    return [plain[one] for one in found]


def _known_words(error: ValidationError) -> dict[tuple[object, ...], list[str]]:
    """Where a cell may be one of several kinds, the words of all of them."""
    known: dict[tuple[object, ...], list[str]] = {}
    for one in error.errors(include_url=False):
        if one["type"] in _UNKNOWN:
            words = _QUOTED.findall(one["ctx"]["expected"])
            known.setdefault(_cell(one), []).extend(words)
    return known


def _cell(one: Told) -> tuple[object, ...]:
    """The column, and the number of the word in a list."""
    column, *deeper = one["loc"] or ("",)
    return (column, *(part for part in deeper if isinstance(part, int)))


def _fault(one: Told, words: list[str], table: Table, place: Place) -> PackFault:
    column = _column(one, table)
    names = {output.name: output.label for output in table.outputs}
    here = place._replace(column=names.get(column, column))
    if one["type"] in _UNKNOWN:
        facts = {"word": one["input"], "near": nearest(str(one["input"]), words)}
        return PackFault(Wrong.UNKNOWN_WORD, here, facts)
    if one["type"] in _EMPTY:
        return PackFault(Wrong.EMPTY_OUTPUT, here, {})
    if one["type"] == APART:
        return PackFault(Wrong.WORDS_APART, here, {"found": one["input"]})
    if one["type"] == MISPLACED:
        return PackFault(Wrong.MISPLACED_OUTPUT, here, {"action": one["ctx"]["action"]})
    if one["type"] == "extra_forbidden":
        known = [*OUTCOMES[table.name].model_fields]
        return PackFault(Wrong.UNKNOWN_OUTPUT, here, {"known": known})
    return PackFault(Wrong.BAD_OUTPUT, here, {"found": one["input"]})


def _column(one: Told, table: Table) -> str:
    """The name of its column; the only one of a table is known by any name."""
    if one["type"] == MISPLACED:
        return str(one["ctx"]["name"])
    if len(table.outputs) == 1 and one["type"] != "extra_forbidden":
        return table.outputs[0].name
    return str(_cell(one)[0])
