"""Words in both languages, Chinese first."""

from __future__ import annotations

from shared.events.base import Value


class Text(Value):
    """The same words in both languages."""

    zh: str
    en: str
