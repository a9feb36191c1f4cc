"""The table of notices: which event is told to whom, with which text and which facts.

The table is data (`notices.toml`); a row that could never work does not load. Pure: no
clock, no database.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from importlib import resources
from operator import attrgetter
from typing import Self

from pydantic import Field, PrivateAttr, model_validator

# The classes must exist before the table names them.
import shared.events.escalation
import shared.events.intake  # noqa: F401
from shared.events.base import DomainEvent, Value, event_classes
from shared.events.notifications import DisputeLearned
from shared.events.vocabulary import Flag, Source

PARTIES = "parties"
SEPARATOR = "; "


class Row(Value):
    """Who is told what when an event is heard.

    `to` is "parties", or a field that holds a body, of the event or of what is known.
    `facts` name the values that the text needs.
    `once` keeps a recipient from getting the same text twice in one dispute.
    """

    event: str
    to: str
    template: str
    facts: dict[str, str] = Field(default_factory=dict)
    once: bool = False

    @model_validator(mode="after")
    def _names_what_exists(self) -> Self:
        paths = [*self.facts.values(), *({self.to} - {PARTIES})]
        fields = _fields_of(self.event)
        for path in paths:
            start, _, rest = path.partition(".")
            if rest.partition(".")[0] not in fields.get(start, ()):
                raise ValueError(f"row {self.event} {self.template}: no field {path}")
        return self


class NoticeTable(Value):
    """All rows, the pauses between attempts, and the flags that forbid any letter.

    `receipt_sources` are the sources (案件来源) whose senders read receipts on a topic
    of their own.
    """

    silent_flags: frozenset[Flag]
    receipt_sources: frozenset[Source]
    pauses_minutes: tuple[int, ...] = Field(min_length=1)
    rows: tuple[Row, ...] = Field(alias="notice")
    _by_event: dict[str, list[Row]] = PrivateAttr(default_factory=dict)

    def model_post_init(self, _: object) -> None:
        for row in self.rows:
            self._by_event.setdefault(row.event, []).append(row)

    @property
    def pauses(self) -> tuple[timedelta, ...]:
        """How long to wait after the first, second, … failed attempt."""
        return tuple(timedelta(minutes=minutes) for minutes in self.pauses_minutes)

    def receipt_topic(self, source: str) -> str:
        """Where senders of this source read their receipts (回执)."""
        return f"receipts.{source if source in self.receipt_sources else 'other'}"

    @property
    def events(self) -> frozenset[str]:
        return frozenset(row.event for row in self.rows)

    def rows_for(self, event: str) -> Sequence[Row]:
        return self._by_event.get(event, ())


@cache
def notice_table() -> NoticeTable:
    """The table that is shipped."""
    file = resources.files("services.notifications") / "notices.toml"
    return NoticeTable.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))


def look_up(path: str, event: DomainEvent, known: DisputeLearned | None) -> str | None:
    """The value at a path such as `event.clock.due`, as text; None if there is none."""
    start, whole, names = _steps(path)
    value: object = event if start == "event" else known
    try:
        value = whole(value)
    except AttributeError:  # something on the way is missing, or there are several
        value = _step_by_step(value, names)
    return value if type(value) is str else _text(value)


@cache
def _steps(path: str) -> tuple[str, Callable[[object], object], list[str]]:
    start, _, rest = path.partition(".")
    return start, attrgetter(rest), rest.split(".")


def _step_by_step(value: object, names: Sequence[str]) -> object:
    for name in names:
        if value is None:
            return None
        value = _field(value, name)
    return value


def _field(value: object, name: str) -> object:
    if isinstance(value, tuple):
        return tuple(getattr(item, name) for item in value)
    return getattr(value, name)


def _text(value: object) -> str | None:
    match value:
        case None | ():
            return None
        case Enum():
            return str(value.value)
        case str():
            return value
        case tuple():
            texts = dict.fromkeys(_text(item) for item in value)
            return SEPARATOR.join(filter(None, texts))
        case datetime():
            return value.isoformat()
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)


@cache
def _fields_of(event: str) -> dict[str, frozenset[str]]:
    for kind in event_classes():
        if kind.event_name == event:
            known = DisputeLearned.model_fields
            return {"event": frozenset(kind.model_fields), "known": frozenset(known)}
    raise ValueError(f"no event is called {event}")
