"""The texts of notices: templates and words from `messages.toml`, filled with facts.

Chinese first, English beside. Facts hold no personal data, so neither do texts. A line
that names a fact which is not there is left out.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
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
            values = self._values(facts, names, language)
            subjects.append(_filled(chosen.subject.in_language(language), values))
            parts = (chosen.body.in_language(language), footer.in_language(language))
            whole = "\n\n".join(part.strip() for part in parts)
            texts.append(_filled(whole, values).strip())
        return Written(" / ".join(subjects), "\n\n".join(texts) + "\n")

    def _values(
        self, facts: Mapping[str, str], names: Names, language: Language
    ) -> dict[str, str]:
        values = dict(facts)
        for placeholder, shown in self.shown.items():
            if fact := facts.get(shown.of or placeholder):
                call = self._caller(shown.way, names, language)
                parts = dict.fromkeys(call(part) for part in fact.split(SEPARATOR))
                values[placeholder] = _LISTED[language].join(parts)
        return values

    def _caller(
        self, way: str, names: Names, language: Language
    ) -> Callable[[str], str]:
        match way:
            case "body":
                return lambda id: names.body(id).in_language(language)
            case "kind":
                return lambda code: names.kind(code).in_language(language)
            case "place":
                return lambda code: names.place(code).in_language(language)
            case "time":
                return lambda text: _moment(datetime.fromisoformat(text), language)
            case table:
                words = self.words[table]
                return lambda code: (
                    words[code].in_language(language) if code in words else code
                )


@cache
def messages() -> Messages:
    """The texts that are shipped."""
    file = resources.files("services.notifications") / "messages.toml"
    return Messages.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))


def _filled(text: str, values: Mapping[str, str]) -> str:
    lines = [line for line in text.splitlines() if placeholders(line) <= values.keys()]
    return "\n".join(lines).format_map(values)


def placeholders(text: str) -> set[str]:
    """The names in braces of a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def _moment(at: datetime, language: Language) -> str:
    here = at.astimezone(_BEIJING)
    if language == "zh":
        weekday = _WEEKDAYS[here.weekday()]
        return f"{here.year}年{here.month}月{here.day}日（周{weekday}）{here:%H:%M}"
    return f"{here:%Y-%m-%d %H:%M} (Beijing time, UTC+8)"
