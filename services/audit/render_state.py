"""How a dispute stands, or stood at a time, on a screen or in a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rich.console import RenderableType

from services.audit.domain import Dispute
from services.audit.render_about import table
from services.audit.sentences import sentence
from services.audit.wording import Words, local
from shared.events.clocks import Clock


def state(
    dispute: Dispute,
    words: Words,
    at: datetime | None = None,
    known_at: datetime | None = None,
) -> RenderableType:
    """How a dispute stands, or stood at a time."""
    clocks = (("clock", _running(clock, dispute, words)) for clock in dispute.clocks)
    return table([*_cells(dispute, words, at, known_at), *clocks], words)


def _cells(
    dispute: Dispute, words: Words, at: datetime | None, known_at: datetime | None
) -> Iterator[tuple[str, str]]:
    custody, facts = dispute.custody, dispute.facts
    yield "at", local(at) if at else ""
    yield "known_at", local(known_at) if known_at else ""
    yield "code", dispute.code or words.phrase("no_code").zh
    if facts:
        yield "kind", words.names.kind(facts.kind).both
        yield "place", words.names.place(facts.place).both
        yield "source", words.word("source", facts.source).both
        yield "sender", words.body(facts.sender).both
        yield "persons", str(facts.persons)
    yield "state", words.word("stage", dispute.stage).both
    yield "holder", words.body(dispute.holder).both if dispute.holder else ""
    for name in ("offered_to", "designator"):
        body = getattr(custody, name)
        yield name, words.body(body).both if body else ""
    yield "tier", words.word("tier", custody.tier).both if custody.tier else ""
    if dispute.decision:
        yield "severity", words.word("severity", dispute.decision.severity).both
    if custody.outcome:
        outcome = custody.outcome
        yield "outcome", sentence(outcome.stored_name, outcome, words).both
    yield "registered_at", local(dispute.registered_at) if dispute.registered_at else ""
    yield "closed_at", local(custody.closed_at) if custody.closed_at else ""
    yield "notices", _notices(dispute, words)
    yield "breaches", str(custody.breaches or "")
    yield "orders", str(custody.orders or "")
    yield "parked", str(len(dispute.waiting) or "")
    yield "unread", str(dispute.unread or "")


def _running(clock: Clock, dispute: Dispute, words: Words) -> str:
    mark = f"  {words.phrase('provisional').both}" if clock.provisional else ""
    if pause := dispute.custody.pause_of(clock.name):
        since, why = local(pause.paused_at), words.word("pause", pause.reason)
        mark += f"  {words.phrase('paused', since=since, why=why).both}"
    return f"{words.word('clock', clock.name).both}  {local(clock.due)}{mark}"


def _notices(dispute: Dispute, words: Words) -> str:
    counts = dispute.notices.model_dump().items()
    said = ((words.word("notices", name).both, n) for name, n in counts if n)
    return "  ".join(f"{name} {n}" for name, n in said)
