"""The facts that a routing decision saw (所见情况), in words. Pure.

Only facts of the dispute and of its course; which of them a row asked for, routing tells.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.audit.messages import Text
from services.audit.sentences import field
from services.audit.wording import Words
from shared.events.base import DomainEvent, Value
from shared.events.routing import Routed

FACTS = (
    *("source", "kind", "place", "persons", "side", "amount"),
    *("flags", "organisation", "asked", "prior_failed"),
)
COURSE = ("holder", "tier", "declines", "not_taken", "passed_over", "tried")


def seen(event: DomainEvent | None, words: Words) -> Iterator[Text]:
    """What there was to see; what was not known is left out."""
    if isinstance(event, Routed):
        yield from _told(event.facts, FACTS, words)
        if event.asked:
            yield from _told(event.asked, COURSE, words)


def _told(value: Value, fields: tuple[str, ...], words: Words) -> Iterator[Text]:
    for name in fields:
        if getattr(value, name):
            fact, told = words.word("fact", name), field(value, name, words)
            yield words.phrase("fact", fact=fact, value=told)
