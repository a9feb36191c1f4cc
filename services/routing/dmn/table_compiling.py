"""From a table as it is written to one that can be asked: reads and checks every cell."""

from __future__ import annotations

from dataclasses import dataclass

from services.routing.dmn.columns import Column, index
from services.routing.dmn.expressions import Expression, Scope
from services.routing.dmn.extents import Extent, everything
from services.routing.dmn.faults import Faults, Place, UnreadableError, Why
from services.routing.dmn.kinds import Typed, Types, agree
from services.routing.dmn.literals import literal
from services.routing.dmn.model import Decision, DecisionTable, InputColumn, Rule
from services.routing.dmn.output_columns import read_outputs
from services.routing.dmn.parsing import expression
from services.routing.dmn.table import Row, Table
from services.routing.dmn.unary import Tests, unary_tests
from services.routing.dmn.values import Kind

MOST_RULES = 20_000
MOST_COLUMNS = 200


@dataclass(frozen=True)
class Demands:
    """What a table must have beside the standard.

    `annotations` are columns that no row may leave empty. `in_description` is the one
    of them that editors without such columns write as the description of a rule.
    """

    annotations: tuple[str, ...] = ()
    in_description: str = ""


class TableReader:
    """Reads one table; what is wrong goes to `faults`, each with its place."""

    def __init__(
        self,
        decision: Decision,
        table: DecisionTable,
        place: Place,
        types: Types,
        scope: Scope,
        faults: Faults,
    ) -> None:
        self._decision, self._table, self._place = decision, table, place
        self._types, self._scope, self._faults = types, scope, faults

    def read(self, demands: Demands) -> Table | None:
        """The table, or None if anything is wrong with it."""
        before = len(self._faults.found)
        self._check_shape()
        self._check_demands(demands)
        if len(self._faults.found) > before:
            return None
        columns = [self._column(n, c) for n, c in enumerate(self._table.inputs)]
        outputs = read_outputs(
            self._decision,
            self._table,
            self._place,
            self._types,
            self._scope,
            self._faults,
        )
        rows = tuple(
            self._row(number, rule, columns, outputs.entries, demands)
            for number, rule in enumerate(self._table.rules, 1)
        )
        if len(self._faults.found) > before:
            return None
        return Table(
            self._decision.id,
            self._decision.name,
            self._place.file,
            self._table.policy,
            self._table.aggregation,
            tuple(c.column for c in columns if c),
            outputs.columns,
            rows,
            self._table.annotations,
            outputs.defaults,
        )

    def _check_shape(self) -> None:
        wide = (len(self._table.inputs), len(self._table.outputs))
        if len(self._table.rules) > MOST_RULES:
            self._faults.add(Why.TOO_MANY, self._place, limit=MOST_RULES)
        if sum(wide) > MOST_COLUMNS:
            self._faults.add(Why.TOO_MANY, self._place, limit=MOST_COLUMNS)
        if not wide[1]:
            self._faults.add(Why.NO_OUTPUT_COLUMN, self._place)
        names = self._table.annotations
        for name in {n for n in names if not n or names.count(n) > 1}:
            self._faults.add(Why.DUPLICATE_NAME, self._place, name=name)
        for number, rule in enumerate(self._table.rules, 1):
            found = (len(rule.tests), len(rule.outputs), len(rule.annotations))
            if found != (*wide, len(names)):
                facts = {"found": found, "expected": (*wide, len(names))}
                self._faults.add(Why.ENTRY_COUNT, self._at(number, rule), **facts)

    def _check_demands(self, demands: Demands) -> None:
        known = {*self._table.annotations}
        if any(rule.description for rule in self._table.rules):
            known.add(demands.in_description)
        for name in demands.annotations:
            if name not in known:
                self._faults.add(Why.MISSING_COLUMN, self._place, name=name)

    def _column(self, number: int, column: InputColumn) -> _Cells | None:
        name = column.label or column.text or str(number + 1)
        place = self._place._replace(column=name)
        with self._faults.at(place):
            asked, typed = self._asked(column)
            return self._cells(name, number, column, asked, typed)
        return None

    def _asked(self, column: InputColumn) -> tuple[Expression, Typed]:
        typed = self._types.meant(column.type)
        asked = expression(column.text, self._scope)
        if not agree(asked.kind, typed.kind):
            found, expected = str(asked.kind), str(typed.kind)
            raise UnreadableError(Why.WRONG_TYPE, found=found, expected=expected)
        if (kind := typed.kind or asked.kind) is None:
            raise UnreadableError(Why.NO_TYPE)
        return asked, typed._replace(kind=kind)

    def _cells(
        self,
        name: str,
        number: int,
        column: InputColumn,
        asked: Expression,
        typed: Typed,
    ) -> _Cells:
        kind = typed.kind or Kind.STRING
        own = unary_tests(column.allowed, kind, typed.zoned) if column.allowed else None
        allowed = _both(typed.allowed, own.extent if own else None)
        zoned = own.zoned if own else typed.zoned
        found = []
        for row, rule in enumerate(self._table.rules, 1):
            place = self._at(row, rule)._replace(column=name)
            tests = Tests(everything(kind))
            with self._faults.at(place):
                tests = unary_tests(rule.tests[number], kind, zoned)
                _check_allowed(rule.tests[number], tests, allowed)
            zoned = tests.zoned if zoned is None else zoned
            found.append(tests.extent)
        made = Column(name, column.text, asked, kind, allowed, zoned, index(found))
        return _Cells(made, found)

    def _row(
        self,
        number: int,
        rule: Rule,
        columns: list[_Cells | None],
        entries: tuple[tuple[Expression, ...], ...],
        demands: Demands,
    ) -> Row:
        told = dict(zip(self._table.annotations, rule.annotations, strict=True))
        if demands.in_description and rule.description:
            told.setdefault(demands.in_description, rule.description)
        for name in demands.annotations:
            if not told.get(name):
                place = self._at(number, rule)._replace(column=name)
                self._faults.add(Why.MISSING_ANNOTATION, place, name=name)
        conditions = tuple(c.found[number - 1] for c in columns if c)
        outputs = entries[number - 1] if entries else ()
        return Row(number, rule.id, conditions, outputs, told, rule.description)

    def _at(self, number: int, rule: Rule) -> Place:
        row = f"{number} ({rule.id})" if rule.id else str(number)
        return self._place._replace(row=row)


@dataclass(frozen=True)
class _Cells:
    column: Column
    found: list[Extent]


def _both(one: Extent | None, other: Extent | None) -> Extent | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _check_allowed(text: str, tests: Tests, allowed: Extent | None) -> None:
    """A value that may not come is a slip of the pen, and so is a range without any."""
    if allowed is None:
        return
    for value in tests.values:
        if value is not None and value not in allowed:
            raise UnreadableError(Why.NOT_ALLOWED, value=literal(value))
    if not tests.extent.null and not tests.extent & allowed:
        raise UnreadableError(Why.NOT_ALLOWED, value=text)
