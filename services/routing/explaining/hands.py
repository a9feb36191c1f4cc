"""What people did about the decisions of the rules, in words (人工决定, PIPL 24). Pure.

Told of bodies and reasons; never of the person who acted, nor of a party by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from uuid import UUID

from services.routing.explaining.telling import told_rows
from services.routing.explaining.values import ByHand, HandDeed, Text
from services.routing.explaining.words import Words, both, phrase, plain, word
from shared.events.base import Recorded
from shared.events.escalation import DecidedByHand, HumanAsked

FindHands = Callable[[UUID], Iterable[Recorded]]
"""What was recorded of a dispute where people decide."""


def hands(
    recorded: Iterable[Recorded], request: int, words: Words
) -> tuple[ByHand, ...]:
    """What people asked and decided about one decision, in the order recorded."""
    return tuple(
        _asked(each, event, words)
        if isinstance(event, HumanAsked)
        else _decided(each, event, words)
        for each in recorded
        if isinstance(event := each.event, HumanAsked | DecidedByHand)
        and event.request == request
    )


def _asked(recorded: Recorded, event: HumanAsked, words: Words) -> ByHand:
    said = [phrase("hand.asked", party=event.party, by=words.body(event.by))]
    if event.decider:
        said.append(phrase("hand.decider", body=words.body(event.decider)))
    return ByHand(
        **dict(_joined(said)),
        deed=HandDeed.ASKED,
        at=recorded.occurred_at,
        by=event.by,
        decider=event.decider,
    )


def _decided(recorded: Recorded, event: DecidedByHand, words: Words) -> ByHand:
    charged = told_rows([event.row], words) if event.row else (None,)
    return ByHand(
        **dict(_joined(_clauses(event, words))),
        deed=HandDeed.DECIDED,
        at=recorded.occurred_at,
        by=event.by,
        reason=event.reason,
        to=event.to,
        instead_of=event.instead_of,
        upheld=event.upheld,
        charged=charged[0],
    )


def _clauses(event: DecidedByHand, words: Words) -> Iterator[Text]:
    reason = word("hand_reason", event.reason)
    yield phrase("hand.decided", by=words.body(event.by), reason=reason)
    outcome = "upheld" if event.upheld else "otherwise"
    yield phrase(f"hand.{outcome}", to=words.body(event.to))
    if event.instead_of and not event.upheld:
        yield phrase("hand.instead_of", body=words.body(event.instead_of))
    if event.row:
        table, row = plain(event.row.table), plain(event.row.row)
        yield phrase("hand.charged", table=table, row=row)


def _joined(clauses: Iterable[Text]) -> Text:
    parts = [*clauses]
    return both(lambda language: "".join(getattr(p, language) for p in parts))
