"""What a row of a pack must be: named, marked, and with an answer that can be carried out."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from services.routing.dmn import Fault, Place, Row, Table
from services.routing.dmn.expressions import Constant
from services.routing.packs.answers import wrong_answers
from services.routing.packs.archive import Content
from services.routing.packs.faults import PackFault, Wrong
from services.routing.packs.outcomes import Limits, Terms, Without, outcome
from shared.events.base import Value
from shared.events.clocks import OnBreach

PROVISIONAL = "provisional"
HANDLING = ("mediation", "handling", "docketing")
"""The clocks that custody knows from the moment a body takes a dispute."""


def of_row(table: Table, row: Row, found: Content) -> Iterator[Fault]:
    """What is wrong with the answer of a row, and with what names and marks it."""
    place = table.place(row.told)
    if not row.id:
        yield _fault(Wrong.NO_ROW_ID, place)
    if row.annotations.get(PROVISIONAL, "") not in ("", "yes"):
        marked = row.annotations[PROVISIONAL]
        here = place._replace(column=PROVISIONAL)
        yield _fault(Wrong.BAD_MARK, here, found=marked)
    if not row.entries:
        return  # what cannot be read is told already
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
        yield from wrong_answers(error, table, place)
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
