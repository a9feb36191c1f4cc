"""The texts of notices: templates and words from `messages.toml`, filled with facts.

Chinese first, English beside. Facts hold no personal data, so neither do texts. A line
that names a fact which is not there is left out.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache, lru_cache
from importlib import resources
from string import Formatter
from typing import Literal, NamedTuple, Protocol, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from services.notifications.table import SEPARATOR
from shared.events.base import Value

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

_BEIJING = ZoneInfo("Asia/Shanghai")
_WEEKDAYS = "一二三四五六日"
_LISTED = {"zh": "、", "en": ", "}
_WAYS = frozenset({"body", "time", "kind", "place"})


class Text(Value):
    """The same words in both languages."""

    zh: str
    en: str

    def in_language(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


class Shown(Value):
    """How a placeholder is filled: from which fact, and by which names or words."""

    of: str | None = None
    way: str = Field(alias="as")


class Template(Value):
    """One text. A receipt (回执) goes to the topics of receipts."""

    receipt: bool = False
    subject: Text
    body: Text


class Names(Protocol):
    """What things are called in a region, in both languages."""

    def body(self, id: str) -> Text: ...
    def kind(self, code: str) -> Text: ...
    def place(self, code: str) -> Text: ...


class Written(NamedTuple):
    subject: str
    text: str


class Messages(Value):
    """All texts. Every word table that a placeholder names must be there."""

    template: dict[str, Template]
    footer: dict[Literal["party", "body"], Text]
    shown: dict[str, Shown]
    words: dict[str, dict[str, Text]]

    @model_validator(mode="after")
    def _has_the_words(self) -> Self:
        missing = {s.way for s in self.shown.values()} - _WAYS - set(self.words)
        if missing:
            raise ValueError(f"messages: no words for {', '.join(sorted(missing))}")
        return self

    def write(
        self, template: str, facts: Mapping[str, str], names: Names, to_party: bool
    ) -> Written:
        """The text of a notice, Chinese and then English."""
        chosen = self.template[template]
        footer = self.footer["party" if to_party else "body"]
        subjects, texts = [], []
        for language in LANGUAGES:
            subject = chosen.subject.in_language(language)
            text = _whole(
                chosen.body.in_language(language), footer.in_language(language)
            )
            values = self._values(_both(subject, text), facts, names, language)
            subjects.append(_filled(subject, values))
            texts.append(_filled(text, values).strip())
        return Written(" / ".join(subjects), "\n\n".join(texts) + "\n")

    def _values(
        self,
        wanted: Iterable[str],
        facts: Mapping[str, str],
        names: Names,
        language: Language,
    ) -> dict[str, str]:
        """What stands for the placeholders that are wanted, as far as facts tell it."""
        values: dict[str, str] = {}
        for placeholder in wanted:
            shown = self.shown.get(placeholder)
            if shown and (fact := facts.get(shown.of or placeholder)):
                values[placeholder] = self._shown(shown.way, fact, names, language)
            elif placeholder in facts:
                values[placeholder] = facts[placeholder]
        return values

    def _shown(self, way: str, fact: str, names: Names, language: Language) -> str:
        if SEPARATOR not in fact:
            return self._named(way, fact, names, language)
        parts = dict.fromkeys(fact.split(SEPARATOR))
        named = dict.fromkeys(self._named(way, p, names, language) for p in parts)
        return _LISTED[language].join(named)

    def _named(self, way: str, code: str, names: Names, language: Language) -> str:
        """What a code is called; an unknown one is called what it is."""
        match way:
            case "body":
                return names.body(code).in_language(language)
            case "time":
                return _moment(code, language)
            case "kind":
                return names.kind(code).in_language(language)
            case "place":
                return names.place(code).in_language(language)
            case table:
                word = self.words[table].get(code)
                return word.in_language(language) if word else code


@cache
def messages() -> Messages:
    """The texts that are shipped."""
    file = resources.files("services.notifications") / "messages.toml"
    return Messages.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))


@cache
def _whole(body: str, footer: str) -> str:
    return f"{body.strip()}\n\n{footer.strip()}"


@cache
def _both(subject: str, text: str) -> frozenset[str]:
    """The placeholders of a letter."""
    return frozenset(placeholders(subject) | placeholders(text))


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _lines(text, frozenset(values)).format_map(values)


@lru_cache(2048)
def _lines(text: str, known: frozenset[str]) -> str:
    """The lines of a text for which everything is known."""
    return "\n".join(line for line in text.splitlines() if placeholders(line) <= known)


def placeholders(text: str) -> set[str]:
    """The names in braces of a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@lru_cache(4096)
def _moment(text: str, language: Language) -> str:
    here = datetime.fromisoformat(text).astimezone(_BEIJING)
    if language == "zh":
        weekday = _WEEKDAYS[here.weekday()]
        return f"{here.year}年{here.month}月{here.day}日（周{weekday}）{here:%H:%M}"
    return f"{here:%Y-%m-%d %H:%M} (Beijing time, UTC+8)"
