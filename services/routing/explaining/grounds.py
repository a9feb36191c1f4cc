"""Why one decision came out as it did: its rows, what they saw, how a body was found.

What was recorded is told first; the tables are asked again only for what they saw. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from services.routing.dmn import Evaluation, Table
from services.routing.dmn.extents import everything
from services.routing.explaining.cases import Case
from services.routing.explaining.entailing import handoff_terms
from services.routing.explaining.telling import told_rows
from services.routing.explaining.values import (
    Explanation,
    Seen,
    Step,
    TableWhy,
    Text,
)
from services.routing.explaining.words import Words, label, phrase, word
from services.routing.packs.deciding import PackDecider
from shared.events.routing import FiredRow, Routed


def explanation(
    code: str, routed: Routed, at: datetime, words: Words, decider: PackDecider | None
) -> Explanation:
    """A decision in full; without its decider only what was recorded of it."""
    tables = _again(routed, at, words, decider) if decider else None
    handoff = handoff_terms(routed, decider.pack) if decider else None
    return Explanation(
        **dict(_sentence(routed, words)),
        code=code,
        request=routed.request,
        decided_at=at,
        reason=routed.reason,
        action=routed.action,
        severity=routed.severity,
        lead=routed.lead,
        designator=routed.designator,
        tables=tables or tuple(_recorded(routed, words)),
        steps=tuple(
            Step(**dict(words.step(step)), code=step[0]) for step in routed.steps
        ),
        handoff=handoff,
        versions=routed.versions,
        provisional=_is_provisional(routed) or bool(handoff and handoff.provisional),
        recomputed=tables is not None,
    )


def _sentence(routed: Routed, words: Words) -> Text:
    what = phrase(
        f"said.{'lead' if routed.action == 'offer' else routed.action}",
        body=words.body(routed.lead or ""),
        designator=words.body(routed.designator or ""),
        kind=word("handoff", routed.kind),
    )
    return phrase("said.decision", request=routed.request, what=what)


def _is_provisional(routed: Routed) -> bool:
    """Whether anything that decided stands on law that could not be verified."""
    limits = (*routed.clocks, *([routed.answer] if routed.answer else []))
    return any(row.provisional for row in routed.rows) or any(
        limit.provisional for limit in limits
    )


def _recorded(routed: Routed, words: Words) -> Iterator[TableWhy]:
    for row in routed.rows:
        name = word_of_table(row.table)
        rows = told_rows([row], words)
        yield TableWhy(table=row.table, name=name, rows=rows)


def _again(
    routed: Routed, at: datetime, words: Words, decider: PackDecider
) -> tuple[TableWhy, ...] | None:
    """What the tables saw; None if they do not come to what was recorded."""
    made = decider.explain(Case.of(routed, at).question)
    fired = {(one.name, row.id) for one in made for row in one.fired}
    if not {(row.table, row.row) for row in routed.rows} <= fired:
        return None
    recorded = {row.table for row in routed.rows}
    wanted = [one for one in made if one.name != "nobody" or one.name in recorded]
    return tuple(_table(one, decider, words) for one in wanted)


def _table(made: Evaluation, decider: PackDecider, words: Words) -> TableWhy:
    table = decider.pack.graph.decisions[made.decision]
    return TableWhy(
        table=made.name,
        name=word_of_table(made.name),
        rows=told_rows(fired_rows(made), words),
        seen=tuple(_seen(made, table, words)) if isinstance(table, Table) else (),
    )


def fired_rows(made: Evaluation) -> list[FiredRow]:
    """The rows of one table that fired, as decisions record them."""
    return [
        FiredRow(
            table=made.name,
            row=row.id,
            legal_basis=row.annotations["legal basis"],
            provisional=row.annotations.get("provisional") == "yes",
        )
        for row in made.fired
    ]


def _seen(made: Evaluation, table: Table, words: Words) -> Iterator[Seen]:
    """Every column with its value, and whether the row that fired asks for it."""
    number = made.fired[0].row if made.fired else 1
    conditions = table.rows[number - 1].conditions
    for one, condition in zip(made.seen, conditions, strict=True):
        yield Seen(
            **dict(words.value(one.text, one.value)),
            fact=one.text,
            label=label(one.text, one.column),
            value=None if one.value is None else str(one.value),
            decisive=condition != everything(condition.kind),
        )


def word_of_table(table: str) -> Text:
    return phrase(f"table.{table}")
