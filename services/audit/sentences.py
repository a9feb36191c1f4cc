"""Events put into sentences: each field in words by its type and its name.

Sealed content is never opened and never shown. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from re import sub
from typing import Any
from uuid import UUID

from services.audit.messages import Also, Language, Text
from services.audit.wording import COMMA, Words, both, local
from shared.events.base import DomainEvent, Value
from shared.events.clocks import Clock
from shared.events.facts import Money

_BODIES = {
    *("passed_over", "prior_failed", "tried"),
    *("body", "by", "co_handlers", "designator", "first_contact"),
    *("decider", "holder", "instead_of", "lead", "proposed", "sender", "to"),
}
_CHANGED_PARTY = "parties."


def sentence(name: str, event: DomainEvent | None, words: Words) -> Text:
    """What happened. An event that nobody here can read is told by its name."""
    found = event and words.messages.sentences.get(event.event_name)
    if not (event and found):
        return words.phrase("unread", name=name)
    said = [found, *(also for also in found.also if _is_said(also, event))]
    return both(
        lambda language: "".join(
            part.in_language(language) for part in said
        ).format_map(_Fields(event, language, words))
    )


def together(event: DomainEvent, recipients: Text, words: Words) -> Text:
    """What notices say that say the same, to all of their recipients."""
    found = words.messages.groups[event.event_name]
    return both(
        lambda language: found.in_language(language).format(
            event=_Fields(event, language, words),
            recipients=recipients.in_language(language),
        )
    )


def field(value: Value, name: str, words: Words) -> Text:
    """One field of a value, in words."""
    return both(lambda language: str(_Fields(value, language, words)[name]))


class _Fields(Mapping[str, object]):
    """The fields of a value in words, looked up only when a sentence asks for them."""

    def __init__(self, value: Value, language: Language, words: Words) -> None:
        self._value, self._language, self._words = value, language, words

    def __getitem__(self, field: str) -> object:
        named = field == "name" and isinstance(self._value, Clock)
        return self._say("clock" if named else field, getattr(self._value, field))

    def __getattr__(self, field: str) -> object:
        return self[field]

    def __iter__(self) -> Iterator[str]:
        return iter(type(self._value).model_fields)

    def __len__(self) -> int:
        return len(type(self._value).model_fields)

    def _say(self, field: str, told: Any) -> object:
        words, language = self._words, self._language
        match told:
            case str() if not isinstance(told, Enum):
                return _plain(field, told, words).in_language(language)
            case Enum():
                return words.word(_snake(type(told)), told).in_language(language)
            case datetime():
                return local(told)
            case Money(yuan=yuan, exactness=exactness):
                return words.phrase(exactness, yuan=f"{yuan:,}").in_language(language)
            case Value():
                return _Fields(told, language, words)
            case tuple() if any(isinstance(each, Value) for each in told):
                return str(len(told))
            case tuple():
                said = [str(self._say(field, each)) for each in told]
                return COMMA.in_language(language).join(said)
            case bool():
                return words.word(field, str(told).lower()).in_language(language)
            case UUID():
                return str(told)[:8]
            case _:
                return _plain(field, str(told), words).in_language(language)


def _plain(field: str, told: str, words: Words) -> Text:
    if field in _BODIES:
        return words.body(told)
    match field:
        case "kind":
            return words.names.kind(told)
        case "place" | "place_told":
            return words.names.place(told)
        case "party" if told != "0":
            return words.phrase("party", number=told)
        case "changed" if told.startswith(_CHANGED_PARTY):
            return words.phrase("party", number=told.removeprefix(_CHANGED_PARTY))
        case _:
            return words.word(field, told)


def _is_said(also: Also, event: DomainEvent) -> bool:
    told = getattr(event, also.field)
    return bool(told) if also.only is None else str(told).lower() == also.only


@cache
def _snake(kind: type) -> str:
    return sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
