"""A row of the ledger (台账) with words beside its codes."""

from __future__ import annotations

from services.audit.messages import Text
from services.audit.steps import About
from services.audit.views import Row
from services.audit.wording import Words


def about(row: Row, words: Words) -> About:
    named = {
        "kind": row.kind and words.names.kind(row.kind),
        "place": row.place and words.names.place(row.place),
        "source": row.source and words.word("source", row.source),
        "sender": row.sender and words.body(row.sender),
        "holder": row.holder and words.body(row.holder),
        "stage": words.word("stage", row.stage),
        "tier": row.tier and words.word("tier", row.tier),
        "offered_to": row.offered_to and words.body(row.offered_to),
        "next_clock": row.next_clock and words.word("clock", row.next_clock),
    }
    said = {name: text for name, text in named.items() if isinstance(text, Text)}
    return About(**dict(row), words=said)
