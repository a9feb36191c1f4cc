"""Which events there are, and on whose topic each may appear."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import shared.events
from shared.events.base import DomainEvent, event_classes
from shared.events.older import READERS

VOCABULARY = "shared.events"
BY_EVERYBODY = f"{VOCABULARY}.delivery"
"""What is defined there is said by every service, on the topic of each."""

SAID_BESIDE = {"routing": (f"{VOCABULARY}.rules",)}
"""What a speaker says beside the events of the file that bears its name."""


def events() -> list[type[DomainEvent]]:
    """Every event class of the vocabulary, by stored name. No event of a test."""
    for module in iter_modules(shared.events.__path__):
        import_module(f"{VOCABULARY}.{module.name}")
    inside = f"{VOCABULARY}."
    return [kind for kind in event_classes() if kind.__module__.startswith(inside)]


def said_by(speaker: str) -> list[type[DomainEvent]]:
    """The events that may appear on a speaker's topic."""
    homes = {
        f"{VOCABULARY}.{speaker}",
        BY_EVERYBODY,
        *SAID_BESIDE.get(speaker, ()),
    }
    return [kind for kind in events() if kind.is_public and kind.__module__ in homes]


def is_older(stored_name: str) -> bool:
    """Whether rows of this name are still read, though none is written any more."""
    return stored_name in READERS
