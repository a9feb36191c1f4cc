"""A row that would close a gap: an input without an answer, made as wide as it may be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from services.routing.dmn.expressions import Name
from services.routing.dmn.literals import literal
from services.routing.dmn.table import Table
from services.routing.dmn.values import Scalar
from services.routing.proof.axes import Axis
from services.routing.proof.bitsets import bits
from services.routing.proof.firing import Firing
from services.routing.proof.laying import Place
from services.routing.proof.web import Web
from services.routing.proof.world import Joint


def closing_row(web: Web, table: Table, gap: Sequence[int]) -> Mapping[str, str]:
    """The cells, by input, of a row that meets no other row and holds a point of the gap."""
    wide = _widened(web, table, gap)
    cells = {column.text: "-" for column in table.columns}
    told = set()
    for column in table.columns:
        if isinstance(column.expression, Name):
            ref = column.expression.ref
            place = web.axes.place(ref)
            if place and place.number in wide and ref not in told:
                cells[column.text] = _cell(place, ref[1], wide[place.number])
                told.add(ref)
    return cells


def _widened(web: Web, table: Table, gap: Sequence[int]) -> dict[int, int]:
    """For every axis that the rows look at, the classes in which none of them matches."""
    laid, space = web.laid[table.id], web.space
    numbers = {n for place in bits(laid.rows) for n in web.boxes[place]}
    room = space.whole
    for number in numbers:
        room[number] = gap[number] & -gap[number]
    for number in sorted(numbers):
        room[number] = web.axes[number].all
        rows = space.meeting(room, laid.rows)
        seen = space.variables[number].seen
        every = bits(web.axes[number].all)
        room[number] = sum(1 << c for c in every if not seen(1 << c)[0] & rows)
    return {number: room[number] for number in numbers}


def _cell(place: Place, output: str, classes: int) -> str:
    found = place.axis
    if classes == found.all:
        return "-"
    match found:
        case Axis():
            return found.cell(classes)
        case Joint():
            return _listed(found.ways[n][place.part] for n in bits(classes))
        case Firing():
            return _listed(found.values[output][n] for n in bits(classes))


def _listed(values: Iterable[Scalar | None]) -> str:
    return ", ".join(dict.fromkeys(map(literal, values)))
