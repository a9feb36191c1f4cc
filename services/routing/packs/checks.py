"""What a pack must be beside sound tables: every question gets one answer that exists."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

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
from services.routing.dmn.expressions import Constant
from services.routing.dmn.extents import Extent, everything
from services.routing.dmn.model import Aggregation, HitPolicy
from services.routing.packs.archive import Content
from services.routing.packs.faults import PackFault, Wrong
from services.routing.packs.handoffs import HANDOFFS
from services.routing.packs.outcomes import (
    OUTCOMES,
    Limits,
    Terms,
    Without,
    outcome,
)
from services.routing.packs.questions import INPUTS, NEVER_NULL
from shared.events.base import Value
from shared.events.clocks import OnBreach
from shared.events.vocabulary import HandoffKind
from shared.region_files import reasons

PROVISIONAL = "provisional"
ANNOTATIONS = ("zh", "en", "legal basis")
DEMANDS = Demands(annotations=ANNOTATIONS, in_description="legal basis")
HANDLING = ("mediation", "handling", "docketing")
"""The clocks that custody knows from the moment a body takes a dispute."""
_SINGLE = (HitPolicy.FIRST, HitPolicy.UNIQUE, HitPolicy.ANY, HitPolicy.PRIORITY)


def compiled(found: Content) -> Graph:
    """The graph of a pack. Raises `DmnRefusedError` with everything that is wrong."""
    graph = compile_model(found.model, DEMANDS)
    if faults := [*_faults(found, graph)]:
        raise DmnRefusedError(*faults)
    return graph


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
        yield from _of_row(table, row, found)


def _of_order(table: Table) -> Iterator[Fault]:
    """The last row of a first-hit table takes everything, and no other does."""
    for row, follower in zip(table.rows, table.rows[1:], strict=False):
        if _takes_all(table, row):
            facts = {"before": row.told}
            yield _fault(Wrong.NEVER_REACHED, table.place(follower.told), **facts)
    if not (table.rows and _takes_all(table, table.rows[-1])):
        last = table.rows[-1].told if table.rows else ""
        yield _fault(Wrong.NO_ANSWER, table.place(last))


def _takes_all(table: Table, row: Row) -> bool:
    """Whether a row takes every question, as far as values may come at all."""
    pairs = zip(table.columns, row.conditions, strict=True)
    return all(_takes_any(column, one) for column, one in pairs)


def _takes_any(column: Column, condition: Extent) -> bool:
    may_come = column.allowed or everything(column.kind)
    left_out = (may_come & ~condition).without_null()
    return not left_out and (condition.null or column.text in NEVER_NULL)


def _of_row(table: Table, row: Row, found: Content) -> Iterator[Fault]:
    place = table.place(row.told)
    if not row.id:
        yield _fault(Wrong.NO_ROW_ID, place)
    if row.annotations.get(PROVISIONAL, "") not in ("", "yes"):
        marked = row.annotations[PROVISIONAL]
        here = place._replace(column=PROVISIONAL)
        yield _fault(Wrong.BAD_MARK, here, found=marked)
    constants = {
        output.name: entry.value
        for output, entry in zip(table.outputs, row.entries, strict=True)
        if isinstance(entry, Constant)
    }
    if len(constants) < len(row.entries):
        yield _fault(Wrong.NOT_CONSTANT, place)
        return
    try:
        answer = outcome(table.name, constants)
    except ValidationError as error:
        yield _fault(Wrong.BAD_OUTPUT, place, reasons=reasons(error))
    else:
        yield from _of_clocks(answer, place, found)


def _of_clocks(answer: Value, place: Place, found: Content) -> Iterator[Fault]:
    """What a row names must be among the clocks; only answers lapse."""
    named: tuple[str, ...] = ()
    lapses = isinstance(answer, (Terms, Without))
    if isinstance(answer, (Terms, Without)):
        named = (answer.answer,)
    elif isinstance(answer, Limits):
        named = answer.clocks
    for id in named:
        if (clock := found.clocks.get(id)) is None:
            yield _fault(Wrong.UNKNOWN_CLOCK, place, name=id)
        elif not lapses and clock.name not in HANDLING:
            yield _fault(Wrong.WRONG_CLOCK, place, name=id, known=HANDLING)
        elif (clock.on_breach is OnBreach.LAPSE) is not lapses or not clock.on_breach:
            why = Wrong.ANSWERS_LAPSE if lapses else Wrong.ONLY_ANSWERS_LAPSE
            yield _fault(why, place, name=id)


def _fault(why: Wrong, place: Place, **facts: object) -> PackFault:
    return PackFault(why, place, facts)
