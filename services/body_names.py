"""Facts of errors that are ids of bodies, as people know them: name first, id beside it."""

from __future__ import annotations

from collections.abc import Mapping

from services.texts import Language
from shared.bodies import Body

Bodies = Mapping[str, Body]
NO_BODIES: Bodies = {}
_NAMING = frozenset({"body", "by", "designator", "holder", "sender", "to", "whose"})


def named(
    facts: Mapping[str, object], language: Language, bodies: Bodies
) -> dict[str, object]:
    """The facts, with known bodies by their names; all others as they are."""
    return {
        name: _named(bodies.get(str(fact)), fact, language) if name in _NAMING else fact
        for name, fact in facts.items()
    }


def _named(body: Body | None, fact: object, language: Language) -> object:
    if body is None:
        return fact
    if language == "zh":
        return f"{body.name}（{body.id}）"
    return f"{body.name_en} ({body.id})"
