"""What a pack must be beside sound tables: every answer exists and can be carried out.

That every question gets exactly one answer is proved (`services/routing/proof`), and no
condition of loading.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.routing.dmn import (
    Demands,
    DmnRefusedError,
    Fault,
    Graph,
    Place,
    Row,
    Table,
    compile_model,
)
from services.routing.dmn.columns import Column
from services.routing.dmn.extents import Extent, everything
from services.routing.dmn.model import Aggregation, HitPolicy
from services.routing.packs.archive import Content
from services.routing.packs.faults import PackFault, Wrong
from services.routing.packs.handoffs import HANDOFFS
from services.routing.packs.outcomes import OUTCOMES
from services.routing.packs.questions import INPUTS, NEVER_NULL
from services.routing.packs.row_checks import PROVISIONAL, of_row
from services.routing.packs.unfinished import as_read
from shared.events.vocabulary import HandoffKind

ANNOTATIONS = ("zh", "en", "legal basis")
DEMANDS = Demands(annotations=ANNOTATIONS, in_description="legal basis")
_SINGLE = (HitPolicy.FIRST, HitPolicy.UNIQUE, HitPolicy.ANY, HitPolicy.PRIORITY)


def compiled(found: Content) -> Graph:
    """The graph of a pack. Raises `DmnRefusedError` with everything that is wrong."""
    try:
        graph = compile_model(found.model, DEMANDS)
    except DmnRefusedError as error:
        raise DmnRefusedError(*error.faults, *_beside(found, error.faults)) from None
    if faults := [*_faults(found, graph)]:
        raise DmnRefusedError(*faults)
    return graph


def also_wrong(
    found: Content, below: Content, told: Sequence[Fault]
) -> tuple[Fault, ...]:
    """What is wrong beside what does not fit the pack below, in rows that fit it."""
    if _wrong(below):
        return ()  # whoever looks after that pack is told first
    broken = {one.place.decision for one in told if not one.place.row}
    return tuple(
        one
        for one in _wrong(found)
        if one.place.decision not in broken and one.why != Wrong.NO_ROW_ID
    )


def _wrong(found: Content) -> tuple[Fault, ...]:
    try:
        compiled(found)
    except DmnRefusedError as error:
        return error.faults
    return ()


def _beside(found: Content, told: Sequence[Fault]) -> list[Fault]:
    """What is wrong with the answers, where the tables as such are already refused."""
    tables = (one for one in as_read(found.model) if one.name in OUTCOMES)
    faults = (of_row(table, row, found) for table in tables for row in table.rows)
    places = {one.place for one in told}
    return [one for row in faults for one in row if one.place not in places]


def _faults(found: Content, graph: Graph) -> Iterator[Fault]:
    place = Place(graph.file)
    for name in sorted(graph.inputs.keys() - {*INPUTS}):
        yield _fault(Wrong.UNKNOWN_INPUT, place._replace(column=name), known=[*INPUTS])
    for kind in HandoffKind:
        if kind not in found.handoffs:
            yield _fault(Wrong.MISSING_HANDOFF, Place(HANDOFFS), name=kind)
    tables = {one.name: one for one in graph.decisions.values()}
    for name in OUTCOMES:
        table = tables.get(name)
        if not isinstance(table, Table):
            yield _fault(Wrong.MISSING_TABLE, place._replace(decision=name))
        else:
            yield from _of_table(table, found)


def _of_table(table: Table, found: Content) -> Iterator[Fault]:
    if table.policy not in _SINGLE or table.aggregation is not Aggregation.NONE:
        yield _fault(Wrong.POLICY, table.place(), found=str(table.policy))
        return
    if table.defaults is not None:
        yield _fault(Wrong.DEFAULTS, table.place())
    if PROVISIONAL not in table.annotations:
        yield _fault(Wrong.MISSING_ANNOTATION, table.place(column=PROVISIONAL))
    if table.policy is HitPolicy.FIRST:
        yield from _of_order(table)
    for row in table.rows:
        yield from of_row(table, row, found)


def _of_order(table: Table) -> Iterator[Fault]:
    """No row of a first-hit table but the last takes everything."""
    for row, follower in zip(table.rows, table.rows[1:], strict=False):
        if _takes_all(table, row):
            facts = {"before": row.told}
            yield _fault(Wrong.NEVER_REACHED, table.place(follower.told), **facts)


def answers_plainly(table: Table) -> bool:
    """Whether one look shows that every question gets exactly one answer: the first row
    that matches, and the last one matches everything. All other tables need a proof.
    """
    is_first_hit = table.policy is HitPolicy.FIRST
    return is_first_hit and bool(table.rows) and _takes_all(table, table.rows[-1])


def _takes_all(table: Table, row: Row) -> bool:
    """Whether a row takes every question, as far as values may come at all."""
    pairs = zip(table.columns, row.conditions, strict=True)
    return all(_takes_any(column, one) for column, one in pairs)


def _takes_any(column: Column, condition: Extent) -> bool:
    may_come = column.allowed or everything(column.kind)
    left_out = (may_come & ~condition).without_null()
    return not left_out and (condition.null or column.text in NEVER_NULL)


def _fault(why: Wrong, place: Place, **facts: object) -> PackFault:
    return PackFault(why, place, facts)
