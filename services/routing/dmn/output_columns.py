"""The output columns of a table: their kinds, allowed values, priorities, entries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from services.routing.dmn.columns import Output
from services.routing.dmn.expressions import Constant, Expression, Scope
from services.routing.dmn.faults import Faults, Place, UnreadableError, Why
from services.routing.dmn.kinds import Types, agree
from services.routing.dmn.model import (
    Aggregation,
    Decision,
    DecisionTable,
    HitPolicy,
    OutputColumn,
)
from services.routing.dmn.parsing import expression
from services.routing.dmn.unary import Tests, unary_tests
from services.routing.dmn.values import NUMERIC, Kind, Scalar
from services.routing.dmn.words import one_spaced

_ORDERED = (HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER)
_TOTALS = (Aggregation.MIN, Aggregation.MAX)
_UNORDERED = (Kind.BOOLEAN, Kind.TIME, Kind.DATE_TIME)
"""Kinds of which there may be values that none is before the other of."""


class OutputColumns(NamedTuple):
    """`entries` are the outputs of every row, `defaults` those where no row matches."""

    columns: tuple[Output, ...]
    entries: tuple[tuple[Expression, ...], ...]
    defaults: tuple[Expression, ...] | None


def read_outputs(
    decision: Decision,
    table: DecisionTable,
    place: Place,
    types: Types,
    scope: Scope,
    faults: Faults,
) -> OutputColumns:
    """What is wrong goes to `faults`; the result is then of no use."""
    before = len(faults.found)
    _check_table(table, place, faults)
    own_type = decision.type if _gives_its_output(table) else ""
    reader = _Reader(table, place, types, scope, faults)
    found = [reader.column(n, own_type) for n in range(len(table.outputs))]
    columns = tuple(column.output for column in found if column)
    if len(faults.found) > before:
        return OutputColumns(columns, (), None)
    _check_columns(table, columns, place, faults)
    entries = [column.entries for column in found if column]
    defaults = [column.default for column in found if column and column.default]
    return OutputColumns(
        columns, tuple(zip(*entries, strict=True)), tuple(defaults) or None
    )


class _Entries(NamedTuple):
    output: Output
    entries: tuple[Expression, ...]
    default: Expression | None


class _Reader:
    def __init__(
        self,
        table: DecisionTable,
        place: Place,
        types: Types,
        scope: Scope,
        faults: Faults,
    ) -> None:
        self._table, self._place, self._types = table, place, types
        self._scope, self._faults = scope, faults

    def column(self, number: int, own_type: str) -> _Entries | None:
        """Column `number`, with the type of the decision if its own says nothing."""
        written = self._table.outputs[number]
        label = written.label or written.name or str(number + 1)
        place = self._place._replace(column=label)
        texts = [rule.outputs[number] for rule in self._table.rules]
        entries = tuple(self._entries(texts, place))
        default = self._default(written, place)
        everything = [e for e in (*entries, default) if e]
        with self._faults.at(place):
            output = self._output(written, label, own_type, everything)
            self._check(output, entries, default, place)
            return _Entries(output, entries, default)
        return None

    def _entries(self, texts: list[str], place: Place) -> Iterator[Expression]:
        for number, text in enumerate(texts, 1):
            found: Expression = Constant(None)
            with self._faults.at(self._at(number, place)):
                if not text or text == "-":
                    raise UnreadableError(Why.MISSING_OUTPUT)
                found = expression(text, self._scope)
            yield found

    def _default(self, written: OutputColumn, place: Place) -> Expression | None:
        with self._faults.at(place):
            return expression(written.default, self._scope) if written.default else None
        return None

    def _output(
        self,
        written: OutputColumn,
        label: str,
        own_type: str,
        entries: list[Expression],
    ) -> Output:
        typed = self._types.meant(written.type)
        if typed.kind is None:
            typed = self._types.meant(own_type)
        kind = typed.kind or _common_kind(entries)
        tests = unary_tests(written.allowed, kind) if written.allowed else None
        allowed = tests.extent if tests else typed.allowed
        zoned = tests.zoned if tests else typed.zoned
        name = one_spaced(written.name)
        return Output(name, label, kind, allowed, zoned, self._ranks(tests))

    def _ranks(self, tests: Tests | None) -> dict[Scalar | None, int] | None:
        if self._table.policy not in _ORDERED or tests is None:
            return None
        if not tests.listed:
            raise UnreadableError(Why.NO_ORDER)
        return {value: n for n, value in reversed([*enumerate(tests.values)])}

    def _check(
        self,
        output: Output,
        entries: tuple[Expression, ...],
        default: Expression | None,
        place: Place,
    ) -> None:
        for number, entry in enumerate(entries, 1):
            with self._faults.at(self._at(number, place)):
                _check_entry(entry, output)
        if default:
            _check_entry(default, output)

    def _at(self, number: int, place: Place) -> Place:
        rule = self._table.rules[number - 1]
        row = f"{number} ({rule.id})" if rule.id else str(number)
        return place._replace(row=row)


def _check_entry(entry: Expression, output: Output) -> None:
    if isinstance(entry, Constant):
        output.check(entry.value)
    elif not agree(entry.kind, output.kind):
        found, expected = str(entry.kind), str(output.kind)
        raise UnreadableError(Why.WRONG_TYPE, found=found, expected=expected)


def _common_kind(entries: list[Expression]) -> Kind:
    kinds = {entry.kind for entry in entries if entry.kind}
    if kinds and kinds <= NUMERIC:
        return Kind.NUMBER if Kind.NUMBER in kinds else Kind.INTEGER
    if len(kinds) != 1:
        raise UnreadableError(Why.NO_TYPE)
    return kinds.pop()


def _gives_its_output(table: DecisionTable) -> bool:
    """Whether the decision's own type is that of its only output."""
    listed = table.policy in (HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER)
    counted = table.aggregation is Aggregation.COUNT
    plain = table.policy is HitPolicy.COLLECT and not table.aggregation
    return len(table.outputs) == 1 and not (listed or counted or plain)


def _check_table(table: DecisionTable, place: Place, faults: Faults) -> None:
    with_default = [bool(one.default) for one in table.outputs]
    if any(with_default) and not all(with_default):
        faults.add(Why.SOME_DEFAULTS, place)
    if table.aggregation and len(table.outputs) > 1:
        faults.add(Why.AGGREGATES_ONE, place)
    if table.aggregation is Aggregation.COUNT and any(with_default):
        faults.add(Why.COUNT_DEFAULT, place)
    if len(table.outputs) > 1:
        names = [one_spaced(one.name) for one in table.outputs]
        for name in {n for n in names if not n or names.count(n) > 1}:
            why = Why.DUPLICATE_NAME if name else Why.NO_NAME
            faults.add(why, place, name=name)


def _check_columns(
    table: DecisionTable, columns: tuple[Output, ...], place: Place, faults: Faults
) -> None:
    if table.policy in _ORDERED and all(one.ranks is None for one in columns):
        faults.add(Why.NO_ORDER, place)
    if not _can_total(table.aggregation, columns[0].kind):
        faults.add(Why.AGGREGATES_KIND, place, kind=str(columns[0].kind))


def _can_total(aggregation: Aggregation, kind: Kind) -> bool:
    if aggregation is Aggregation.SUM:
        return kind in NUMERIC
    return aggregation not in _TOTALS or kind not in _UNORDERED
