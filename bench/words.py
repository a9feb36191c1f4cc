"""The bench's texts, from `messages.toml` beside this file."""

from __future__ import annotations

from services.texts import Texts

text = Texts("bench")


def both(code: str, **facts: object) -> str:
    """A text in Chinese and in English."""
    return f"{text(code, 'zh', **facts)} · {text(code, 'en', **facts)}"
