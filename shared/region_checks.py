"""What rows of a directory say of each other: no doubles, no circles, no dead codes.

Pure. Each check yields what is wrong, row by row.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Protocol

from shared.divisions import Division, codes_above, is_division_code
from shared.region_faults import RegionRefusedError
from shared.region_files import Line

_DAY = timedelta(days=1)

Wrong = Iterator[RegionRefusedError]


class Dated(Protocol):
    """Something in force from a first day to a last one, if it has one."""

    @property
    def valid_from(self) -> date: ...

    @property
    def valid_to(self) -> date | None: ...


def doubles(lines: Iterable[Line], *columns: str) -> Wrong:
    """Rows that say the same in these columns as a row before them."""
    first: dict[tuple[str, ...], Line] = {}
    for line in lines:
        names = tuple(line.cells.get(column, "") for column in columns)
        if not names[0]:
            continue  # that it has no name is told elsewhere
        before = first.setdefault(names, line)
        if before is not line:
            name = " ".join(filter(None, names))
            yield line.refuse(
                f"{columns[0]} {name} already stands in {before.row}",
                "keep one of them",
                "double",
                columns[0],
                name=name,
                before=before.row,
            )


def circles(lines: Iterable[Line], name: str, above: str) -> Wrong:
    """Every circle is told once, at its first row."""
    by_name = {line.cells.get(name, ""): line for line in reversed([*lines])}
    told: set[str] = set()
    for start in reversed([*by_name]):
        circle = _circle(start, by_name, above)
        if circle and told.isdisjoint(circle):
            told |= circle
            line = by_name[start]
            yield line.refuse(
                f"{above} leads in a circle over {line.cells[above]}",
                f"correct column {above}",
                "circle",
                above,
                name=line.cells[above],
            )


def _circle(start: str, by_name: Mapping[str, Line], above: str) -> set[str]:
    """The names on the way from here back to here; empty if there is none."""
    passed, here = {start}, start
    while here in by_name and (up := by_name[here].cells.get(above)):
        if up == start:
            return passed
        if up in passed:
            return set()
        passed.add(up)
        here = up
    return set()


def of_division(
    line: Line, division: Division, known: Mapping[str, Division | None]
) -> Wrong:
    """`known` has every code of the file, with its row where that can be read."""
    code = division.code
    if not is_division_code(code):
        yield line.refuse(
            f"{code!r} is no code", "give 6, 9 or 12 digits", "no-code", "code"
        )
        return
    above = codes_above(code)
    needed = above[:1] if len(code) > 6 else above  # a municipality has no prefecture
    if needed and known.keys().isdisjoint(needed):
        yield line.refuse(
            f"its parent {needed[0]} is missing",
            f"add a row for {needed[0]}",
            "parent-missing",
            "code",
            parent=needed[0],
        )
    for successor in division.successors:
        if successor not in known:
            yield line.refuse(
                f"its successor {successor} is missing",
                "add a row for it",
                "successor-missing",
                "successor",
                successor=successor,
            )
    yield from of_days(line, division)
    yield from _dead(line, division, known)


def body_of(line: Line, bodies: Container[str]) -> str:
    """The body that a row is about. Raises `RegionRefusedError` if there is none."""
    if not (body := line.cells.get("body", "")):
        raise line.refuse(
            "nothing is written there", "fill it in", "value-missing", "body"
        )
    if body in bodies:
        return body
    raise line.refuse(
        f"{body} is no body", "add it to bodies.csv", "no-body", "body", name=body
    )


def of_days(line: Line, row: Dated) -> Wrong:
    if row.valid_to and row.valid_to < row.valid_from:
        yield line.refuse(
            "it ends before it begins",
            "correct valid_from or valid_to",
            "ends-before",
            "valid_to",
        )


def _dead(
    line: Line, division: Division, known: Mapping[str, Division | None]
) -> Wrong:
    """A code that ended and leads nowhere: a dispute there would find nobody."""
    if not division.valid_to:
        return
    if not division.successors:
        yield line.refuse(
            f"code {division.code} ended and nothing took it over",
            "name its successor",
            "dead",
            "successor",
            name=division.code,
        )
    for after in filter(None, map(known.get, division.successors)):
        if not after.in_force(division.valid_to + _DAY):
            yield line.refuse(
                f"its successor {after.code} was not in force on the day after",
                "correct the days, or name the code that was",
                "gap",
                "successor",
                successor=after.code,
            )
