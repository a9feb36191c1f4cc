"""PostgreSQL as the services see it, in memory: histories, positions, rows, the time.

`test_memory.py` holds it against the real one. Whatever touches it passes a named place
first, where the world may do something bad.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import count, islice
from typing import Any, NamedTuple
from uuid import NAMESPACE_OID, UUID, uuid5

from shared.events.histories import Statement, StoredEvent

Place = Callable[[str, str], None]
"""Told of the place and of the service whenever something touches the store."""


def nowhere(place: str, who: str) -> None:
    """Nothing bad happens."""


class UnknownHereError(BaseException):
    """The product asks what the stand-in does not know: teach it. No promise broke."""


class StandIn:
    """Is asked only for what it has, or else it has to learn it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise UnknownHereError(f"{type(self).__name__}.{name}")


class Row(NamedTuple):
    """A stored event, its position, and the number of the append that stored it."""

    position: int
    append: int
    stored: StoredEvent


class MemoryHistories(StandIn):
    """Stands in for `Histories`: the same answers, and all or nothing as well."""

    page = 500

    def __init__(self, name: str, database: MemoryDatabase) -> None:
        self.name, self.database = name, database
        self.store_id = uuid5(NAMESPACE_OID, name)
        self.rows: list[Row] = []
        self.positions: dict[str, int] = {}
        self._streams: dict[UUID, list[StoredEvent]] = defaultdict(list)
        self._taken: set[tuple[UUID, int]] = set()
        self.marks: list[dict[str, int]] = [{}]
        """The positions after each append, by its number."""

    def append(
        self,
        events: Sequence[StoredEvent],
        heard: Mapping[str, int],
        beside: Iterable[Statement],
    ) -> bool:
        self.database.at("before-append", self.name)
        statements = list(beside)
        places = [(UUID(str(e.originator_id)), e.originator_version) for e in events]
        if len(set(places)) < len(places) or not self._taken.isdisjoint(places):
            return False
        if any(self.positions.get(s, p - 1) >= p for s, p in heard.items()):
            return False
        self._store(events, places)
        self.positions = {**self.positions, **heard}
        self.marks.append(self.positions)
        for statement, rows in statements:
            self.database.run(statement, rows)
        self.database.at("after-commit", self.name)
        return True

    def _store(
        self, events: Sequence[StoredEvent], places: Iterable[tuple[UUID, int]]
    ) -> None:
        self._taken.update(places)
        for event in events:
            self.rows.append(Row(len(self.rows) + 1, len(self.marks), event))
            stream = self._streams[UUID(str(event.originator_id))]
            stream.append(event)
            stream.sort(key=lambda e: e.originator_version)

    def newer(self, versions: Mapping[UUID, int]) -> list[StoredEvent]:
        self.database.at("read", self.name)
        return [
            event
            for dispute in versions
            for event in self._streams.get(dispute, ())
            if event.originator_version > versions[dispute]
        ]

    def after(
        self, position: int, names: Collection[str], limit: int, _: object = None
    ) -> list[tuple[int, UUID, int, str, bytes]]:
        self.database.at("read", self.name)
        found = (row for row in self.rows[position:] if row.stored.topic in names)
        return [_told(row) for row in islice(found, min(limit, self.page))]

    def last_position(self, names: Collection[str]) -> int:
        ours = (row.position for row in self.rows if row.stored.topic in names)
        return max(ours, default=0)

    def heard_to(self, source: str) -> int:
        self.database.at("read", self.name)
        return self.positions.get(source, 0)

    def moment(self, disputes: Collection[UUID]) -> tuple[datetime, set[UUID]]:
        self.database.at("read", self.name)
        parked = self.database.tables[f"{self.name}.parked"].values()
        waits = {row["dispute"] for row in parked if not row.get("released_at")}
        return self.database.now(), waits.intersection(disputes)

    def sql(self, text: str) -> str:
        return text.replace("{schema}", self.name)

    def close(self) -> None:
        """Nothing to close."""


def _told(row: Row) -> tuple[int, UUID, int, str, bytes]:
    event = row.stored
    dispute = UUID(str(event.originator_id))
    return row.position, dispute, event.originator_version, event.topic, event.state


Values = dict[str, Any]


class MemoryDatabase(StandIn):
    """Stands in for `Database`: the time, and rows as the few statements used need."""

    conninfo = ""

    def __init__(self, now: datetime, at: Place = nowhere) -> None:
        self.time, self.at = now, at
        self.tables: dict[str, dict[object, Values]] = defaultdict(dict)
        self._numbers = count(1)

    def now(self) -> datetime:
        return self.time

    @contextmanager
    def transaction(self) -> Iterator[MemoryDatabase]:
        """Locks nothing: here nobody acts at the same time."""
        self.at("read", "database")
        yield self

    def run(self, statement: str, rows: Iterable[Mapping[str, object]]) -> None:
        """What an INSERT, DELETE or UPDATE over a recordset does to its table."""
        verb, table = _found(r"(INSERT INTO|DELETE FROM|UPDATE) (\S+)", statement)
        held = self.tables[table]
        for row in rows:
            match verb:
                case "DELETE FROM":
                    (column,) = _found(r"WHERE \w+\.(\w+) =", statement)
                    for key in [k for k in held if held[k][column] == row[column]]:
                        del held[key]
                case "UPDATE":
                    (column,) = _found(r"WHERE \w+\.(\w+) =", statement)
                    held[row[column]] |= {**row, "released_at": self.time}
                case _:
                    self._insert(held, statement, row)

    def execute(self, _: str) -> None:
        """A setting of the transaction: nothing here depends on one."""

    def executemany(
        self, statement: str, rows: Sequence[tuple[object, object]]
    ) -> None:
        """How far a relay has published; never back."""
        (table,) = _found(r"INSERT INTO (\S+)", statement)
        for partition, position in rows:
            known = self.tables[table].get(partition, {"position": 0})["position"]
            row = {"partition": partition, "position": max(known, position)}
            self.tables[table][partition] = row

    def _insert(
        self, held: dict[object, Values], statement: str, row: Mapping[str, object]
    ) -> None:
        numbered = {"number": next(self._numbers), **row}
        if isinstance(body := row.get("body"), str):
            numbered["body"] = bytes.fromhex(body.removeprefix("\\x"))
        found = re.search(r"ON CONFLICT \((\w+)\) DO (\w+)", statement)
        if not found:
            held[numbered["number"]] = numbered
        elif (key := row[found[1]]) not in held:
            held[key] = numbered
        elif found[2] == "UPDATE":
            held[key] |= row

    def read(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a SELECT over one table with simple conditions."""
        self.at("read", "database")
        columns, table = _found(r"SELECT (.+?)\s+FROM (\S+)", sql)
        conditions = sql.partition(" WHERE ")[2].partition(" ORDER BY ")[0]
        wanted = _conditions(conditions, iter(values))
        return [
            tuple(row.get(column) for column in re.findall(r"\w+", columns))
            for row in self.tables[table].values()
            if all(holds(row) for holds in wanted)
        ]


def _conditions(text: str, values: Iterator[Any]) -> list[Callable[[Values], bool]]:
    found = []
    for part in filter(None, text.split(" AND ")):
        column, is_what = part.split(maxsplit=1)
        match is_what:
            case "= ANY(%s)":
                allowed = set(next(values))
            case "= %s":
                allowed = {next(values)}
            case "IS NULL":
                allowed = {None}
            case _:
                allowed = {int(is_what.removeprefix("= "))}
        found.append(lambda row, c=column, a=allowed: row.get(c) in a)
    return found


def _found(pattern: str, text: str) -> tuple[str, ...]:
    found = re.search(pattern, text, re.DOTALL)
    if not found:
        raise UnknownHereError(text.strip())
    return found.groups()
