"""Events put into words: each field by its type and name, each event by its sentence.

Sealed content is never opened and never shown. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from re import sub
from typing import Any
from uuid import UUID

from services.audit.messages import LANGUAGES, Also, Language, Messages, Sentence, Text
from services.audit.names import Names
from shared.calendar import SHANGHAI
from shared.events.base import DomainEvent, Value
from shared.events.clocks import Clock
from shared.events.facts import Money

_BODIES = {
    *("body", "by", "co_handlers", "designator", "first_contact"),
    *("holder", "lead", "proposed", "sender", "to"),
}
_COMMA = {"zh": "、", "en": ", "}

Say = Callable[[str, Any], Any]


class Words:
    """Finds the words of one region and one message file."""

    def __init__(self, names: Names, messages: Messages) -> None:
        self.names, self.messages = names, messages

    def sentence(self, name: str, event: DomainEvent | None) -> Text:
        """What happened. An event that nobody here can read is told by its name."""
        sentence = event and self.messages.sentences.get(event.event_name)
        if not (event and sentence):
            return self.phrase("unread", name=name)
        return _both(lambda language: self._written(sentence, event, language))

    def word(self, table: str, code: object) -> Text:
        """The words for a code of a table; a code without words stands for itself."""
        plain = str(code.value if isinstance(code, Enum) else code)
        found = self.messages.words.get(table, {}).get(plain)
        return found or Text(zh=plain, en=plain)

    def body(self, id: str) -> Text:
        """A body, `party:N`, a body with a person (`body/person`), or the software."""
        if id.startswith("party:"):
            return self.phrase("party", number=id.removeprefix("party:"))
        body, slash, person = id.partition("/")
        named = self.messages.words["body"].get(body) or self.names.body(body)
        return _both(lambda language: f"{named.in_language(language)}{slash}{person}")

    def phrase(self, name: str, /, **facts: object) -> Text:
        phrase = self.messages.phrases[name]
        return _both(lambda language: phrase.in_language(language).format(**facts))

    def together(self, event: DomainEvent, count: int, recipients: Text) -> Text:
        """What many notices say that say the same."""
        sentence = self.messages.groups[event.event_name]
        return _both(
            lambda language: sentence.in_language(language).format(
                event=self._fields(event, language),
                count=count,
                recipients=recipients.in_language(language),
            )
        )

    def _written(
        self, sentence: Sentence, event: DomainEvent, language: Language
    ) -> str:
        said = [also for also in sentence.also if _is_said(also, event)]
        whole = "".join(part.in_language(language) for part in (sentence, *said))
        return whole.format_map(self._fields(event, language))

    def _fields(self, value: Value, language: Language) -> _Fields:
        known_as = {"name": "clock"} if isinstance(value, Clock) else {}
        return _Fields(
            value,
            lambda field, told: self._say(known_as.get(field, field), told, language),
        )

    def _say(self, field: str, told: object, language: Language) -> object:
        match told:
            case Money(yuan=yuan, exactness=exactness):
                return self.phrase(exactness, yuan=f"{yuan:,}").in_language(language)
            case Value():
                return self._fields(told, language)
            case Enum():
                table = _snake(type(told).__name__)
                return self.word(table, told).in_language(language)
            case datetime():
                return local(told)
            case UUID():
                return str(told)[:8]
            case tuple() if any(isinstance(each, Value) for each in told):
                return str(len(told))
            case tuple():
                words = [str(self._say(field, each, language)) for each in told]
                return _COMMA[language].join(words)
            case bool():
                return self.word(field, str(told).lower()).in_language(language)
            case _:
                return self._plain(field, str(told)).in_language(language)

    def _plain(self, field: str, told: str) -> Text:
        if field in _BODIES:
            return self.body(told)
        match field:
            case "kind":
                return self.names.kind(told)
            case "place":
                return self.names.place(told)
            case "party" if told != "0":
                return self.phrase("party", number=told)
            case _:
                return self.word(field, told)


class _Fields(Mapping[str, object]):
    """The fields of a value in words, looked up only when a sentence asks for them."""

    def __init__(self, value: Value, say: Say) -> None:
        self._value, self._say = value, say

    def __getitem__(self, field: str) -> object:
        return self._say(field, getattr(self._value, field))

    def __getattr__(self, field: str) -> object:
        return self[field]

    def __iter__(self) -> Any:
        return iter(type(self._value).model_fields)

    def __len__(self) -> int:
        return len(type(self._value).model_fields)


def local(at: datetime) -> str:
    """A time as clocks on the wall in China show it."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _is_said(also: Also, event: DomainEvent) -> bool:
    told = getattr(event, also.field)
    return bool(told) if also.only is None else str(told).lower() == also.only


def _both(written: Callable[[Language], str]) -> Text:
    zh, en = (written(language) for language in LANGUAGES)
    return Text(zh=zh, en=en)


def _snake(name: str) -> str:
    return sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
