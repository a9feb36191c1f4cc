"""The ledger (台账): one row per dispute, written with the events it is folded from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import LiteralString
from uuid import UUID

from services.audit.domain import Dispute
from shared.events.base import Recorded
from shared.events.store import Changed, Statement, in_one_order


def rows(changed: Changed) -> Iterator[Statement]:
    """The rows of the disputes that changed; in one order, so that nobody deadlocks."""
    found = [_values(d, state, said) for d, (state, said) in in_one_order(changed)]
    if found:
        yield _UPSERT, found


def _values(
    dispute: UUID, state: Dispute, said: Sequence[Recorded]
) -> dict[str, object]:
    facts, clock = state.facts, next(iter(state.clocks), None)
    first = said[0].recorded_at
    return {
        "dispute": dispute,
        "code": state.code,
        "kind": facts and facts.kind,
        "place": facts and facts.place,
        "source": facts and facts.source,
        "sender": facts and facts.sender,
        "holder": state.holder,
        "stage": state.stage,
        "open": state.is_open,
        "tier": state.custody.tier,
        "offered_to": state.custody.offered_to,
        "next_clock": clock and clock.name,
        "next_due": clock and clock.due,
        "provisional": clock and clock.provisional,
        "registered_at": state.registered_at,
        "updated_at": state.updated_at or first,
        "persons": facts and facts.persons,
        "parked": len(state.waiting),
        "since": state.since or first,
    }


_UPSERT: LiteralString = """
    INSERT INTO audit.ledger
    SELECT * FROM jsonb_populate_recordset(null::audit.ledger, %s)
    ON CONFLICT (dispute) DO UPDATE SET
        code = excluded.code, kind = excluded.kind, place = excluded.place,
        source = excluded.source, sender = excluded.sender, holder = excluded.holder,
        stage = excluded.stage, open = excluded.open, tier = excluded.tier,
        offered_to = excluded.offered_to, next_clock = excluded.next_clock,
        next_due = excluded.next_due, provisional = excluded.provisional,
        registered_at = excluded.registered_at, updated_at = excluded.updated_at,
        persons = excluded.persons, parked = excluded.parked,
        since = least(ledger.since, excluded.since)
"""
