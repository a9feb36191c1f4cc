"""Chinese and English words of the generated documents, from `messages.toml`."""

from __future__ import annotations

from services.texts import Texts

CONTRACT = "1.0"
"""Of the topics and routes as a whole; the shape of an event is in its name."""

_text = Texts("services.schemas")


def both(code: str, **facts: object) -> str:
    """The words of a code, Chinese first and English beside."""
    return " · ".join((_text(code, "zh", **facts), _text(code, "en", **facts)))


def known(code: str) -> bool:
    return code in _text
