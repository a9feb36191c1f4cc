"""Merged hits in words: "若一方人数为10人以上，则由…承接". Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from services.routing.explaining.cases import Case
from services.routing.explaining.choices import Choice
from services.routing.explaining.facts import NUMBERS, Fact
from services.routing.explaining.merging import Merged
from services.routing.explaining.values import Change, Row, Standing, Text, Way
from services.routing.explaining.words import (
    Words,
    both,
    label,
    listed,
    one_of,
    phrase,
    plain,
)
from shared.events.routing import FiredRow, Routed
from shared.events.vocabulary import Flag

FLAGS = frozenset(map(str, Flag))
MOST_PLACES = 3


def told_rows(rows: Sequence[FiredRow], words: Words) -> tuple[Row, ...]:
    """Rows with what they say to people."""
    return tuple(
        Row(**dict(row), **(dict(said) if (said := words.row(row)) else {}))
        for row in rows
    )


def way(found: Merged, case: Case, present: Routed, words: Words) -> Way:
    """One way, with the rows that would then decide and do not now."""
    hit = found.first
    changes = tuple(_change(f, choices, case, words) for f, choices in found.changes)
    new = [row for row in hit.routed.rows if row not in present.rows]
    said = phrase(
        f"said.way_{hit.led.role}",
        changes=listed(changes, "and"),
        body=words.body(hit.led.body),
    )
    return Way(
        **dict(_marked(said, changes)),
        changes=changes,
        body=hit.led.body,
        role=hit.led.role,
        rows=told_rows(new, words),
    )


def _marked(said: Text, changes: Sequence[Change]) -> Text:
    """What would be another dispute, or depends on its course, is marked as such."""
    standings = {change.standing for change in changes}
    for standing in (Standing.FIXED, Standing.COURSE):
        if standing in standings:
            mark = phrase(f"said.{standing}")
            return Text(zh=said.zh + mark.zh, en=f"{said.en} {mark.en}")
    return said


def _change(fact: Fact, choices: Sequence[Choice], case: Case, words: Words) -> Change:
    values = [member for choice in choices for member in choice.members]
    low, high = choices[0].low, choices[-1].high
    return Change(
        **dict(_said(fact, choices, values, words)),
        fact=fact.name,
        standing=fact.standing,
        was=_was(fact, case, words),
        values=tuple(None if v is None else _code(v) for v in values),
        low=None if low is None else str(low),
        high=None if high is None else str(high),
    )


def _said(
    fact: Fact, choices: Sequence[Choice], values: list[object], words: Words
) -> Text:
    name = fact.name
    if name in FLAGS:
        turned = "flag_on" if values[0] else "flag_off"
        return phrase(f"fact.{turned}", flag=label(name))
    if name == "with_sender":
        return phrase(f"fact.with_sender.{str(values[0]).lower()}")
    if name in NUMBERS and values != [None]:
        return phrase(f"fact.{name}", values=_range(name, choices))
    if values == [None] and name in ("amount", "organisation"):
        return phrase(f"fact.no_{name}")
    if not fact.inputs:
        return phrase(f"fact.{name}")
    named = [words.value(name, value) for value in values]
    told = one_of(named[:MOST_PLACES] if name == "place" else named)
    if name == "place" and len(named) > MOST_PLACES:
        told = phrase("said.values_more", values=told, count=len(named))
    return phrase(f"fact.{name}", values=told)


def _range(name: str, choices: Sequence[Choice]) -> Text:
    told = [choice for choice in choices if choice.value is not None]
    low, high, unit = told[0].low, told[-1].high, phrase(f"unit.{name}")
    if high is None:
        shape = "at_least" if low is not None else "exactly"
    elif low is None:
        shape = "at_most"
    else:
        shape = "exactly" if low == high else "from_to"
    shown = {"low": _number(low), "high": _number(high)}
    return phrase(f"number.{shape}", **shown, unit=unit)


def _number(value: Decimal | None) -> Text:
    return plain(None if value is None else f"{value:,}")


def _was(fact: Fact, case: Case, words: Words) -> Text:
    name, value = fact.name, fact.of(case)
    told = words.value(name, value)
    return both(
        lambda language: f"{getattr(label(name), language)}: {getattr(told, language)}"
    )


def _code(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
