"""The words of the story: sentences, names of codes, phrases, from `messages.toml`.

Chinese first, English beside. Nothing is put together here.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import Field

from shared.events.base import Value

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


class Text(Value):
    """The same words in both languages."""

    zh: str
    en: str

    def in_language(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en

    @property
    def both(self) -> str:
        """Chinese and English in one line; once if they are the same."""
        return self.zh if self.zh == self.en else f"{self.zh} {self.en}"


class Also(Text):
    """What a sentence goes on with if the event says something in this field.

    With `only`, the field must say exactly that.
    """

    field: str
    only: str | None = Field(None, alias="is")


class Sentence(Text):
    """What an event says, with its fields in braces."""

    also: tuple[Also, ...] = ()


class Messages(Value):
    """All words. `sentences` go by event name, `words` by table and then by code.

    `steps` say how a body was found, by the code of the step.
    """

    sentences: dict[str, Sentence]
    steps: dict[str, Text]
    groups: dict[str, Sentence]
    words: dict[str, dict[str, Text]]
    phrases: dict[str, Text]


@cache
def messages() -> Messages:
    """The words that are shipped."""
    file = resources.files("services.audit") / "messages.toml"
    return Messages.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
