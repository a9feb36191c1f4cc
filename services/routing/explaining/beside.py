"""What stands beside the record of a decision: rows that it does not name, and terms.

For stories, which are told often: the tables are asked once and nothing is searched. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from services.routing.explaining.cases import Case
from services.routing.explaining.entailing import handoff_terms, linked
from services.routing.explaining.grounds import fired_rows
from services.routing.explaining.telling import told_rows
from services.routing.explaining.values import Beside
from services.routing.explaining.words import Words
from services.routing.packs.deciding import PackDecider
from shared.events.routing import FiredRow, Routed
from shared.region import Region


def beside(
    routed: Routed,
    at: datetime,
    decider: PackDecider,
    region: Region | None,
    words: Words,
) -> Beside:
    """`region` is the directory that decided; without it no linkage is told."""
    pack = decider.pack
    return Beside(
        rows=told_rows(_every_row(routed, at, decider), words),
        handoff=handoff_terms(routed, pack),
        linkage=linked(routed, pack, region, words) if region else None,
    )


def _every_row(
    routed: Routed, at: datetime, decider: PackDecider
) -> tuple[FiredRow, ...]:
    """In the order of the tables; as recorded if the tables do not come to that."""
    recorded = {row.table: row.row for row in routed.rows}
    wanted = "handoff" if "terms" in recorded else "way"
    inputs = decider.inputs(Case.of(routed, at).question)
    made = decider.pack.graph.evaluate(wanted, inputs).made
    fired = [row for one in made for row in fired_rows(one)]
    if not _agree(recorded.items(), fired, {one.name for one in made}):
        return routed.rows
    told = {row.table for row in fired}
    order = [*decider.pack.tables]
    rows = [*fired, *(row for row in routed.rows if row.table not in told)]
    return tuple(sorted(rows, key=lambda row: order.index(row.table)))


def _agree(
    recorded: Iterable[tuple[str, str]], fired: Iterable[FiredRow], asked: set[str]
) -> bool:
    """Whether the tables that were asked again come to the rows that were recorded."""
    found = {(row.table, row.row) for row in fired}
    return all(one in found for one in recorded if one[0] in asked)
