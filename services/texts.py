"""Texts that people see, from message files: Chinese first, English beside.

A message file is a `messages.toml` in a package; a code is the path to a table in it
that has `zh` and `en`, such as "refused.must-take.title". Nothing is worded here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cached_property
from importlib import resources
from typing import Any, Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
_AND = {"zh": "、", "en": ", "}


class Texts:
    """The message file of one package, read when it is first needed."""

    def __init__(self, package: str) -> None:
        self._package = package

    def __contains__(self, code: str) -> bool:
        return self._find(code) is not None

    def __call__(self, code: str, language: Language, **facts: object) -> str:
        """The text of a code, filled with facts; a fact that is not given shows as —.

        Raises `KeyError` for a code that the file does not have.
        """
        return self.raw(code, language).format_map(_Facts(facts, language))

    def raw(self, code: str, language: Language) -> str:
        """The text as it is written, with its facts still in braces."""
        if (found := self._find(code)) is None:
            raise KeyError(f"{self._package}/messages.toml has no text for {code!r}")
        return str(found[language])

    def codes(self) -> list[str]:
        """Every code there is a text for."""
        return sorted(_codes("", self._tables))

    @cached_property
    def _tables(self) -> dict[str, Any]:
        file = resources.files(self._package) / "messages.toml"
        return tomllib.loads(file.read_text(encoding="utf-8"))

    def _find(self, code: str) -> dict[str, Any] | None:
        found: Any = self._tables
        for part in code.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        return (
            found if isinstance(found, dict) and found.keys() >= {*LANGUAGES} else None
        )


class _Facts(dict[str, str]):
    """Facts as words: several of them with the comma of the language."""

    def __init__(self, facts: Mapping[str, object], language: Language) -> None:
        comma = _AND[language]
        super().__init__({name: _words(fact, comma) for name, fact in facts.items()})

    def __missing__(self, name: str) -> str:
        return "—"


def _words(fact: object, comma: str) -> str:
    if isinstance(fact, (list, tuple, set, frozenset)):
        return comma.join(map(str, fact))
    return str(fact)


def _codes(path: str, tables: Mapping[str, Any]) -> list[str]:
    inner = {name: found for name, found in tables.items() if isinstance(found, dict)}
    here = [path] if path and tables.keys() >= {*LANGUAGES} else []
    prefix = f"{path}." if path else ""
    below = [c for name, found in inner.items() for c in _codes(prefix + name, found)]
    return here + below


text = Texts("services")
"""Texts for errors of every service: what was tried, what is the case, what to do."""
