"""Tables of rows: the first that matches decides, and the last matches everything.

Reads and checks the tables of a region. A row that could never be reached, looks at
what is not known yet, or names what the region does not have, is refused with its id.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from services.routing.conditions import Asked
from services.routing.rows import ClocksRow, Row
from shared.events.clocks import OnBreach
from shared.events.routing import FiredRow
from shared.region import RULES, Region, RegionRefusedError
from shared.region_files import checked, digest_of, read_toml

AnyRow = TypeVar("AnyRow", bound=Row)

TOO_LATE = {
    "severity": frozenset({"severity", "handoff"}),
    "way": frozenset({"handoff"}),
    "terms": frozenset[str](),
    "lead": frozenset[str](),
    "clocks": frozenset[str](),
    "nobody": frozenset({"handoff"}),
}
"""Every table, and the columns that are answered only after it."""


@dataclass(frozen=True)
class Table(Generic[AnyRow]):
    """Rows in order; the first that matches decides."""

    name: str
    rows: tuple[AnyRow, ...]

    def first(self, question: Asked) -> AnyRow:
        return next(row for row in self.rows if row.when.matches(question))

    def fired(self, row: AnyRow) -> FiredRow:
        return row.fired(self.name)


@dataclass(frozen=True)
class TableFile:
    """What `routing.toml` of a region says, its version by name and content."""

    region: Region
    version: str
    data: dict[str, Any]

    @classmethod
    def read(cls, region: Region) -> TableFile:
        data = read_toml(region.folder, RULES)
        version = (
            f"{data.pop('version', region.code)}@{digest_of(region.folder, RULES)}"
        )
        if unknown := sorted(data.keys() - TOO_LATE.keys()):
            raise _refused(unknown[0], "no such table", f"use {', '.join(TOO_LATE)}")
        return cls(region, version, data)

    def table(self, name: str, shape: type[AnyRow]) -> Table[AnyRow]:
        """A table that answers every question. Raises `RegionRefusedError`."""
        found = self.data.get(name, [])
        if not isinstance(found, list):
            raise _refused(name, "it is no table of rows", f"write [[{name}]]")
        rows = [
            checked(shape, row, RULES, f"{name} {_id_of(row, number)}")
            for number, row in enumerate(found, start=1)
        ]
        for row in rows:
            _check_row(name, row, self.region)
        _check_order(name, rows)
        return Table(name, tuple(rows))


def _id_of(row: Any, number: int) -> object:
    return row.get("id", number) if isinstance(row, dict) else number


def _check_order(table: str, rows: Sequence[Row]) -> None:
    ids: set[str] = set()
    for row, follower in zip(rows, [*rows[1:], None], strict=True):
        if row.id in ids:
            raise _refused(f"{table} {row.id}", "the id is taken", "give it another")
        ids.add(row.id)
        if follower and not row.when.cells:
            raise _refused(
                f"{table} {follower.id}",
                f"it is never reached, for {row.id} before it matches everything",
                f"put it before {row.id}",
            )
    if not rows or rows[-1].when.cells:
        raise _refused(
            f"{table} {rows[-1].id}" if rows else table,
            "the last row does not match everything, so some dispute has no answer",
            "add a last row without conditions",
        )


def _check_row(table: str, row: Row, region: Region) -> None:
    where = f"{table} {row.id}"
    for column, _ in row.when.cells:
        if column in TOO_LATE[table]:
            raise _refused(where, f"{column} is not known yet", "leave it out")
    _all_known(where, "kind", row.when.kind, region.kinds.keys())
    _all_known(
        where,
        "place_prefix",
        row.when.place_prefix,
        {d.code[:n] for d in region.divisions for n in (2, 4, 6, 9, 12)},
    )
    if isinstance(row, ClocksRow):
        for clock in row.then.clocks:
            if clock.on_breach is OnBreach.LAPSE:
                raise _refused(where, "only answers lapse", "escalate or supervise")


def _all_known(
    where: str, column: str, given: Collection[str] | None, known: Collection[str]
) -> None:
    for value in given or ():
        if value not in known:
            raise _refused(
                where,
                f"{column} {value} is unknown in this region",
                "correct it, or add it to the region's files",
            )


def _refused(where: str, reason: str, remedy: str) -> RegionRefusedError:
    return RegionRefusedError(RULES, where, reason, remedy)
