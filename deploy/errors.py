"""Errors of this package, told in Chinese and English.

The sentences stand in `messages.toml`; the facts of a failure are attributes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path


class Explained(RuntimeError):
    """Says what was tried, what is the case and what to do."""

    def __init__(self, reason: str, *, log: str = "", **facts: object) -> None:
        self.reason = reason
        self.log = log
        self.facts: Mapping[str, object] = facts
        super().__init__(reason, facts)

    def __str__(self) -> str:
        """Chinese, English, then the last lines of a log where there is one."""
        texts = _messages()[self.reason]
        lines = [texts["zh"].format(**self.facts), texts["en"].format(**self.facts)]
        return "\n".join([*lines, self.log] if self.log else lines)


class CannotStart(Explained):
    """A local server could not be started, reached or stopped."""


class TopicsNotApplied(Explained):
    """The table of topics could not be brought to the broker."""


@cache
def _messages() -> dict[str, dict[str, str]]:
    path = Path(__file__).with_name("messages.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
