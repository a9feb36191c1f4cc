"""The terms of a decision's handoff and its linkage, by the pack that decided. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from services.routing.explaining.entailed import HandoffTerms, Linked
from services.routing.explaining.text import Text
from services.routing.explaining.words import Words, listed, phrase
from services.routing.packs.handoffs import HandoffRule
from services.routing.packs.pack import Pack
from shared.bodies import Body
from shared.events.routing import Routed
from shared.events.vocabulary import HandoffKind
from shared.region import Region

_BETWEEN = " · "
"""Stands between Chinese and English in a cell that has both."""
_TOLD = ("consent", "may_decline", "responsible", "origin_clock", "onward")


def handoff_terms(routed: Routed, pack: Pack) -> HandoffTerms | None:
    """None where nothing is handed on, or the matrix has no such way."""
    rule = pack.handoffs.get(routed.kind) if routed.kind else None
    return _terms(routed.kind, rule) if routed.kind and rule else None


@cache
def _terms(kind: HandoffKind, rule: HandoffRule) -> HandoffTerms:
    feedback = _cell(rule.feedback)
    return HandoffTerms(
        **dict(_said(rule, feedback)),
        kind=kind,
        consent=rule.consent,
        may_decline=rule.may_decline,
        responsible=rule.responsible,
        origin_clock=rule.origin_clock,
        feedback=feedback,
        onward=rule.onward,
        legal_basis=rule.legal_basis,
        provisional=rule.provisional,
    )


def linked(routed: Routed, pack: Pack, region: Region, words: Words) -> Linked | None:
    """None where no body is to act; `region` is the directory that decided."""
    asked = dict.fromkeys(filter(None, (routed.lead, *routed.co_handlers)))
    found = [region.bodies[id] for id in asked if id in region.bodies]
    if not found:
        return None
    linkage = pack.linkage
    name = Text(zh=linkage.name, en=linkage.name_en)
    members = tuple(body.id for body in found if _is_member(body, pack))
    others = tuple(body.id for body in found if body.id not in members)
    said = listed(_clauses(name, members, others, words), "semicolon")
    return Linked(**dict(said), name=name, members=members, others=others)


def _is_member(body: Body, pack: Pack) -> bool:
    """By its kind, unless the directory says otherwise of this body."""
    if body.linkage is not None:
        return body.linkage
    return body.kind in pack.linkage.members


def _clauses(
    name: Text, members: Iterable[str], others: Iterable[str], words: Words
) -> Iterable[Text]:
    for code, ids in (("members", members), ("others", others)):
        if bodies := [words.body(id) for id in ids]:
            yield phrase(f"linkage.{code}", name=name, bodies=listed(bodies))


def _said(rule: HandoffRule, feedback: Text) -> Text:
    words = {name: phrase(f"term.{name}.{getattr(rule, name)}") for name in _TOLD}
    kind = Text(zh=rule.zh, en=rule.en)
    return phrase("term.told", kind=kind, feedback=feedback, **words)


def _cell(text: str) -> Text:
    """A cell in Chinese and English; one that is in one language stands for both."""
    zh, _, en = text.partition(_BETWEEN)
    return Text(zh=zh, en=en or zh)
