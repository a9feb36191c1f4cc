"""Codes put into words: of tables, bodies, rule rows, steps of a search. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import Enum

from services.audit.messages import LANGUAGES, Language, Messages, Text
from services.audit.names import Names, RuleWords
from shared.calendar import SHANGHAI

PARTY = "party:"
COMMA, SEMICOLON = Text(zh="、", en=", "), Text(zh="；", en="; ")


class Words:
    """Finds the words of one region and one message file."""

    def __init__(self, names: Names, messages: Messages) -> None:
        self.names, self.messages = names, messages

    def under(self, rules: RuleWords) -> Words:
        """The same words, with what the rows of these rules say."""
        return Words(self.names.under(rules), self.messages)

    def word(self, table: str, code: object) -> Text:
        """The words for a code of a table; a code without words stands for itself."""
        plain = str(code.value if isinstance(code, Enum) else code)
        found = self.messages.words.get(table, {}).get(plain)
        return found or Text(zh=plain, en=plain)

    def body(self, id: str) -> Text:
        """A body, `party:N`, a body with a person (`body/person`), or the software."""
        if id.startswith(PARTY):
            return self.phrase("party", number=id.removeprefix(PARTY))
        body, slash, person = id.partition("/")
        named = self.messages.words["body"].get(body) or self.names.body(body)
        if not slash:
            return named
        return Text(zh=f"{named.zh}/{person}", en=f"{named.en}/{person}")

    def phrase(self, name: str, /, **facts: object) -> Text:
        """A phrase with its facts; those that are texts, each in its language."""
        phrase = self.messages.phrases[name]
        return both(
            lambda language: phrase.in_language(language).format(
                **{name: _said(fact, language) for name, fact in facts.items()}
            )
        )

    def searched(self, step: Sequence[str]) -> Text:
        """A step by which a body was found; one that is not known here, as it is."""
        code, *facts = step
        plain = Text(zh=" ".join(step), en=" ".join(step))
        if not (sentence := self.messages.steps.get(code)):
            return plain
        named = [self._named(fact) for fact in facts]
        try:
            return both(
                lambda language: sentence.in_language(language).format(
                    *(name.in_language(language) for name in named)
                )
            )
        except LookupError:  # told by a release that gives other facts
            return plain

    def _named(self, fact: str) -> Text:
        body = self.names.body(fact)
        return self.names.place(fact) if body.zh == fact else body


def both(written: Callable[[Language], str]) -> Text:
    zh, en = (written(language) for language in LANGUAGES)
    return Text(zh=zh, en=en)


def listed(texts: Sequence[Text], between: Text) -> Text:
    """Several texts as one."""
    return both(
        lambda language: between.in_language(language).join(
            text.in_language(language) for text in texts
        )
    )


def local(at: datetime) -> str:
    """A time as clocks on the wall in China show it."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _said(fact: object, language: Language) -> object:
    return fact.in_language(language) if isinstance(fact, Text) else fact
