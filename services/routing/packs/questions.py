"""From a question to the inputs of the decision graph: the one mapping there is. Pure."""

from __future__ import annotations

from services.routing.decider import Question
from shared.events.vocabulary import Flag

INPUTS = (
    *("reason", "source", "kind", "asked", "county", "township"),
    *("persons", "side", "amount", "tier", "declines", "not_taken", "with_sender"),
    *map(str, Flag),
)
"""The names of all inputs that a table may look at."""

NEVER_NULL = frozenset(INPUTS) - {"kind", "township", "amount", "tier", "not_taken"}
"""Those that every question has."""

TOWN = 9
"""How many digits of a place name its township."""


def inputs_of(question: Question) -> dict[str, object]:
    """The inputs by name. What is not known is null; a flag that is not there is false."""
    facts = question.facts
    inputs: dict[str, object] = {
        "reason": question.reason,
        "source": facts.source,
        "kind": facts.kind,
        "asked": facts.asked,
        "county": facts.place[:6],
        "township": facts.place[:TOWN] if len(facts.place) >= TOWN else None,
        "persons": facts.persons,
        "side": facts.side,
        "amount": facts.amount.yuan if facts.amount else None,
        "tier": question.tier,
        "declines": question.declines,
        "not_taken": question.not_taken,
        "with_sender": question.with_sender,
    }
    return inputs | {flag: flag in facts.flags for flag in Flag}
